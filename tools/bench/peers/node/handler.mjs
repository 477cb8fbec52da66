// The validator's job with the AWS SDK and Powertools, as their documentation shows it.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Ajv } from "ajv";

const { ORDERS_QUEUE_URL, ENVIRONMENT } = process.env;
const logger = new Logger();
const metrics = new Metrics({ defaultDimensions: { Environment: ENVIRONMENT } });
const tracer = new Tracer({ captureHTTPsRequests: false });
const queue = tracer.captureAWSv3Client(new SQSClient({}));

// Every property is required; here API Gateway's model leaves that to the function, which can name the field.
function complete(schema) {
  if (schema.properties) {
    schema.required = Object.keys(schema.properties);
    Object.values(schema.properties).forEach(complete);
  }
  if (schema.items) complete(schema.items);
  return schema;
}

const schema = complete(JSON.parse(readFileSync(new URL("order.schema.json", import.meta.url))));
delete schema.$schema; // Of what draft 4 says differently it uses nothing.
const isOrder = new Ajv({ multipleOfPrecision: 6 }).compile(schema);

// A step is a subsegment, and its duration a metric.
async function step(name, run) {
  const parent = tracer.getSegment();
  const segment = parent?.addNewSubsegment(`### ${name}`);
  if (segment) tracer.setSegment(segment);
  const begin = performance.now();
  try {
    return await run();
  } catch (error) {
    tracer.addErrorAsMetadata(error);
    throw error;
  } finally {
    metrics.addMetric(`${name}Duration`, MetricUnit.Milliseconds, performance.now() - begin);
    segment?.close();
    if (parent) tracer.setSegment(parent);
  }
}

class Refused extends Error {}

function answer(statusCode, body) {
  return { statusCode, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

async function accept(event, orderId) {
  const order = await step("Parse", () => JSON.parse(event.body));
  await step("Validate", () => {
    if (!isOrder(order)) throw new Refused();
  });
  await step("Enqueue", () => {
    const message = { orderId, acceptedAt: new Date().toISOString(), order };
    return queue.send(new SendMessageCommand({ QueueUrl: ORDERS_QUEUE_URL, MessageBody: JSON.stringify(message) }));
  });
}

export async function handle(event, context) {
  const segment = tracer.getSegment();
  const handler = segment?.addNewSubsegment(`## ${process.env._HANDLER}`);
  if (handler) tracer.setSegment(handler);
  tracer.annotateColdStart();
  tracer.addServiceNameAnnotation();
  logger.addContext(context);
  const orderId = randomUUID();
  logger.appendKeys({ orderId });
  tracer.putAnnotation("orderId", orderId);
  try {
    await accept(event, orderId);
    metrics.addMetric("OrdersAccepted", MetricUnit.Count, 1);
    logger.info("order accepted", { outcome: "accepted" });
    return answer(202, { message: "Order accepted for processing", orderId });
  } catch (error) {
    if (!(error instanceof Refused || error instanceof SyntaxError)) throw error;
    metrics.addMetric("OrdersRejected", MetricUnit.Count, 1);
    logger.warn("order refused", { errorClass: error.constructor.name });
    return answer(400, { message: "Invalid order" });
  } finally {
    metrics.publishStoredMetrics();
    handler?.close();
    if (segment) tracer.setSegment(segment);
  }
}
