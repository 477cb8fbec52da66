// aws-embedded-metrics: a metric with a dimension, as a log line.
const { createMetricsLogger, Unit, Configuration } = require("aws-embedded-metrics");
const [name, order] = process.argv.slice(2);
Configuration.namespace = "clients";
(async () => {
  const metrics = createMetricsLogger();
  metrics.setDimensions({ service: name });
  metrics.putMetric("OrdersStored", 1, Unit.Count);
  metrics.setProperty("orderId", order);
  await metrics.flush();
})();
