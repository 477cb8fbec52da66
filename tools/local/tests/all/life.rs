//! A stack's life: side by side with others, again, after a crash, and its end.

use std::{fs, net::TcpStream, process::Command, time::Duration};

use crate::common::{self, ORDER, Stack, project, skipped, wait_for};

/// Processes that carry the stack's mark.
fn processes_of(stack: &Stack) -> Vec<String> {
    marked(stack.state_file()["id"].as_str().unwrap())
}

fn marked(id: &str) -> Vec<String> {
    let mark = format!("SUITE_STACK_ID={id}");
    let of = |pid: &str| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let ours = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        ours && stat.rsplit_once(") ").is_some_and(|(_, fields)| !fields.starts_with('Z'))
    };
    let pids = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    pids.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && of(name)).collect()
}

fn signal(name: &str, pid: &serde_json::Value) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn kill_9(pid: &serde_json::Value) {
    signal("-KILL", pid);
}

#[tokio::test]
async fn two_stacks_side_by_side_do_not_know_of_each_other() {
    let (one, two) = (Stack::up().await, Stack::up().await);
    assert_ne!(one.outputs["api_url"], two.outputs["api_url"]);
    let answer = one.post(ORDER);
    let id = answer.body["orderId"].as_str().unwrap();
    one.stored(id).await;
    assert!(two.item(id).await.is_none());
}

#[tokio::test]
async fn a_stack_that_is_up_says_so_and_stays() {
    let stack = Stack::up().await;
    let before = stack.state_file();
    let again = stack.up_again();
    assert!(again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("is up already"));
    assert_eq!(String::from_utf8_lossy(&again.stdout).trim(), stack.outputs["api_url"]);
    assert_eq!(stack.state_file(), before);

    for other in [&["--time-scale", "60"][..], &["--port", "1"], &["--project-name", "shop"]] {
        let dist = project().join("dist");
        let refused = stack.suite(&[&["up", "--dist", dist.to_str().unwrap()], other].concat());
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && words.contains("make destroy"), "{other:?}: {words}");
    }
    assert_eq!(stack.state_file(), before);
}

#[tokio::test]
async fn a_fault_that_no_call_can_meet_is_refused() {
    let stack = Stack::up().await;
    let refused = stack.suite(&["fault", "sqs:Nosuch", "throttle"]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("sqs:SendMessage"), "{words}");
    stack.fault(&["sqs:SendMessage", "throttle"]);
    let listed = stack.suite(&["fault"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("throttle"));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_way_out() {
    let stack = Stack::up().await;
    let port = stack.state_file()["port"].to_string();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_suite"))
        .arg("--dir")
        .arg(folder.path())
        .arg("--project")
        .arg(project())
        .args(["up", "--port", &port])
        .args(["--dist".as_ref(), project().join("dist").as_os_str()])
        .args(["--python".as_ref(), project().join(".venv/bin/python").as_os_str()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("port {port} is taken")) && said.contains("LOCAL_PORT"), "{said}");
}

#[tokio::test]
async fn the_stack_listens_on_loopback_only() {
    let stack = Stack::up().await;
    {
        let port = u16::try_from(stack.state_file()["port"].as_u64().unwrap()).unwrap();
        assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
        let listening = fs::read_to_string("/proc/net/tcp").unwrap();
        let sockets: Vec<_> =
            listening.lines().filter(|line| line.contains(&format!(":{port:04X} 00000000:0000 0A"))).collect();
        assert!(!sockets.is_empty() && sockets.iter().all(|line| line.contains(&format!("0100007F:{port:04X}"))));
    }
}

#[tokio::test]
async fn a_killed_emulator_is_told_of_and_the_stack_recovers() {
    let mut stack = Stack::up().await;
    kill_9(&stack.state_file()["emulator_pid"]);
    let answer = wait_for("the API to say that it is down", async || {
        let answer = stack.post(ORDER);
        (answer.status == 503).then_some(answer)
    })
    .await;
    assert!(answer.body["message"].as_str().unwrap().contains("make local"), "{}", answer.body);
    assert!(answer.headers.contains_key("retry-after"));

    let again = stack.up_again();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    stack.reattach().await;
    let answer = stack.post(ORDER);
    stack.stored(answer.body["orderId"].as_str().unwrap()).await;
}

#[tokio::test]
async fn nothing_outlives_a_killed_stack() {
    let stack = Stack::up().await;
    assert!(processes_of(&stack).len() >= 4, "stack, emulator and two functions: {:?}", processes_of(&stack));
    let id = stack.state_file()["id"].as_str().unwrap().to_owned();
    kill_9(&stack.state_file()["pid"]);
    wait_for("the emulator and the functions to end", async || marked(&id).is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_stopped_stack_leaves_no_process_and_no_port() {
    let stack = Stack::up().await;
    let file = stack.state_file();
    let port = u16::try_from(file["port"].as_u64().unwrap()).unwrap();
    let id = file["id"].as_str().unwrap();
    fs::copy(stack.dir().join("stack.json"), stack.dir().join("stack.before")).unwrap();
    assert!(stack.suite(&["down"]).status.success());
    assert!(TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(1)).is_err());
    assert!(!stack.dir().join("stack.json").exists() && !stack.dir().join("outputs.json").exists());
    fs::rename(stack.dir().join("stack.before"), stack.dir().join("stack.json")).unwrap();
    assert!(marked(id).is_empty());
    let again = stack.suite(&["down"]);
    assert!(again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("No local stack is up"));
}

#[tokio::test]
async fn two_ups_at_once_are_one_stack() {
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<_> = (0..3).map(|_| common::spawn_up(folder.path())).collect();
    let outputs: Vec<_> = starts.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(
        outputs.iter().all(|output| output.status.success()),
        "{:?}",
        outputs.iter().map(stderr).collect::<Vec<_>>()
    );
    let urls: Vec<_> = outputs.iter().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).collect();
    assert!(urls.iter().all(|url| *url == urls[0]), "{urls:?}");
    assert_eq!(outputs.iter().filter(|output| stderr(output).contains("is up already")).count(), 2);
    let file: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("stack.json")).unwrap()).unwrap();
    assert!(common::suite(folder.path(), &project(), &["down"]).status.success());
    assert!(marked(file["id"].as_str().unwrap()).is_empty());
}

/// Ctrl-C; TERM where whoever runs these tests has put them into the background of a shell: there INT is ignored until a program
/// asks for it.
fn interrupt() -> &'static str {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    let is_ignored = u64::from_str_radix(ignored.trim(), 16).unwrap() & 0b10 != 0;
    if is_ignored { "-TERM" } else { "-INT" }
}

#[tokio::test]
async fn an_interrupted_start_leaves_nothing() {
    for after_ms in [30, 150, 400, 900] {
        let folder = tempfile::tempdir().unwrap();
        let child = common::spawn_up(folder.path());
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        let file = fs::read_to_string(folder.path().join("stack.json")).ok();
        signal(interrupt(), &serde_json::Value::from(child.id()));
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success(), "{after_ms}: {}", stderr(&output));
        let down = common::suite(folder.path(), &project(), &["down"]);
        assert!(down.status.success(), "{after_ms}: {}", stderr(&down));
        if let Some(file) = file {
            let file: serde_json::Value = serde_json::from_str(&file).unwrap();
            assert!(marked(file["id"].as_str().unwrap()).is_empty(), "{after_ms}");
        }
        assert!(!folder.path().join("stack.json").exists(), "{after_ms}");
    }
}

#[tokio::test]
async fn a_stack_that_its_file_no_longer_names_ends() {
    for how in ["removed", "emptied", "folder"] {
        let stack = Stack::up().await;
        let id = stack.state_file()["id"].as_str().unwrap().to_owned();
        match how {
            "removed" => fs::remove_file(stack.dir().join("stack.json")).unwrap(),
            "emptied" => fs::write(stack.dir().join("stack.json"), "").unwrap(),
            _ => fs::remove_dir_all(stack.dir()).unwrap(),
        }
        if how == "emptied" {
            let down = stack.suite(&["down"]);
            let words = stderr(&down);
            // It may have ended by itself before anybody asked.
            let known = words.contains("is stopped") || words.contains("No local stack is up");
            assert!(down.status.success() && known, "{words}");
        }
        wait_for(&format!("the stack to end, {how}"), async || marked(&id).is_empty().then_some(())).await;
    }
}

#[tokio::test]
async fn a_copied_folder_is_no_stack_and_ends_nobody_s() {
    let stack = Stack::up().await;
    let copy = tempfile::tempdir().unwrap();
    for name in ["stack.json", "outputs.json", "env", "packages"] {
        fs::copy(stack.dir().join(name), copy.path().join(name)).unwrap();
    }
    let project = project();
    let describe = common::suite(copy.path(), &project, &["describe"]);
    assert!(!describe.status.success() && stderr(&describe).contains("no stack is up"), "{}", stderr(&describe));
    let down = common::suite(copy.path(), &project, &["down"]);
    assert!(down.status.success() && stderr(&down).contains("No local stack is up"), "{}", stderr(&down));
    let answer = stack.post(ORDER);
    stack.stored(answer.body["orderId"].as_str().unwrap()).await;
}

#[tokio::test]
async fn down_ends_no_process_that_is_not_the_stack_s() {
    let stack = Stack::up().await;
    let mut file = stack.state_file();
    assert!(stack.suite(&["down"]).status.success());
    // A stale file whose pid is now somebody else's, leader of a group of its own.
    let mut stranger =
        std::os::unix::process::CommandExt::process_group(Command::new("sleep").arg("60"), 0).spawn().unwrap();
    file["pid"] = stranger.id().into();
    fs::write(stack.dir().join("stack.json"), file.to_string()).unwrap();
    let down = stack.suite(&["down"]);
    assert!(down.status.success() && stderr(&down).contains("No local stack is up"), "{}", stderr(&down));
    assert!(stranger.try_wait().unwrap().is_none(), "it lives on");
    // Of another boot.
    file["boot_id"] = "another".into();
    fs::write(stack.dir().join("stack.json"), file.to_string()).unwrap();
    assert!(stack.suite(&["down"]).status.success());
    assert!(stranger.try_wait().unwrap().is_none(), "it lives on");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn an_emulator_that_is_stopped_or_was_reset_is_said_and_replaced() {
    let mut stack = Stack::up().await;
    signal("-STOP", &stack.state_file()["emulator_pid"]);
    let again = stack.up_again();
    assert!(again.status.success(), "{}", stderr(&again));
    assert!(stderr(&again).contains("does not answer (is it stopped?)"), "{}", stderr(&again));
    stack.reattach().await;

    // Only who can open its socket can reset it.
    let socket = stack.dir().join("tmp/emulator.sock");
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    std::io::Write::write_all(
        &mut stream,
        b"POST /_ministack/reset HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    )
    .unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let again = stack.up_again();
    assert!(again.status.success(), "{}", stderr(&again));
    assert!(stderr(&again).contains("was reset"), "{}", stderr(&again));
    stack.reattach().await;
    let answer = stack.post(ORDER);
    stack.stored(answer.body["orderId"].as_str().unwrap()).await;
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_for_loopback_and_a_folder_may_have_blanks() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("my stack");
    let variables = [
        ("http_proxy", "http://127.0.0.1:9"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("all_proxy", "http://127.0.0.1:9"),
    ];
    let up = common::up_command(&dir, &project(), &[]).envs(variables).output().unwrap();
    assert!(up.status.success(), "{}", stderr(&up));
    assert!(stderr(&up).contains(&format!("LOCAL_DIR='{}'", dir.display())), "{}", stderr(&up));
    assert!(common::suite(&dir, &project(), &["down"]).status.success());
}

#[tokio::test]
async fn another_version_of_the_emulator_is_refused_with_what_it_lacks() {
    // The installed one with its version changed and a function taken away, as another version would have it.
    let Some(python) = common::python_with_other_emulator() else { return };
    let folder = tempfile::tempdir().unwrap();
    let up = common::up_command(folder.path(), &project(), &["--python", python.1.to_str().unwrap()]).output().unwrap();
    let said = stderr(&up);
    assert!(!up.status.success(), "{said}");
    for part in [
        "services.sqs._dlq_sweep is not there",
        "services.lambda_svc._acquire_execution_slot takes (func)",
        "make install",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// On a file system of its own, which takes no root but a user namespace.
#[test]
fn a_full_disk_is_said_and_leaves_nothing() {
    for size in ["32k", "3m"] {
        let folder = tempfile::tempdir().unwrap();
        let up = common::up_command(folder.path(), &project(), &[]);
        let script =
            r#"mount -t tmpfs -o "size=$1" tmpfs "$2" || exit 77; shift 2; "$@"; code=$?; ls "${3%/}" >&2; exit $code"#;
        let mut full = Command::new("unshare");
        full.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", size]).arg(folder.path());
        let told = match full.arg(up.get_program()).args(up.get_args()).output() {
            Ok(told) if ![Some(77), Some(1)].contains(&told.status.code()) || !stderr(&told).contains("unshare") => {
                told
            }
            _ => return skipped("a stack on a full disk: it takes a user namespace with a file system of its own"),
        };
        let words = stderr(&told);
        assert!(!told.status.success(), "{size}: {words}");
        assert!(words.contains("No space left") || words.contains("disk is full"), "{size}: {words}");
        let left = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&*folder.path().to_string_lossy())
        });
        assert_eq!(left.count(), 0, "{size}: {words}");
    }
}
