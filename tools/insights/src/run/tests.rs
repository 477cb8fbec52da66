use super::*;

const WINDOW: Window = Window { start: 0, end: 10_000_000, now: 10_000_000 };

fn ask_of(query: &str, lines: &[(i64, &str)]) -> Results {
    let query: Query = query.parse().unwrap_or_else(|error| panic!("{query}: {error}"));
    let events = lines.iter().map(|(timestamp, message)| Event {
        timestamp: *timestamp,
        ingestion_time: timestamp + 1,
        message,
        stream: "s",
        log: "123456789012:/aws/lambda/f",
        pointer: "p",
    });
    query.run(events, WINDOW, None)
}

/// Rows as `field=value` with `@ptr` left out.
fn ask(query: &str, lines: &[(i64, &str)]) -> Vec<String> {
    let text = |row: &Vec<Cell>| {
        let cells = row.iter().filter(|cell| cell.field != "@ptr");
        cells.map(|cell| format!("{}={}", cell.field, cell.value)).collect::<Vec<_>>().join(" ")
    };
    ask_of(query, lines).rows.iter().map(text).collect()
}

const LINES: &[(i64, &str)] = &[
    (1000, r#"{"step": "parse", "ms": 1.5, "id": "a", "level": "INFO"}"#),
    (2000, r#"{"step": "store", "ms": 9, "id": "a", "level": "ERROR", "error": "late"}"#),
    (3000, r#"{"step": "store", "ms": 3, "id": "b", "level": "ERROR", "error": "lost"}"#),
    (3000, r#"{"step": "parse", "ms": 2, "id": "b", "level": "INFO"}"#),
    (4000, "START RequestId: 0b7b0a5c-1c39-4f0d-9d6b-1f5c0f3b7a11 Version: $LATEST"),
];

#[test]
fn without_commands_on_fields_there_are_the_moment_and_the_message() {
    let results = ask_of("limit 1", LINES);
    assert_eq!(results.columns, ["@timestamp", "@message", "@ptr"]);
    assert_eq!(results.rows[0][0].value, "1970-01-01 00:00:04.000");
    assert!(results.rows[0][1].value.starts_with("START"));
    assert_eq!((results.records_scanned, results.records_matched), (5, 5));
}

#[test]
fn what_an_event_has_not_is_not_in_its_row() {
    assert_eq!(
        ask("fields step, error | filter ispresent(step) | sort @timestamp asc | limit 2", LINES),
        ["step=parse", "step=store error=late"]
    );
}

#[test]
fn fields_add_up_and_display_is_the_last_word() {
    assert_eq!(
        ask("fields step | fields ms | filter id = 'a' | sort ms", LINES),
        ["step=parse ms=1.5", "step=store ms=9"]
    );
    assert_eq!(ask("fields step | display id, ms * 2 as double | display ms | filter ms = 9", LINES), ["ms=9"]);
}

/// What the emulators get wrong: all lines instead of groups.
#[test]
fn stats_counts_by_group() {
    let rows = ask("filter ispresent(step) | stats count(*) by step | sort step", LINES);
    assert_eq!(rows, ["step=parse count(*)=2", "step=store count(*)=2"]);
    assert_eq!(ask("filter step = 'none' | stats count(*) as n, sum(ms) as total", LINES), ["n=0"]);
    assert!(ask("filter step = 'none' | stats count(*) by step", LINES).is_empty());
}

#[test]
fn every_aggregation_answers() {
    let rows = ask(
        "filter ispresent(ms) | stats count(error) as c, count_distinct(id) as d, sum(ms) as s, avg(ms) as a, min(ms) as lo, max(ms) as hi, \
         pct(ms, 50) as p50, pct(ms, 100) as p100, stddev(ms) as sd, variance(ms) as v, earliest(step) as e, latest(error) as l, \
         sortsFirst(step) as sf, sortsLast(step) as sl, values(id) as ids",
        LINES,
    );
    // 1.5, 2, 3, 9: mean 3.875, variance 9.046875.
    assert_eq!(
        rows,
        [
            "c=2 d=2 s=15.5 a=3.875 lo=1.5 hi=9 p50=2 p100=9 sd=3.0078 v=9.0469 e=parse l=lost sf=parse sl=store ids=[\"a\",\"b\"]"
        ]
    );
}

#[test]
fn aggregations_may_be_part_of_expressions_and_use_each_other() {
    assert_eq!(
        ask(
            "filter ispresent(ms) | stats sum(ms) as total, count(*) as n, total / n as mean, max(ms * 2) - 1 as m",
            LINES
        ),
        ["total=15.5 n=4 mean=3.875 m=17"]
    );
}

#[test]
fn bins_are_moments() {
    assert_eq!(
        ask("filter ispresent(ms) | stats count(*) as n by bin(2s) | sort bin(2s)", LINES),
        ["bin(2s)=1970-01-01 00:00:00.000 n=1", "bin(2s)=1970-01-01 00:00:02.000 n=3"]
    );
}

/// AWS's example: five-minute blocks in ten-minute blocks.
#[test]
fn a_second_stats_goes_on_with_the_results_of_the_first() {
    let minute = 60_000;
    let lines: Vec<_> = (0..20).map(|n| (n * minute, "12345")).collect();
    let rows = ask(
        "FIELDS strlen(@message) AS message_length | STATS sum(message_length) AS bytes BY BIN(5m) as @t \
         | STATS max(bytes) AS peak, avg(bytes) AS mean BY dateceil(@t, 10m) | sort `dateceil(@t, 10m)`",
        &lines,
    );
    assert_eq!(
        rows,
        [
            "dateceil(@t, 10m)=1970-01-01 00:00:00.000 peak=25 mean=25",
            "dateceil(@t, 10m)=1970-01-01 00:10:00.000 peak=25 mean=25",
            "dateceil(@t, 10m)=1970-01-01 00:20:00.000 peak=25 mean=25",
        ]
    );
}

#[test]
fn sort_has_several_keys_and_ties_keep_the_order_of_writing() {
    assert_eq!(
        ask("fields id, ms | filter ispresent(ms) | sort id desc, ms asc", LINES),
        ["id=b ms=2", "id=b ms=3", "id=a ms=1.5", "id=a ms=9"]
    );
    assert_eq!(ask("fields ms | filter @timestamp = 3000 | sort @timestamp asc", LINES), ["ms=3", "ms=2"]);
    assert_eq!(ask("fields ms | filter @timestamp = 3000 | sort @timestamp desc", LINES), ["ms=2", "ms=3"]);
    assert_eq!(ask("fields ms | filter @timestamp = 3000", LINES), ["ms=2", "ms=3"]);
}

#[test]
fn dedup_keeps_the_first_and_all_that_is_missing() {
    assert_eq!(ask("fields ms | sort @timestamp asc | dedup step", LINES), ["ms=1.5", "ms=9", ""]);
    assert_eq!(ask("fields ms | filter ispresent(ms) | dedup step, id", LINES), ["ms=2", "ms=3", "ms=9", "ms=1.5"]);
}

/// AWS's example.
#[test]
fn parse_takes_a_text_apart_with_stars() {
    let lines = [(1, "10:00 [ERROR] it broke"), (2, "10:01 [INFO] it works"), (3, "10:02 [DEBUG] hm")];
    let query = "FIELDS @message | PARSE @message \"* [*] *\" as loggingTime, loggingType, loggingMessage \
                 | FILTER loggingType IN [\"ERROR\", \"INFO\"] | DISPLAY loggingMessage, loggingType = \"ERROR\" as isError";
    assert_eq!(ask(query, &lines), ["loggingMessage=it works isError=0", "loggingMessage=it broke isError=1"]);
    let lines = [(1, "user=ann, method:GET, latency := 10"), (2, "user=ann, method:GET, latency := 20"), (3, "other")];
    let query = "parse @message \"user=*, method:*, latency := *\" as @user, @method, @latency | stats avg(@latency) by @method, @user";
    assert!(ask(query, &lines).contains(&"@method=GET @user=ann avg(@latency)=15".into()), "{:?}", ask(query, &lines));
}

#[test]
fn parse_takes_groups_of_an_expression_by_name_or_in_order() {
    let lines = [(1, "2 eni-0a1b ACCEPT"), (2, "no interface")];
    assert_eq!(
        ask(
            "parse @message /(?<NetworkInterface>eni-.*?) / | display NetworkInterface | filter ispresent(NetworkInterface)",
            &lines
        ),
        ["NetworkInterface=eni-0a1b"]
    );
    assert_eq!(
        ask("parse /(\\d) (\\S+)/ as version, eni | display version, eni | sort @timestamp asc | limit 1", &lines),
        ["version=2 eni=eni-0a1b"]
    );
}

/// AWS's examples on structures.
#[test]
fn structures_are_walked_and_unnested() {
    let lines = [(
        1,
        r#"{"users": [{"action": "GetData"}, {"action": "PutData"}], "user.id": 123, "events": [{"name": "exception"}, {"name": "user action"}]}"#,
    )];
    let parsed = "fields jsonParse(@message) as json_message";
    assert_eq!(
        ask(
            &format!(
                "{parsed} | filter json_message.users[1].action = \"PutData\" | display json_message.users[0].action"
            ),
            &lines
        ),
        ["json_message.users.0.action=GetData"]
    );
    assert_eq!(
        ask(&format!("{parsed} | filter json_message.`user.id` = \"123\" | stats count(*)"), &lines),
        ["count(*)=1"]
    );
    assert_eq!(
        ask(&format!("{parsed} | unnest json_message.events into event | display event.name"), &lines),
        ["event.name=exception", "event.name=user action"]
    );
}

#[test]
fn limits_hold() {
    let lines: Vec<_> = (0..10_500).map(|n| (n, "x")).collect();
    assert_eq!(ask("fields @message", &lines).len(), 10_000);
    assert_eq!(ask("fields @message | limit 10400", &lines).len(), 10_400);
    let query: Query = "fields @message".parse().unwrap();
    let event = Event { timestamp: 1, ingestion_time: 1, message: "x", stream: "s", log: "l", pointer: "p" };
    assert_eq!(query.run([event; 5], WINDOW, Some(3)).rows.len(), 3);
}

#[test]
fn events_outside_the_window_are_not_looked_at() {
    let results =
        ask_of("fields @message", &[(-1, "before"), (0, "first"), (10_000_000, "last"), (10_000_001, "after")]);
    assert_eq!((results.records_scanned, results.rows.len(), results.bytes_scanned), (2, 2, 9));
}

#[test]
fn comments_and_any_case_are_read() {
    assert_eq!(ask("FIELDS step # all steps | limit 1\n| FILTER ms = 9 AND NOT step LIKE /x/", LINES), ["step=store"]);
}
