//! The examples of AWS's page on filter patterns.

use proptest::prelude::*;

use super::*;

fn matching<'a>(pattern: &str, lines: &[&'a str]) -> Vec<&'a str> {
    let pattern: Pattern = pattern.parse().unwrap_or_else(|error| panic!("{pattern}: {error}"));
    lines.iter().copied().filter(|line| pattern.matches(line)).collect()
}

fn refused(pattern: &str) -> PatternError {
    pattern.parse::<Pattern>().err().unwrap_or_else(|| panic!("{pattern} is read"))
}

const E400: &str = "[ERROR 400] BAD REQUEST";
const E401: &str = "[ERROR 401] UNAUTHORIZED REQUEST";
const E419: &str = "[ERROR 419] MISSING ARGUMENTS";
const E420: &str = "[ERROR 420] INVALID ARGUMENTS";
const E500: &str = "[ERROR 500] INTERNAL SERVER ERROR";
const LINES: &[&str] = &[E400, E401, E419, E420, E500, "[SUCCESS 200] AUTHORIZED REQUEST"];

#[test]
fn terms_phrases_and_exclusions() {
    assert_eq!(matching("ERROR", LINES), [E400, E401, E419, E420, E500]);
    assert_eq!(matching("ERROR ARGUMENTS", LINES), [E419, E420]);
    assert_eq!(matching("?BAD ?ARGUMENTS", LINES), [E400, E419, E420]);
    assert_eq!(matching("\"INTERNAL SERVER ERROR\"", LINES), [E500]);
    assert_eq!(matching("ERROR -ARGUMENTS", LINES), [E400, E401, E500]);
    assert_eq!(matching("-ERROR", LINES), ["[SUCCESS 200] AUTHORIZED REQUEST"]);
    assert_eq!(matching("\" \"", &["", "a", "a b"]).len(), 3);
    assert_eq!(matching("", LINES).len(), 6);
    assert_eq!(matching("\"say \\\"hi\\\"\"", &["say \"hi\"", "say hi"]), ["say \"hi\""]);
}

#[test]
fn question_marks_beside_other_terms_are_ignored() {
    let lines = ["[INFO] REQUEST FAILED", "[WARN] UNAUTHORIZED REQUEST", "[ERROR] 400 BAD REQUEST", "[ERROR] none"];
    assert_eq!(matching("?ERROR ?ARGUMENTS REQUEST", &lines).len(), 3);
}

#[test]
fn expressions() {
    assert_eq!(matching("%AUTHORIZED%", LINES), [E401, "[SUCCESS 200] AUTHORIZED REQUEST"]);
    for (expression, yes, no) in [
        ("%^[hc]at%", "hat", "a hat"),
        ("%[hc]at$%", "a cat", "cats"),
        ("%colou?r%", "color", "colr"),
        ("%a{3,5}%", "aaaa", "aa"),
        ("%a{,2}b%", "b", "c"),
        ("%gray|grey%", "grey", "gry"),
        ("%abcc|ab[^c]$%", "aba", "aac ..."),
        ("%\\[.\\]%", "[]]", "a"),
        ("%10\\.10\\.0\\.1%", "10.10.0.1", "10010,051"),
        ("%10.10.0.1%", "10010,051", "10"),
        ("%ab*c%", "ac", "bc"),
        ("%ab+c%", "abbc", "ac"),
        ("%\\d%", "7", "x"),
        ("%\\D%", "x", "7"),
        ("%\\s%", " ", "x"),
        ("%\\x3A%", "a:b", "ab"),
        ("%\\x28%", "(", ")"),
        ("%\\w%", "_", "-"),
    ] {
        assert_eq!(matching(expression, &[yes, no]), [yes], "{expression}");
    }
    assert!(refused("%something!%").message.contains("! is not supported"));
    assert!(refused("%(a)%").message.contains("( is not supported"));
    assert!(refused("%ü%").message.contains("not supported"));
    assert!(refused("%a").message.contains("not closed"));
    assert!(refused("%[%").message.contains("can't be used"));
}

const TRAIL: &str = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "cluster.name": "c", "on": true,
    "number": [1000, 0.001], "bandwidth": 80, "errorCode": 400}"#;
const USERS: &str = r#"{"user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]}"#;

#[test]
fn json_patterns_that_match() {
    for pattern in [
        "{ $.eventType = \"UpdateTrail\" }",
        "{$.eventType=UpdateTrail}",
        "{ $.sourceIPAddress != 123.123.* }",
        "{ $.sourceIPAddress = 111.111.* }",
        "{ $.arrayKey[0] = \"value\" }",
        "{ $.eventType = %Trail% }",
        "{ $.arrayKey[*] = %val.{2}% }",
        "{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }",
        "{ $.['cluster.name'] = \"c\" }",
        "{ $.SomeObject IS NULL }",
        "{ $.on IS TRUE }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.bandwidth > 75 }",
        "{ $.bandwidth >= 80 && $.bandwidth <= 80 }",
        "{ $.number[0] = 1e+3 }",
        "{ $.number[1] = 1e-3 }",
        "{ $.errorCode = 400}",
        "{ $.errorCode = 4* }",
        "{ $.errorCode != 500 }",
        "{ $.objectList[*].id = 2 }",
    ] {
        assert_eq!(matching(pattern, &[TRAIL]).len(), 1, "{pattern}");
    }
    for pattern in [
        "{ ($.user.id = 1) && ($.users[0].email = \"John.Doe@example.com\") }",
        "{ $.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = \"nonmatch\" && $.actions[2] = \"nonmatch\" }",
    ] {
        assert_eq!(matching(pattern, &[USERS]).len(), 1, "{pattern}");
    }
}

#[test]
fn json_patterns_that_do_not_match() {
    for pattern in [
        "{ ($.user.email = \"John.Stiles@example.com\" || $.coordinates[0][1] = \"nonmatch\") && $.actions[2] = \"nonmatch\" }",
        "{ ($.user.id = 2 && $.users[0].email = \"nonmatch\") || $.actions[2] = \"GET\" }",
        "{ $.missing = \"x\" }",
        "{ $.missing != \"x\" }",
        "{ $.user = \"x\" }",
        "{ $.user != \"x\" }",
        "{ $.user.id < 1 }",
        "{ $.user.id IS NULL }",
        "{ $.user NOT EXISTS }",
    ] {
        assert_eq!(matching(pattern, &[USERS]), Vec::<&str>::new(), "{pattern}");
    }
}

/// The emulator answered this with START lines.
#[test]
fn a_json_pattern_lets_no_other_line_through() {
    let lines = [
        "START RequestId: x",
        r#"{"level": "ERROR"}"#,
        r#"{"level": "INFO"}"#,
        "ERROR",
        r#"prefix {"level": "ERROR"}"#,
    ];
    assert_eq!(matching("{ $.level = \"ERROR\" }", &lines), [r#"{"level": "ERROR"}"#]);
    assert_eq!(matching("{ $.level NOT EXISTS }", &lines), Vec::<&str>::new());
}

const ACCESS: &str = "127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";

#[test]
fn space_delimited_patterns() {
    for (pattern, matches) in [
        ("[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", true),
        ("[..., request =*.html*, status_code = 4*, bytes]", true),
        ("[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]", true),
        ("[ip, user, username, timestamp, request, status_code = 410, bytes]", false),
        ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", true),
        ("[ip, user, username, timestamp, request, status_code, bytes > 2000]", false),
        ("[ip, ..., bytes = 1534]", true),
        ("[a, b, c, d, e, f, g, h]", false),
        ("[..., timestamp = \"10/Oct/2000:13:25:15 -0700\", request, status, bytes]", true),
    ] {
        assert_eq!(!matching(pattern, &[ACCESS]).is_empty(), matches, "{pattern}");
    }
    let info = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200";
    let part = "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310";
    let warning = "WARNING 09/25/2014 12:00:02 Invalid user request";
    let error = "ERROR 09/25/2014 12:00:02 Failed to process request";
    let lines = [info, part, warning, error];
    assert_eq!(matching("[w1=ERROR, w2]", &lines), [error]);
    assert_eq!(matching("[w1=ERROR || w1=WARNING, w2]", &lines), [warning, error]);
    assert_eq!(matching("[w1!=ERROR && w1!=WARNING, w2]", &lines), [info, part]);
    assert_eq!(
        matching("[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", &lines),
        [info]
    );
    assert_eq!(
        matching("[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]", &lines),
        [part]
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (pattern, message, place) in [
        ("foo-bar", "put the term that begins with foo in double quotes", 4),
        ("[ERROR", "an operator is expected", 7),
        ("*", "put the term in double quotes", 1),
        ("\"a", "not closed", 1),
        ("{ $.a = 1", "} is expected", 10),
        ("{ $.a = 1 } x", "nothing may follow", 13),
        ("{ a = 1 }", "$ is expected", 3),
        ("{ $.a }", "an operator is expected", 7),
        ("{ $.a > \"x\" }", "compare with a number", 9),
        ("{ $.a IS NOT NULL }", "IS NOT is not supported", 13),
        ("{ $.a EXISTS }", "EXISTS is not supported", 13),
        ("{ $.a[*].b[*] = 1 }", "at most one wildcard", 13),
        ("{ $.[\"a\"] = 1 }", "in single quotation marks", 6),
        ("{ $.a = %x% && $.b = %y% && $.c = %z% }", "at most 2 regular expressions", 40),
        ("{ $.* = 1 && $.* = 2 && $.* = 3 && $.* = 4 }", "at most 3 wildcards", 39),
        ("[a, b = 1 || c = 2]", "a field's conditions are about itself", 13),
        ("[..., a, ...]", "at most one ellipsis", 13),
    ] {
        let error = refused(pattern);
        assert!(error.message.contains(message), "{pattern}: {error}");
        assert_eq!(error.place, place, "{pattern}: {error}");
    }
    assert!(refused(&"x".repeat(1025)).message.contains("at most 1024"));
    assert!(refused(&format!("{{ {}$.a = 1 }}", "(".repeat(900))).message.contains("nested too deeply"));
}

proptest! {
    #[test]
    fn no_text_ends_the_process(pattern in "[ -~ü]{0,40}", message in "\\PC{0,60}") {
        if let Ok(pattern) = pattern.parse::<Pattern>() {
            let _either = pattern.matches(&message);
        }
    }

    #[test]
    fn no_brackets_end_the_process(pattern in "[\\[{][$.a*%=<>!&|()\\[\\]{}\", 1]{0,30}", message in "[a1\\[\\]\" {}:,]{0,40}") {
        if let Ok(pattern) = pattern.parse::<Pattern>() {
            let _either = pattern.matches(&message);
        }
    }
}
