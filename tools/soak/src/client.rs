//! The clients: each sends an order as its intent says, and writes down what it is about to do and what it was told.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response, Uri, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use uuid::Uuid;

use crate::{
    history::{Entry, History},
    orders::{self, Intent, Sample},
    random::Random,
};

/// Longer than API Gateway waits for a function.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const MAX_ANSWER: usize = 1024 * 1024;
const ATTEMPTS: u32 = 5;

/// All of them together.
#[derive(Debug)]
pub(crate) struct Clients {
    http: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    history: History,
    seed: u64,
    /// One order in so many is traced.
    traced: u32,
    next: AtomicU32,
    orders: u32,
    /// So many requests will be cut off by their client.
    resets: AtomicU32,
    /// Traces that were asked for.
    asked: Mutex<Vec<String>>,
    /// Orders that were accepted last, for whoever wants to send another under their id.
    pub(crate) acked: tokio::sync::watch::Sender<Option<Uuid>>,
}

/// What an attempt came to.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Acked(Uuid),
    /// It can't be accepted as it is.
    Refused(u16),
    /// It is not accepted now.
    Unavailable(u16),
    /// Whether it is accepted nobody knows; perhaps with the key of a safe retry.
    Unknown {
        why: String,
        key: Option<String>,
    },
}

impl Clients {
    pub(crate) fn new(url: &str, history: History, seed: u64, orders: u32, traced: u32) -> Result<Self> {
        Ok(Self {
            http: Client::builder(TokioExecutor::new()).build_http(),
            url: url.parse().context("the API's URL")?,
            history,
            seed,
            traced,
            next: AtomicU32::new(0),
            orders,
            resets: AtomicU32::new(0),
            asked: Mutex::default(),
            acked: tokio::sync::watch::Sender::new(None),
        })
    }

    /// Orders that were begun.
    pub(crate) fn begun(&self) -> u32 {
        self.next.load(Ordering::Relaxed).min(self.orders)
    }

    /// Traces that were asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// The next so many requests are cut off after they were sent.
    pub(crate) fn reset(&self, times: u32) {
        self.resets.fetch_add(times, Ordering::Relaxed);
    }

    /// One client of them, until all orders are sent.
    pub(crate) async fn run(self: Arc<Self>) -> Result<()> {
        loop {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            if n >= self.orders {
                return Ok(());
            }
            self.order(n).await?;
        }
    }

    async fn order(&self, n: u32) -> Result<()> {
        let mut random = orders::choices(self.seed, n);
        let intent = orders::intent(&mut random);
        let sample = orders::sample(n, "", &mut random)?;
        let key = (!matches!(intent, Intent::Plain | Intent::Invalid)).then(|| orders::key(&mut random));
        let traced = n.is_multiple_of(self.traced);
        if intent == Intent::Invalid {
            return self.send(orders::invalid(sample), None, traced, &mut random).await;
        }
        self.send(sample.clone(), key.clone(), traced, &mut random).await?;
        match intent {
            Intent::Twice => self.send(sample, key, traced, &mut random).await,
            Intent::KeyReused => {
                let other = orders::sample(n, " other", &mut random)?;
                self.send(other, key, traced, &mut random).await
            }
            _ => Ok(()),
        }
    }

    /// Until there is an answer that says what became of it, as long as a retry is safe.
    async fn send(&self, sample: Sample, mut key: Option<String>, traced: bool, random: &mut Random) -> Result<()> {
        for attempt in 1..=ATTEMPTS {
            let root = trace_id(random);
            let order = || sample.name.clone();
            let trace = traced.then(|| root.clone());
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).extend(trace.clone());
            self.history.write(&Entry::Sent { order: order(), hash: sample.hash.clone(), trace })?;
            let header = format!("Root={root};Sampled={}", u8::from(traced));
            let answer = self.attempt(&sample.body, &headers(key.as_deref(), header)).await;
            self.history.write(&match &answer {
                Answer::Acked(id) => Entry::Acked { order: order(), id: *id },
                Answer::Refused(status) | Answer::Unavailable(status) => {
                    Entry::Refused { order: order(), status: *status }
                }
                Answer::Unknown { why, .. } => Entry::Unknown { order: order(), why: why.clone() },
            })?;
            match answer {
                Answer::Acked(id) => {
                    self.acked.send_replace(Some(id));
                    return Ok(());
                }
                Answer::Refused(_) => return Ok(()),
                Answer::Unavailable(_) => {}
                Answer::Unknown { key: told, .. } => {
                    key = key.or(told);
                    // Without a key the retry could be a second order; and some clients never come back.
                    if key.is_none() || random.between(0, 4) == 0 {
                        return Ok(());
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(u64::from(attempt) * random.between(50, 400))).await;
        }
        Ok(())
    }

    async fn attempt(&self, body: &str, headers: &[(&'static str, String)]) -> Answer {
        let unknown = |why: String| Answer::Unknown { why, key: None };
        if self.resets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            return match self.cut_off(body, headers).await {
                Ok(()) => unknown("the client closed the connection".into()),
                Err(error) => unknown(format!("the client could not send: {error}")),
            };
        }
        let mut request = Request::post(self.url.clone());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = match request.body(Full::from(body.to_owned())) {
            Ok(request) => request,
            Err(error) => return unknown(format!("no request: {error}")),
        };
        let answered = async {
            let response = self.http.request(request).await.map_err(|error| format!("no answer: {error}"))?;
            read(response).await
        };
        match tokio::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(Ok((status, body))) => answer(status, &body),
            Ok(Err(why)) => unknown(why),
            Err(_) => unknown("no answer in time".into()),
        }
    }

    /// Sends a request, and closes the connection instead of waiting for its answer.
    async fn cut_off(&self, body: &str, headers: &[(&'static str, String)]) -> std::io::Result<()> {
        let host = self.url.authority().map_or("", |authority| authority.as_str());
        let mut head =
            format!("POST {} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", self.url.path(), body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(host).await?;
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await?;
        stream.flush().await?;
        // Some are read before the connection closes and some are not: that is what makes it unknown.
        tokio::time::sleep(Duration::from_millis(3)).await;
        stream.shutdown().await
    }
}

fn headers(key: Option<&str>, trace: String) -> Vec<(&'static str, String)> {
    let mut headers = vec![("content-type", "application/json".to_owned()), ("x-amzn-trace-id", trace)];
    headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
    headers
}

async fn read(response: Response<hyper::body::Incoming>) -> Result<(u16, Value), String> {
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
    let body = body.map_err(|error| format!("the answer broke off: {error}"))?.to_bytes();
    // What is no JSON says nothing.
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

/// As a client must read it, by README's table.
fn answer(status: u16, body: &Value) -> Answer {
    let text = |name: &str| body[name].as_str();
    match (status, text("orderId").and_then(orders::id)) {
        (202, Some(id)) => Answer::Acked(id),
        (400..=428, _) => Answer::Refused(status),
        _ if text("message").is_some_and(|message| message.starts_with("Order not accepted")) => {
            Answer::Unavailable(status)
        }
        _ => Answer::Unknown { why: format!("HTTP {status}"), key: text("idempotencyKey").map(str::to_owned) },
    }
}

/// In X-Ray's form.
fn trace_id(random: &mut Random) -> String {
    let now = jiff::Timestamp::now().as_second();
    let unique = format!("{:016x}{:016x}", random.next(), random.next());
    format!("1-{now:08x}-{}", &unique[..24])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_taken_for_what_it_says_and_for_open_if_it_says_nothing() {
        let id = "7f000001-0000-4000-8000-000000000009";
        assert!(matches!(answer(202, &json!({"orderId": id})), Answer::Acked(_)));
        assert!(matches!(answer(202, &json!({})), Answer::Unknown { .. }));
        assert_eq!(answer(422, &json!({"message": "x"})), Answer::Refused(422));
        assert_eq!(answer(503, &json!({"message": "Order not accepted: the queue"})), Answer::Unavailable(503));
        let open = json!({"message": "It is not known", "orderId": id, "idempotencyKey": "k"});
        assert!(matches!(answer(503, &open), Answer::Unknown { key: Some(key), .. } if key == "k"));
        assert!(matches!(answer(500, &Value::Null), Answer::Unknown { key: None, .. }));
    }
}
