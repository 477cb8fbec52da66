use proptest::prelude::*;

use super::*;

/// Every query of AWS's pages on the language whose commands are here, as they are printed there.
const AWS: &[&str] = &[
    "fields @timestamp, @message | sort @timestamp desc | limit 25",
    "filter @message like /Exception/\n    | stats count(*) as exceptionCount by bin(1h)\n    | sort exceptionCount desc\n",
    "fields @message | filter @message not like /Exception/",
    "fields @timestamp, server, severity, message\n| sort @timestamp asc\n| dedup server",
    "fields @timestamp, server, severity, message\n| sort @timestamp desc\n| dedup server, severity",
    "filter @type = \"REPORT\"\n    | stats max(@memorySize / 1000 / 1000) as provisonedMemoryMB,\n        min(@maxMemoryUsed / 1000 / 1000) as smallestMemoryRequestMB,\n        avg(@maxMemoryUsed / 1000 / 1000) as avgMemoryUsedMB,\n        max(@maxMemoryUsed / 1000 / 1000) as maxMemoryUsedMB,\n        provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB\n",
    "filter @type = \"REPORT\" |\n    stats avg(@duration), max(@duration), min(@duration) by bin(5m)",
    "fields @timestamp, @requestId, @message, @logStream\n| filter @type = \"REPORT\" and @duration > 1000\n| sort @timestamp desc\n| dedup @requestId\n| limit 20",
    "stats sum(packets) as packetsTransferred by srcAddr, dstAddr\n    | sort packetsTransferred  desc\n    | limit 15",
    "filter isIpv4InSubnet(srcAddr, \"192.0.2.0/24\")\n    | stats sum(bytes) as bytesTransferred by dstAddr\n    | sort bytesTransferred desc\n    | limit 15\n\n\n",
    "filter protocol=17 | stats count(*) by srcAddr",
    "filter logStatus=\"SKIPDATA\"\n    | stats count(*) by bin(1h) as t\n    | sort t\n",
    "fields @timestamp, srcAddr, dstAddr, srcPort, dstPort, protocol, bytes\n| filter logStream = 'vpc-flow-logs' and interfaceId = 'eni-0123456789abcdef0'\n| sort @timestamp desc\n| dedup srcAddr, dstAddr, srcPort, dstPort, protocol\n| limit 20",
    "stats count(*) by queryType, bin(1h)",
    "stats values(status) as statuses by service",
    "filter (eventName=\"StartInstances\" or eventName=\"StopInstances\") and awsRegion=\"us-east-2\"\n",
    "filter eventName=\"CreateUser\"\n    | fields awsRegion, requestParameters.userName, responseElements.user.arn\n",
    "filter eventName=\"UpdateTrail\" and ispresent(errorCode)\n    | stats count(*) by errorCode, errorMessage\n",
    "filter tlsDetails.tlsVersion in [ \"TLSv1\", \"TLSv1.1\" ]\n| stats count(*) as numOutdatedTlsCalls by userIdentity.accountId, recipientAccountId, eventSource, eventName, awsRegion, tlsDetails.tlsVersion, tlsDetails.cipherSuite, userAgent\n| sort eventSource, eventName, awsRegion, tlsDetails.tlsVersion\n",
    "fields @timestamp, status, ip, path, httpMethod\n| filter status>=400 and status<=499\n| sort @timestamp desc\n| limit 10",
    "filter status=200\n| stats avg(integrationLatency), max(integrationLatency),\nmin(integrationLatency) by bin(1m)",
    "filter (dstAddr like 'x.x.x.x' and srcAddr like 'y.y.') or (srcAddr like 'xxx.xx.xx.xx' and dstAddr like 'y.y.')\n| stats sum(bytes) as bytesTransferred by srcAddr, dstAddr\n| sort bytesTransferred desc\n| limit 10\n",
    "fields @timestamp, @message\n| stats count(*) as numberOfEvents by `detail-type`\n| sort numberOfEvents desc",
    "filter @`aws.tag.aws:cloudformation:stack-name` = \"my-stack\"",
    "parse @message \"user=*, method:*, latency := *\" as @user,\n    @method, @latency | stats avg(@latency) by @method,\n    @user",
    "parse @message /user=(?<user2>.*?), method:(?<method2>.*?),\n    latency := (?<latency2>.*?)/ | stats avg(latency2) by @method2,\n    @user2",
    "FIELDS @message\n    | PARSE @message \"* [*] *\" as loggingTime, loggingType, loggingMessage\n    | FILTER loggingType IN [\"ERROR\", \"INFO\"]\n    | DISPLAY loggingMessage, loggingType = \"ERROR\" as isError",
    "fields @message\n| parse @message \"[*] *\" as loggingType, loggingMessage\n| filter loggingType = \"ERROR\"\n| display loggingMessage",
    "parse @message \"'fieldsA': '*', 'fieldsB': ['*']\" as fld, array",
    "parse @message /(?<NetworkInterface>eni-.*?) / | display NetworkInterface, @message",
    "fields @timestamp, @message\n| filter (range>3000 and accountId=123456789012)\n| sort @timestamp desc\n| limit 20",
    "fields @timestamp, @message\n| filter logGroup in [\"example_group\"]",
    "fields f1, f2, f3\n| filter f1 =~ /Exception/",
    "fields f1, f2, f3\n| filter f1 not like \"Exception\"",
    "fields f1, f2, f3\n| filter f1 like /(?i)Exception/",
    "FIELDS strlen(@message) AS message_length\n| STATS sum(message_length)/1024/1024 as logs_mb BY bin(5m)\n| STATS max(logs_mb) AS peak_ingest_mb,\n        min(logs_mb) AS min_ingest_mb,\n        avg(logs_mb) AS avg_ingest_mb",
    "STATS countDistinct(client_ip) AS session_ips,\n      count(*) AS requests BY session_id, client_platform\n| FILTER session_ips > 1\n| STATS count(*) AS multiple_ip_sessions,\n        sum(requests) / count(*) AS avg_session_requests BY client_platform",
    "FIELDS strlen(@message) AS message_length\n| STATS sum(message_length) / 1024 / 1024 AS logs_mb BY BIN(5m) as @t\n| STATS max(logs_mb) AS peak_ingest_mb,\n        min(logs_mb) AS min_ingest_mb,\n        avg(logs_mb) AS avg_ingest_mb BY dateceil(@t, 10m)",
    "FIELDS strlen(@message) AS message_length\n | STATS sum(message_length) AS ingested_bytes, max(@timestamp) as @t BY @logStream\n | STATS avg(ingested_bytes) BY dateceil(@t, 5m)",
    "STATS sum(x) as sum_x by y, z\n| STATS max(sum_x) as max_x by z\n# You can only reference `max(sum_x)`, max_x or z at this point\n",
    "fields jsonParse(@message) as json_message\n| filter json_message.users[1].action = \"PutData\"",
    "fields jsonParse(@message) as json_message\n| filter json_message.`user.id` = \"123\"",
    "fields jsonParse(@message) as json_message \n| unnest json_message.events into event\n| display event.name",
    "fields jsonParse(trimmedData) as accounts \n| unnest accounts into account \n| stats sum(account.droppedSpans) as n by account.accountId \n| sort n desc \n| limit 10",
    "fields @timestamp, @message \n| filter @message like /(?i)(error|failure)/\n| filter toMillis(@timestamp) >= (now() * 1000 - 18000000)",
    "SOURCE logGroups(namePrefix: ['Query']) | fields @message | limit 5",
    "SOURCE logGroups() | fields @message",
    "filter requestParameters.instancesSet.items.0.instanceId=\"i-abcde123\"",
    "fields @timestamp, @message | limit any 20",
];

#[test]
fn the_queries_of_aws_pages_are_read() {
    for query in AWS {
        if let Err(error) = query.parse::<Query>() {
            panic!("{error}\n{query}");
        }
    }
}

/// What is wrong, and the text that is marked.
fn malformed(query: &str) -> (String, String) {
    match query.parse::<Query>() {
        Ok(parsed) => panic!("{query} is read as {parsed:?}"),
        Err(error) => {
            (error.message, query.chars().skip(error.start).take(error.end - error.start).collect::<String>())
        }
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (query, message, marked) in [
        ("", "a command is expected", ""),
        ("fields @timestamp |", "a command is expected", ""),
        ("field @timestamp", "\"field\" is no command", "field"),
        ("fields a b", "| or the query's end is expected", "b"),
        ("fields a | count(*)", "\"count\" is no command", "count"),
        ("filter", "a field, a value or a function is expected", ""),
        ("filter a = ", "a field, a value or a function is expected", ""),
        ("filter a = 'x", "not closed", "'x"),
        ("filter a like /x", "not closed", "/"),
        ("filter a like /[/", "can't be used", "/[/"),
        ("filter a like b", "a text or a regular expression is expected", "b"),
        ("filter (a = 1", ") is expected", ""),
        ("filter a in 1", "a list such as", "1"),
        ("filter count(a) > 1", "is an aggregation", "count"),
        ("filter nope(a)", "nope is no function", "nope"),
        ("filter strlen()", "takes 1 argument, not 0", ""),
        ("stats topk(3, a)", "topk is not supported here", "topk"),
        ("pattern @message", "pattern is not supported here", "pattern"),
        ("stats count(*) by bin(5x)", "a period is a number and a unit", "5x"),
        ("stats count(*) by bin(a)", "a period is expected", "a"),
        ("stats pct(a, 101)", "a percentile is from 0 to 100", "101"),
        ("stats pct(a)", "a comma and the percentile", ")"),
        ("stats a", "a must be in an aggregation", "a"),
        ("stats count(*), count(*)", "is a result already", "count(*)"),
        ("stats sum(count(a))", "is an aggregation", "count"),
        ("limit 0", "a limit is from 1", "0"),
        ("limit 100001", "a limit is from 1", "100001"),
        ("limit 1.5", "a limit is from 1", "1.5"),
        ("sort a | stats count(*)", "sort and limit must come after", "stats"),
        ("dedup a | fields a", "after dedup only limit", "fields"),
        ("fields a as b | fields c as b", "b is defined or shown before", "c as b"),
        ("fields a, b | fields c as a", "a is defined or shown before", "c as a"),
        ("parse @message 'a=*, b=*' as a", "has 2 * and 1 names", "'a=*, b=*' as a"),
        ("parse @message /(\\d+)/", "names no group", "/(\\d+)/"),
        ("parse @message '*'", "as and a name for each *", ""),
        ("fields parseDate(a, 'yyyy-ww')", "\"ww\" of \"yyyy-ww\" is not supported", "'yyyy-ww'"),
        ("fields formatDate(a, '%Y', 'Nowhere')", "is no time zone", "'Nowhere'"),
        ("filter isIpInSubnet(a, '1.2.3')", "is no subnet", "'1.2.3'"),
        ("fields regexReplace(a, '(', '')", "can't be used", "'('"),
        ("fields a\n| filter b ! c", "unexpected character", "!"),
        ("fields a | SOURCE 'g'", "SOURCE comes before", "SOURCE"),
        ("SOURCE 'g'", "| and a command is expected", ""),
        ("SOURCE dataSource(['x']) | fields a", "a log group in quotes or logGroups", "dataSource"),
    ] {
        let (found, at) = malformed(query);
        assert!(found.contains(message), "{query}: {found}");
        if !marked.is_empty() {
            assert_eq!(at, marked, "{query}: {found}");
        }
    }
}

/// The invalid examples of AWS's page on `stats`.
#[test]
fn after_stats_there_are_only_its_results() {
    let (message, at) = malformed(
        "FIELDS @message\n| STATS SUM(Fault) by Operation\n# comment\n| STATS MAX(strlen(@message)) AS MaxMessageSize # Invalid",
    );
    assert!(message.contains("@message is not among the results"), "{message}");
    assert_eq!(at, "@message");
    let (message, _) = malformed(
        "FIELDS strlen(@message) AS message_length\n | STATS sum(message_length) AS ingested_bytes BY @logStream\n | STATS avg(ingested_bytes) BY bin(5m)",
    );
    assert!(message.contains("bin goes by @timestamp"), "{message}");
    malformed("stats count(*) by a | sort b");
    malformed("stats count(*) by a | filter b = 1");
    for fine in [
        "stats count(*) by a | sort count(*) desc",
        "stats count(*) by a | sort `count(*)`",
        "stats max(b) as c by a | filter c > 1",
    ] {
        fine.parse::<Query>().unwrap();
    }
}

#[test]
fn lines_and_columns_are_counted_from_one() {
    let error = "fields a\n| filter ünïx §".parse::<Query>().unwrap_err();
    assert_eq!((error.line, error.column), (2, 10), "{error}");
    let error = "fields a\n| nope".parse::<Query>().unwrap_err();
    assert_eq!((error.start, error.end, error.line, error.column), (11, 15, 2, 3));
    assert_eq!(error.to_string(), "\"nope\" is no command (line 2, column 3)");
}

#[test]
fn deep_nesting_is_refused_before_the_stack_ends() {
    for deep in ["(".repeat(5000), "-".repeat(5000), "not ".repeat(2500), "abs(".repeat(2500)] {
        let (message, _) = malformed(&format!("filter {deep}a"));
        assert!(message.contains("nested too deeply"), "{message}");
    }
    // As long as CloudWatch Logs takes it, a flat one is fine.
    let flat = vec!["a=1"; 1200].join(" or ");
    format!("filter {flat}").parse::<Query>().unwrap();
}

#[test]
fn sources_are_told() {
    let query: Query = "SOURCE '/a' | SOURCE '/b' | fields @message".parse().unwrap();
    assert_eq!(query.sources(), [Source::Group("/a".into()), Source::Group("/b".into())]);
    let query: Query = "source logGroups(namePrefix: ['p1', 'p2']) | fields a".parse().unwrap();
    assert_eq!(query.sources(), [Source::Prefixes(vec!["p1".into(), "p2".into()])]);
}

proptest! {
    #[test]
    fn no_text_ends_the_process(text in "\\PC{0,60}") {
        let _answer = text.parse::<Query>();
    }

    #[test]
    fn no_mixture_of_its_words_ends_the_process(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "fields", "filter", "stats", "sort", "limit", "dedup", "parse", "by", "as", "|", ",", "(", ")", "[", "]",
                "/", "'a*'", "\"b\"", "@message", "a.b", "`c-d`", "5m", "1.5", "*", "count", "count(*)", "bin(5m)", "=",
                "!=", "like", "in", "not", "and", "or", "-", "^", "/x/", "desc", "jsonParse(a)", "a[1].b",
            ]),
            0..25,
        )
    ) {
        if let Ok(query) = words.join(" ").parse::<Query>() {
            let message = r#"{"a": {"b": 1}, "list": [1, 2], "text": "x"}"#;
            let event = crate::Event { timestamp: 5, ingestion_time: 5, message, stream: "s", log: "1:/aws/lambda/f", pointer: "p" };
            let _results = query.run([event, event], crate::Window { start: 0, end: 10, now: 10 }, None);
        }
    }
}
