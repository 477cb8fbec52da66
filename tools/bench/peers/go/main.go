// The validator's job with aws-sdk-go-v2 and AWS's X-Ray SDK.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-xray-sdk-go/instrumentation/awsv2"
	"github.com/aws/aws-xray-sdk-go/xray"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The build copies the project's own schema here.
//
//go:embed order.schema.json
var schemaText []byte

type function struct {
	queue    *sqs.Client
	queueURL string
	schema   *jsonschema.Schema
	logger   *slog.Logger
}

// complete makes every property required; here API Gateway's model leaves that to the function, which can name the field.
func complete(schema map[string]any) {
	if properties, ok := schema["properties"].(map[string]any); ok {
		required := make([]any, 0, len(properties))
		for name, inner := range properties {
			required = append(required, name)
			complete(inner.(map[string]any))
		}
		schema["required"] = required
	}
	if items, ok := schema["items"].(map[string]any); ok {
		complete(items)
	}
}

var codePoint = regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)

// compilePattern takes JSON Schema's patterns, which are ECMAScript's: Go writes their code points in another way.
func compilePattern(pattern string) (jsonschema.Regexp, error) {
	return regexp.Compile(codePoint.ReplaceAllString(pattern, `\x{$1}`))
}

func newFunction(ctx context.Context) (*function, error) {
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	awsv2.AWSV2Instrumentor(&aws.APIOptions)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, err
	}
	complete(document.(map[string]any))
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(compilePattern)
	if err := compiler.AddResource("order.json", document); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile("order.json")
	if err != nil {
		return nil, err
	}
	logger := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("service", os.Getenv("SERVICE_NAME"))
	return &function{sqs.NewFromConfig(aws), os.Getenv("ORDERS_QUEUE_URL"), schema, logger}, nil
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// emit writes one EMF record.
func emit(count, requestID, orderID string, durations map[string]float64) error {
	metrics := []map[string]string{{"Name": count, "Unit": "Count"}}
	record := map[string]any{
		"Service": os.Getenv("SERVICE_NAME"), "Environment": os.Getenv("ENVIRONMENT"),
		"requestId": requestID, "orderId": orderID, count: 1,
	}
	for name, ms := range durations {
		metrics = append(metrics, map[string]string{"Name": name, "Unit": "Milliseconds"})
		record[name] = ms
	}
	record["_aws"] = map[string]any{
		"Timestamp": time.Now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": os.Getenv("PROJECT_NAME"), "Dimensions": [][]string{{"Service", "Environment"}}, "Metrics": metrics,
		}},
	}
	return json.NewEncoder(os.Stdout).Encode(record)
}

var errRefused = errors.New("refused")

func (f *function) accept(ctx context.Context, body, orderID string, durations map[string]float64) error {
	step := func(name string, run func(context.Context) error) error {
		begin := time.Now()
		defer func() { durations[name+"Duration"] = float64(time.Since(begin).Microseconds()) / 1000 }()
		return xray.Capture(ctx, name, run)
	}
	var order any
	if err := step("Parse", func(context.Context) (err error) {
		if order, err = jsonschema.UnmarshalJSON(bytes.NewReader([]byte(body))); err != nil {
			return errRefused
		}
		return nil
	}); err != nil {
		return err
	}
	if err := step("Validate", func(context.Context) error {
		if f.schema.Validate(order) != nil {
			return errRefused
		}
		return nil
	}); err != nil {
		return err
	}
	return step("Enqueue", func(ctx context.Context) error {
		message, err := json.Marshal(map[string]any{
			"orderId": orderID, "acceptedAt": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "order": json.RawMessage(body),
		})
		if err != nil {
			return err
		}
		_, err = f.queue.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &f.queueURL, MessageBody: aws.String(string(message))})
		return err
	})
}

func answer(status int, body any) events.APIGatewayProxyResponse {
	text, _ := json.Marshal(body)
	return events.APIGatewayProxyResponse{
		StatusCode: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: string(text),
	}
}

func (f *function) handle(ctx context.Context, event events.APIGatewayProxyRequest) (response events.APIGatewayProxyResponse, err error) {
	orderID, durations := newID(), map[string]float64{}
	requestID := ""
	if lambda, ok := lambdacontext.FromContext(ctx); ok {
		requestID = lambda.AwsRequestID
	}
	logger := f.logger.With("requestId", requestID, "orderId", orderID, "traceId", xray.TraceID(ctx))
	err = xray.Capture(ctx, "handler", func(ctx context.Context) error {
		if err := xray.AddAnnotation(ctx, "orderId", orderID); err != nil {
			return err
		}
		switch err := f.accept(ctx, event.Body, orderID, durations); {
		case errors.Is(err, errRefused):
			logger.Warn("order refused", "errorClass", "Refused")
			response = answer(400, map[string]string{"message": "Invalid order"})
			return emit("OrdersRejected", requestID, orderID, durations)
		case err != nil:
			return err
		}
		logger.Info("order accepted", "outcome", "accepted")
		response = answer(202, map[string]string{"message": "Order accepted for processing", "orderId": orderID})
		return emit("OrdersAccepted", requestID, orderID, durations)
	})
	return response, err
}

func main() {
	f, err := newFunction(context.Background())
	if err != nil {
		slog.Error("can't start", "error", err)
		os.Exit(1)
	}
	lambda.Start(f.handle)
}
