// AWS's X-Ray SDK for Node.js: a segment and a call in it that fails.
const xray = require("aws-xray-sdk-core");
const [name, order] = process.argv.slice(2);
xray.enableManualMode();
const segment = new xray.Segment(name);
segment.addAnnotation("orderId", order);
const call = segment.addNewSubsegment("DynamoDB");
call.namespace = "aws";
call.addAttribute("aws", { operation: "PutItem", table_name: "orders" });
call.close(new Error("too slow"));
segment.close();
// The datagram is on its way when the socket has said so.
setTimeout(() => process.exit(0), 500);
