use super::*;

fn call(dashboards: &mut Dashboards, operation: &str, input: Value) -> Result<Value, ApiError> {
    dashboards.run(operation, &input, 1_767_571_200).expect("an operation").map(|output| output.to_json())
}

fn put(body: &Value) -> Result<Value, ApiError> {
    call(&mut Dashboards::new("1"), "PutDashboard", json!({"DashboardName": "d", "DashboardBody": body.to_string()}))
}

fn widget(properties: Value) -> Value {
    json!({"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 6, "height": 6, "properties": properties}]})
}

#[test]
fn what_is_put_is_told_listed_and_deleted() {
    let mut dashboards = Dashboards::new("123456789012");
    let body = widget(json!({"metrics": [["AWS/SQS", "NumberOfMessagesSent"]], "region": "us-east-1"})).to_string();
    for name in ["orders", "orders-slo", "other"] {
        let answer = call(&mut dashboards, "PutDashboard", json!({"DashboardName": name, "DashboardBody": body}));
        assert_eq!(answer.unwrap(), json!({"DashboardValidationMessages": []}));
    }
    let found = call(&mut dashboards, "GetDashboard", json!({"DashboardName": "orders"})).unwrap();
    assert_eq!(found["DashboardBody"], json!(body));
    assert_eq!(found["DashboardArn"], "arn:aws:cloudwatch::123456789012:dashboard/orders");
    let listed = call(&mut dashboards, "ListDashboards", json!({"DashboardNamePrefix": "orders"})).unwrap();
    assert_eq!(listed["DashboardEntries"].as_array().unwrap().len(), 2);
    assert_eq!(listed["DashboardEntries"][0]["Size"], body.len());
    let both = json!({"DashboardNames": ["orders", "nope"]});
    assert_eq!(call(&mut dashboards, "DeleteDashboards", both).unwrap_err().query_code, "ResourceNotFound");
    call(&mut dashboards, "DeleteDashboards", json!({"DashboardNames": ["orders"]})).unwrap();
    assert!(call(&mut dashboards, "GetDashboard", json!({"DashboardName": "orders"})).is_err());
}

#[test]
fn what_is_wrong_with_a_body_is_told_with_its_place() {
    let metrics = |entry: Value| widget(json!({"region": "r", "metrics": [entry]}));
    for (path, message, body) in [
        ("/", "valid JSON object", json!([])),
        ("/widgets", "Should be array", json!({"widgets": {}})),
        ("/widgets/0", "required property 'type'", json!({"widgets": [{}]})),
        ("/widgets/0", "required property 'properties'", json!({"widgets": [{"type": "text"}]})),
        ("/widgets/0/type", "allowed values", json!({"widgets": [{"type": "chart", "properties": {}}]})),
        (
            "/widgets/0/width",
            "<= 24",
            json!({"widgets": [{"type": "text", "width": 25, "properties": {"markdown": ""}}]}),
        ),
        ("/widgets/0/properties", "'markdown'", json!({"widgets": [{"type": "text", "properties": {}}]})),
        ("/widgets/0/properties", "'query'", json!({"widgets": [{"type": "log", "properties": {"region": "r"}}]})),
        ("/widgets/0/properties", "'alarms'", json!({"widgets": [{"type": "alarm", "properties": {}}]})),
        ("/widgets/0/properties", "'region'", widget(json!({"metrics": [["n", "m"]]}))),
        ("/widgets/0/properties/view", "allowed values", widget(json!({"region": "r", "metrics": [], "view": "cake"}))),
        ("/widgets/0/properties/metrics/0", "fewer than 2", metrics(json!(["n"]))),
        ("/widgets/0/properties/metrics/0", "a name and a value", metrics(json!(["n", "m", "d"]))),
        ("/widgets/0/properties/metrics/0/1", "Should be string", metrics(json!(["n", 5]))),
        ("/widgets/0/properties/metrics/0/2/yAxis", "allowed values", metrics(json!(["n", "m", {"yAxis": "top"}]))),
    ] {
        let error = put(&body).unwrap_err();
        assert_eq!((error.status, error.query_code), (400, "InvalidParameterInput"));
        let [(_, messages)] = error.members.as_slice() else { panic!("{error}") };
        let first = &messages.to_json()[0];
        assert_eq!(first["DataPath"], path, "{body}");
        assert!(first["Message"].as_str().unwrap().contains(message), "{first}");
    }
    assert!(
        put(&json!({})).unwrap()["DashboardValidationMessages"][0]["Message"].as_str().unwrap().contains("no widgets")
    );
    let name = json!({"DashboardName": "a b", "DashboardBody": "{}"});
    assert!(call(&mut Dashboards::new("1"), "PutDashboard", name).unwrap_err().message.contains("invalid characters"));
}
