// AWS's OTLP exporter for the X-Ray daemon's socket: a served request and a call in it that fails.
const { SpanKind, SpanStatusCode, trace } = require("@opentelemetry/api");
const { AwsXrayUdpSpanExporter } = require("@aws/aws-distro-opentelemetry-exporter-xray-udp");
const { BasicTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { Resource } = require("@opentelemetry/resources");
const [name, order] = process.argv.slice(2);
// It takes one address, as Lambda tells it.
const udp = process.env.AWS_XRAY_DAEMON_ADDRESS.split(" ").find((word) => word.startsWith("udp:")).slice(4);
const provider = new BasicTracerProvider({
  resource: new Resource({ "service.name": name }),
  spanProcessors: [new SimpleSpanProcessor(new AwsXrayUdpSpanExporter(udp))],
});
const tracer = provider.getTracer("clients");
const served = tracer.startSpan(name, {
  kind: SpanKind.SERVER,
  attributes: { orderId: order, "aws.xray.annotations": ["orderId"] },
});
const within = trace.setSpan(require("@opentelemetry/api").ROOT_CONTEXT, served);
const call = tracer.startSpan(
  "PutItem",
  {
    kind: SpanKind.CLIENT,
    attributes: { "rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": "PutItem", "aws.table.name": "orders" },
  },
  within,
);
call.recordException(new Error("too slow"));
call.setStatus({ code: SpanStatusCode.ERROR });
call.end();
served.end();
setTimeout(() => process.exit(0), 500);
