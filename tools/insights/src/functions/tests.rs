//! What AWS's pages say of each function, asked as a query would ask it.

use super::*;
use crate::{Event, Query};

/// What an expression is for an event; `None` if it is nothing.
fn eval(expression: &str) -> Option<String> {
    let query: Query =
        format!("fields {expression} as answer").parse().unwrap_or_else(|error| panic!("{expression}: {error}"));
    let message = r#"{"n": 10, "text": "xyZfooxyZ", "ip": "10.1.2.3", "v6": "2001:db8::1", "list": "[1, \"admin\"]", "empty": "",
        "blank": "  ", "yes": true, "object": "{\"a\": {\"b.c\": [1, {\"d\": \"e\"}]}}"}"#;
    let event =
        Event { timestamp: 1_642_195_111_000, ingestion_time: 0, message, stream: "s", log: "1:/app", pointer: "p" };
    let window = Window { start: 1_642_190_000_000, end: 1_642_200_000_000, now: 1_642_200_000_999 };
    let results = query.run([event], window, None);
    results.rows[0].iter().find(|cell| cell.field == "answer").map(|cell| cell.value.clone())
}

#[test]
fn functions_answer_as_documented() {
    for (expression, answer) in [
        // Arithmetic and precedence.
        ("2 ^ 3", "8"),
        ("10 % 3", "1"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-2 ^ 2", "-4"),
        ("2 ^ 3 ^ 2", "512"),
        ("7 / 2", "3.5"),
        ("n - 3 - 2", "5"),
        ("1 < 2 and not 2 < 1", "1"),
        ("true or false and false", "1"),
        // Numbers.
        ("abs(-3)", "3"),
        ("ceil(1.2)", "2"),
        ("floor(1.8)", "1"),
        ("greatest(1, n, 3)", "10"),
        ("least(1, n)", "1"),
        ("log(1)", "0"),
        ("round(1.5)", "2"),
        ("round(1.256, 2)", "1.26"),
        ("sqrt(16)", "4"),
        ("round(haversine(52.52, 13.405, 48.8566, 2.3522))", "877"),
        ("toNumber('12.5')", "12.5"),
        ("toInt('12.9')", "12"),
        ("toLong('12.9')", "12"),
        ("toDouble('1.5')", "1.5"),
        // Dates.
        ("toMillis(@timestamp)", "1642195111000"),
        ("bin(5m)", "2022-01-14 21:15:00.000"),
        ("datefloor(@timestamp, 1h)", "2022-01-14 21:00:00.000"),
        ("dateceil(@timestamp, 1h)", "2022-01-14 22:00:00.000"),
        ("fromMillis(0)", "1970-01-01 00:00:00.000"),
        ("now()", "1642200000"),
        ("parseDate('2024-02-03', 'yyyy-MM-dd', 'UTC')", "1706918400000"),
        ("parseDate('2024-02-03T04:05:06.789+01:00', \"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\")", "1706929506789"),
        ("parseDate('2024-02-03 04:05', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", "1706929500000"),
        ("formatDate(@timestamp, '%Y-%m-%d', 'UTC')", "2022-01-14"),
        ("strftime(0, '%H:%M', '+02:00')", "02:00"),
        // General.
        ("ispresent(n)", "1"),
        ("ispresent(missing)", "0"),
        ("coalesce(missing, n)", "10"),
        ("case(n > 20, 'many', n > 5, 'some', 'few')", "some"),
        ("case(n > 20, 'many', 'few')", "few"),
        ("if(n = 10, 'ten', 'other')", "ten"),
        ("isNumeric(n)", "1"),
        ("isNumeric(text)", "0"),
        ("messageSize('aß')", "3"),
        ("queryStartTime()", "1642190000000"),
        ("queryEndTime()", "1642200000000"),
        ("queryTimeRange()", "10000000"),
        ("md5('hello')", "5d41402abc4b2a76b9719d911017c592"),
        ("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        // Structures.
        ("jsonStringify(jsonParse('[1, 2]'))", "[1,2]"),
        ("jsonArraySize(list)", "2"),
        ("jsonArrayContains(list, 'admin')", "1"),
        ("jsonArrayContains(list, 'Admin')", "0"),
        ("jsonArrayContains(text, 'x')", "0"),
        // IP addresses.
        ("isValidIp(ip)", "1"),
        ("isValidIp(text)", "0"),
        ("isValidIpV4(v6)", "0"),
        ("isValidIpV6(v6)", "1"),
        ("isIpInSubnet(v6, '2001:db8::/32')", "1"),
        ("isIpv4InSubnet(ip, '10.1.0.0/16')", "1"),
        ("isIpv4InSubnet(ip, '192.0.2.0/24')", "0"),
        ("isIpv6InSubnet(v6, '2001:db8::/32')", "1"),
        ("ipv4ToNumber('10.0.0.1')", "167772161"),
        ("isPrivateIP(ip)", "1"),
        ("isPublicIP('8.8.8.8')", "1"),
        ("isPublicIP(ip)", "0"),
        ("isReservedIP('127.0.0.1')", "1"),
        ("isReservedIP('8.8.8.8')", "0"),
        // Text.
        ("isempty(missing)", "1"),
        ("isempty(empty)", "1"),
        ("isempty(n)", "0"),
        ("isblank(blank)", "1"),
        ("isblank(text)", "0"),
        ("concat('a', n, 'b')", "a10b"),
        ("ltrim('xyZxyfooxyZ', 'xyZ')", "fooxyZ"),
        ("rtrim('xyZfooxyxyZ', 'xyZ')", "xyZfoo"),
        ("trim('xyZxyfooxyxyZ', 'xyZ')", "foo"),
        ("trim('  a ')", "a"),
        ("strlen('aß')", "2"),
        ("toupper('ab')", "AB"),
        ("tolower('AB')", "ab"),
        ("substr('xyZfooxyZ', 3)", "fooxyZ"),
        ("substr('xyZfooxyZ', 3, 3)", "foo"),
        ("replace('smoke_test 1', 'smoke_test', 'Smoke')", "Smoke 1"),
        ("regexReplace('a1b22', '[0-9]+', '#')", "a#b#"),
        ("regexReplace('k=v', '(.)=(.)', '\\\\2=\\\\1')", "v=k"),
        ("strcontains('abc', 'b')", "1"),
        ("strcontains('abc', 'B')", "0"),
        ("strcontains('abc', 'B', true)", "1"),
        ("startsWith('abc', 'ab')", "1"),
        ("endsWith('abc', 'ab')", "0"),
        ("urlencode('a b/ü')", "a%20b%2F%C3%BC"),
        ("urldecode('a%20b+c')", "a b c"),
        ("base64encode('hi')", "aGk="),
        ("base64decode('aGk=')", "hi"),
        ("split('a,b', ',')", "[\"a\",\"b\"]"),
        ("hexToAscii('48656c6c6f')", "Hello"),
        ("hexToDec('0xff')", "255"),
        ("decToHex(255)", "0xff"),
        ("decToHex(-255)", "-0xff"),
        // Comparisons with text, numbers and lists.
        ("n = '10'", "1"),
        ("n in ['1', 10]", "1"),
        ("n not in [1]", "1"),
        ("text like 'foo'", "1"),
        ("text like /^foo/", "0"),
        ("text =~ /(?i)FOO/", "1"),
        ("text not like 'foo'", "0"),
        ("missing != 1", "1"),
        ("missing = 1", "0"),
        ("missing < 1", "0"),
        ("yes = 'true'", "1"),
        ("yes = 1", "1"),
        ("yes", "1"),
        ("jsonParse(object) = 1", "0"),
        ("jsonParse(object) != 1", "0"),
    ] {
        assert_eq!(eval(expression).as_deref(), Some(answer), "{expression}");
    }
}

#[test]
fn where_there_is_no_answer_there_is_nothing() {
    for nothing in [
        "missing + 1",
        "text * 2",
        "1 / 0",
        "sqrt(-1)",
        "toInt('9999999999')",
        "toNumber(text)",
        "concat('a', missing)",
        "strlen(missing)",
        "jsonParse(text)",
        "toupper(jsonParse(object))",
        "hexToAscii('zz')",
        "base64decode('***')",
        "parseDate('x', 'yyyy')",
        "ipv4ToNumber(v6)",
        "case(false, 1)",
        "coalesce(missing)",
        "substr(text, -1)",
    ] {
        assert_eq!(eval(nothing), None, "{nothing}");
    }
}

#[test]
fn every_function_of_the_documentation_is_here_by_its_name() {
    for name in "abs ceil floor greatest least log round sqrt haversine toNumber toInt toLong toDouble bin datefloor dateceil fromMillis \
                 toMillis now parseDate formatDate strftime ispresent coalesce case if isNumeric messageSize queryStartTime queryEndTime \
                 queryTimeRange jsonParse jsonStringify jsonArraySize jsonArrayContains isValidIp isValidIpV4 isValidIpV6 isIpInSubnet \
                 isIpv4InSubnet isIpv6InSubnet ipv4ToNumber isPrivateIP isPublicIP isReservedIP isempty isblank concat ltrim rtrim trim \
                 strlen toupper tolower substr replace regexReplace strcontains startsWith endsWith urlencode urldecode base64encode \
                 base64decode split hexToAscii hexToDec decToHex md5 sha256"
        .split_whitespace()
    {
        assert!(find(name).is_some(), "{name}");
    }
}
