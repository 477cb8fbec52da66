//! A stack's life: side by side with others, again, after a crash, and its end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::{fs, net::TcpStream, process::Command, time::Duration};

use common::{ORDER, Stack, wait_for};

/// Processes whose command line or working folder tells that they belong to this stack.
fn processes_of(stack: &Stack) -> Vec<String> {
    let group = stack.state_file()["pid"].to_string();
    let output = Command::new("ps").args(["-eo", "pgid=,stat=,args="]).output().unwrap();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(&group) && !words.next().is_some_and(|stat| stat.starts_with('Z'))
        })
        .map(str::to_owned)
        .collect()
}

fn kill_9(pid: &serde_json::Value) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
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
        let dist = common::project().join("dist");
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
        .arg(common::project())
        .args(["up", "--port", &port])
        .args(["--dist".as_ref(), common::project().join("dist").as_os_str()])
        .args(["--python".as_ref(), common::project().join(".venv/bin/python").as_os_str()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("port {port} is taken")) && said.contains("LOCAL_PORT"), "{said}");
}

#[tokio::test]
async fn the_stack_listens_on_loopback_only() {
    let stack = Stack::up().await;
    for port in ["port", "emulator_port"] {
        let port = u16::try_from(stack.state_file()[port].as_u64().unwrap()).unwrap();
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
    kill_9(&stack.state_file()["pid"]);
    wait_for("the emulator and the functions to end", async || processes_of(&stack).is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_stopped_stack_leaves_no_process_and_no_port() {
    let stack = Stack::up().await;
    let file = stack.state_file();
    let port = u16::try_from(file["port"].as_u64().unwrap()).unwrap();
    fs::copy(stack.dir().join("stack.json"), stack.dir().join("stack.before")).unwrap();
    assert!(stack.suite(&["down"]).status.success());
    assert!(TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(1)).is_err());
    assert!(!stack.dir().join("stack.json").exists() && !stack.dir().join("outputs.json").exists());
    fs::rename(stack.dir().join("stack.before"), stack.dir().join("stack.json")).unwrap();
    assert!(processes_of(&stack).is_empty());
    let again = stack.suite(&["down"]);
    assert!(again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("No local stack is up"));
}
