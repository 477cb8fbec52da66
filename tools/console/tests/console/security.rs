//! Who does not get in: another host's name, another origin's page, no token, a form of somebody else's.

use std::{fs, io::Read as _, os::unix::fs::PermissionsExt as _};

use crate::{
    console,
    raw::{Raw, send},
    standin::{ORDER, StandIn},
};

#[test]
fn only_this_start_s_token_on_a_page_of_its_own_gets_in() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    let (port, token) = (console.port(), console.token().to_owned());
    let cookie = format!("console-{port}={token}");
    let own = ("cookie", cookie.as_str());

    // The door: the token leaves the address, and the cookie is for this site alone.
    let Raw { status, head, .. } = send(port, "GET", &format!("/?token={token}"), &[], "");
    assert!(
        status == 200
            && head.contains("samesite=strict")
            && head.contains("httponly")
            && head.contains("refresh: 0; url=/\r"),
        "{head}"
    );
    assert_eq!(send(port, "GET", "/?token=guess", &[], "").status, 401);
    let Raw { head, .. } = send(port, "GET", &format!("//evil.example/x?token={token}"), &[], "");
    assert!(!head.contains("url=//"), "{head}");

    for (path, headers, status) in [
        ("/", &[][..], 401),
        ("/", &[("cookie", "console-1=x")], 401),
        ("/orders/x.json", &[("authorization", "Bearer guess")], 401),
        ("/events", &[], 401),
        ("/", &[own, ("host", "evil.example")], 421),
        ("/", &[own, ("host", "127.0.0.1")], 421),
        ("/.json", &[own, ("origin", "http://evil.example")], 403),
        ("/.json", &[own, ("sec-fetch-site", "cross-site")], 403),
        ("/.json", &[own, ("sec-fetch-site", "same-site")], 403),
        ("/health.json", &[own], 200),
        ("/health.json", &[own, ("sec-fetch-site", "none")], 200),
    ] {
        let Raw { status: found, head, body } = send(port, "GET", path, headers, "");
        assert_eq!(found, status, "{path} {headers:?}: {body}");
        assert!(
            !head.contains("access-control-") && head.contains("default-src 'none'") && head.contains("nosniff"),
            "{head}"
        );
    }

    // Nothing is done without the form's own token, whoever sends it.
    let form = ("content-type", "application/x-www-form-urlencoded");
    let origin = format!("http://127.0.0.1:{port}");
    let Raw { body: page, .. } = send(port, "GET", "/", &[own], "");
    let form_token =
        page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert_ne!(form_token, token, "a page has the form's token, and not the door's");
    let fault = |token: &str| format!("preset=queue-error&token={token}");
    for (headers, body, status) in [
        (&[form][..], fault(&form_token), 401),
        (&[form, own], fault("guess"), 403),
        (&[form, own], "preset=queue-error".to_owned(), 403),
        (&[form, own, ("origin", "http://evil.example")], fault(&form_token), 403),
        (&[form, own, ("origin", "null")], fault(&form_token), 403),
        (&[form, own, ("host", "evil.example:80")], fault(&form_token), 421),
    ] {
        let Raw { status: found, body: answer, .. } = send(port, "POST", "/fault", headers, &body);
        assert_eq!(found, status, "{headers:?}: {answer}");
    }
    assert_eq!(*stand_in.changes.lock().unwrap(), Vec::<String>::new(), "no fault is set");
    let Raw { status, .. } = send(port, "POST", "/fault", &[form, own, ("origin", &origin)], &fault(&form_token));
    assert_eq!(status, 303);
    assert_eq!(*stand_in.changes.lock().unwrap(), ["POST secret"], "with the stack's own secret");
    send(port, "POST", "/fault", &[form, own, ("origin", &origin)], &format!("preset=clear&token={form_token}"));

    // A runbook's block is one of a page's: nothing else is run, and no way leads out of the folder.
    for (path, body) in [
        ("/runbooks/..%2f..%2fetc/run", "line=1"),
        ("/runbooks/queue-age/run", "line=3"),
        ("/runbooks/nothing/run", "line=1"),
    ] {
        let Raw { status, body: answer, .. } =
            send(port, "POST", path, &[form, own], &format!("{body}&token={form_token}"));
        assert_eq!(status, 502, "{path}: {answer}");
    }
    assert_eq!(send(port, "OPTIONS", "/", &[own], "").status, 405);
    assert_eq!(fs::metadata(stand_in.folder.path().join("console")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_customer_is_on_no_page_but_behind_a_click() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    let bearer = format!("Bearer {}", console.token());
    let body = |path: &str| send(console.port(), "GET", path, &[("authorization", &bearer)], "").body;
    let letter = "/dlq/5f0e1a2b-0000-4000-8000-000000000001";
    for path in ["/", "/traces", "/logs", "/dlq", "/health", letter, &format!("/orders/{ORDER}")] {
        for path in [path.to_owned(), format!("{}.json", if path == "/" { "/" } else { path })] {
            let body = body(&path);
            assert!(body.len() > 20 && !body.contains("marked.customer"), "{path}: {body}");
        }
    }
    for behind in [format!("/orders/{ORDER}?show=item"), format!("{letter}?show=body")] {
        assert!(body(&behind).contains("marked.customer"), "{behind}");
    }
}

#[test]
fn what_is_exported_has_every_page_s_data_and_no_customer() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let bearer = format!("Bearer {}", console.token());
    let mut answer =
        agent.get(format!("{}/export.zip", console.base())).header("authorization", bearer).call().unwrap();
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.starts_with("attachment; filename=\"orders-local-"), "{name}");
    let bytes = answer.body_mut().read_to_vec().unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (mut text, name) = (String::new(), file.name().unwrap().into_owned());
        file.read_to_string(&mut text).unwrap();
        assert!(text.len() > 2 && !text.contains("marked.customer"), "{name}: {text}");
        names.push(name);
    }
    for page in ["now", "alarms", "traces", "logs", "dead-letters", "health"] {
        assert!(names.contains(&format!("{page}.json")), "{page} of {names:?}");
    }
}
