//! CloudWatch Logs' saved queries, which the emulator does not have: PutQueryDefinition, DescribeQueryDefinitions and
//! DeleteQueryDefinition in AWS's JSON 1.1 protocol, so that Terraform and every SDK find them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{Response, StatusCode, header},
    response::IntoResponse as _,
};
use http_body_util::{BodyExt as _, Limited};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

/// Of an account in a region, as CloudWatch Logs has it.
const MAX_DEFINITIONS: usize = 1000;
const MAX_QUERY_CHARS: usize = 10_000;
const MAX_NAME_CHARS: usize = 255;
const MAX_REQUEST_BYTES: usize = 1024 * 1024;

/// What is saved, by id.
#[derive(Debug, Default)]
pub(crate) struct SavedQueries(Mutex<BTreeMap<String, Saved>>);

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    query_definition_id: String,
    query_language: String,
    name: String,
    query_string: String,
    last_modified: u64,
    log_group_names: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Value>,
    /// A request that comes twice is one request.
    #[serde(skip)]
    client_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Put {
    #[serde(default)]
    name: String,
    #[serde(default)]
    query_string: String,
    query_definition_id: Option<String>,
    query_language: Option<String>,
    #[serde(default)]
    log_group_names: Vec<String>,
    #[serde(default)]
    parameters: Vec<Value>,
    client_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    query_definition_name_prefix: Option<String>,
    query_language: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delete {
    #[serde(default)]
    query_definition_id: String,
}

/// A refusal under the name that the SDKs make an error type of.
#[derive(Debug)]
struct Refusal(&'static str, String);

impl SavedQueries {
    /// Answers a call that is about saved queries; hands back any other.
    pub(crate) async fn answer(&self, request: Request) -> Result<Response<Body>, Request> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation: fn(&Self, &[u8]) -> Result<Value, Refusal> = match target {
            Some("Logs_20140328.PutQueryDefinition") => Self::put,
            Some("Logs_20140328.DescribeQueryDefinitions") => Self::describe,
            Some("Logs_20140328.DeleteQueryDefinition") => Self::delete,
            _ => return Err(request),
        };
        let body = Limited::new(request.into_body(), MAX_REQUEST_BYTES).collect().await;
        let answer = body
            .map_err(|error| Refusal("InvalidParameterException", format!("The request can't be read: {error}")))
            .and_then(|body| operation(self, &body.to_bytes()));
        Ok(match answer {
            Ok(body) => json_1_1(StatusCode::OK, &body),
            Err(Refusal(kind, message)) => {
                json_1_1(StatusCode::BAD_REQUEST, &json!({"__type": kind, "message": message}))
            }
        })
    }

    fn put(&self, body: &[u8]) -> Result<Value, Refusal> {
        let put: Put = parse(body)?;
        within("name", &put.name, 1, MAX_NAME_CHARS)?;
        within("queryString", &put.query_string, 0, MAX_QUERY_CHARS)?;
        let mut saved = self.lock();
        let id = match put.query_definition_id {
            Some(id) if saved.contains_key(&id) => id,
            Some(id) => return Err(not_found(&id)),
            None => {
                let repeated = |known: &&Saved| known.client_token.is_some() && known.client_token == put.client_token;
                if let Some(known) = saved.values().find(repeated) {
                    return Ok(json!({"queryDefinitionId": known.query_definition_id}));
                }
                if saved.len() >= MAX_DEFINITIONS {
                    return Err(Refusal("LimitExceededException", format!("{MAX_DEFINITIONS} queries are saved")));
                }
                Uuid::new_v4().to_string()
            }
        };
        // An update keeps nothing: whatever it leaves out is gone.
        let definition = Saved {
            query_definition_id: id.clone(),
            query_language: put.query_language.unwrap_or_else(|| "CWLI".into()),
            name: put.name,
            query_string: put.query_string,
            last_modified: now_ms(),
            log_group_names: put.log_group_names,
            parameters: put.parameters,
            client_token: put.client_token,
        };
        saved.insert(id.clone(), definition);
        Ok(json!({"queryDefinitionId": id}))
    }

    fn describe(&self, body: &[u8]) -> Result<Value, Refusal> {
        let describe: Describe = parse(body)?;
        let page = describe.max_results.unwrap_or(MAX_DEFINITIONS);
        if !(1..=MAX_DEFINITIONS).contains(&page) {
            return Err(Refusal("InvalidParameterException", format!("maxResults must be 1 to {MAX_DEFINITIONS}")));
        }
        let prefix = describe.query_definition_name_prefix.unwrap_or_default();
        let saved = self.lock();
        // In the order of their ids: a page goes on behind the id that its token is.
        let mut found = saved
            .values()
            .filter(|query| query.name.starts_with(&prefix))
            .filter(|query| describe.query_language.as_ref().is_none_or(|language| *language == query.query_language))
            .filter(|query| describe.next_token.as_ref().is_none_or(|token| query.query_definition_id > *token))
            .peekable();
        let page: Vec<_> = found.by_ref().take(page).collect();
        let mut answer = json!({"queryDefinitions": page});
        if let (Some(last), Some(_)) = (page.last(), found.peek()) {
            answer["nextToken"] = json!(last.query_definition_id);
        }
        Ok(answer)
    }

    fn delete(&self, body: &[u8]) -> Result<Value, Refusal> {
        let Delete { query_definition_id: id } = parse(body)?;
        self.lock().remove(&id).map(|_| json!({"success": true})).ok_or_else(|| not_found(&id))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Saved>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal("SerializationException", error.to_string()))
}

fn within(name: &str, text: &str, least: usize, most: usize) -> Result<(), Refusal> {
    if (least..=most).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Refusal("InvalidParameterException", format!("{name} must have {least} to {most} characters")))
}

fn not_found(id: &str) -> Refusal {
    Refusal("ResourceNotFoundException", format!("No query is saved as {id:?}"))
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn json_1_1(status: StatusCode, body: &Value) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], Bytes::from(body.to_string())).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_sdk_cloudwatchlogs::{Client, error::ProvideErrorMetadata as _};
    use axum::{Router, extract::State};

    use super::*;
    use crate::{clients::Clients, credentials::Credentials};

    /// The real SDK against the real wire.
    async fn client() -> Client {
        async fn handle(State(queries): State<Arc<SavedQueries>>, request: Request) -> Response<Body> {
            queries.answer(request).await.unwrap_or_else(|_| StatusCode::NOT_IMPLEMENTED.into_response())
        }
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(handle).with_state(Arc::new(SavedQueries::default()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        {
            let http = aws_smithy_http_client::Builder::new().build_http();
            Clients::new(&endpoint, "us-east-1", &Credentials::new(), http).await.logs
        }
    }

    async fn save(client: &Client, name: &str) -> String {
        let put = client.put_query_definition().name(name).query_string("fields @message").log_group_names("/aws/a");
        put.send().await.unwrap().query_definition_id.unwrap()
    }

    #[tokio::test]
    async fn a_saved_query_reads_back_as_it_was_put() {
        let client = client().await;
        let id = save(&client, "p/by-order").await;
        let found = client.describe_query_definitions().query_definition_name_prefix("p/").send().await.unwrap();
        let [query] = found.query_definitions() else { panic!("{found:?}") };
        assert_eq!(query.query_definition_id(), Some(id.as_str()));
        assert_eq!((query.name(), query.query_string()), (Some("p/by-order"), Some("fields @message")));
        assert_eq!(query.log_group_names(), ["/aws/a"]);
        assert_eq!(query.query_language().unwrap().as_str(), "CWLI");
        assert!(query.last_modified().unwrap() > 1_600_000_000_000);
    }

    #[tokio::test]
    async fn an_update_keeps_the_id_and_nothing_else() {
        let client = client().await;
        let id = save(&client, "before").await;
        let put = client.put_query_definition().query_definition_id(&id).name("after").query_string("limit 1");
        assert_eq!(put.send().await.unwrap().query_definition_id.unwrap(), id);
        let found = client.describe_query_definitions().send().await.unwrap();
        let [query] = found.query_definitions() else { panic!("{found:?}") };
        assert_eq!((query.name(), query.query_string()), (Some("after"), Some("limit 1")));
        assert!(query.log_group_names().is_empty());
    }

    #[tokio::test]
    async fn pages_hold_every_query_once() {
        let client = client().await;
        let mut names: Vec<_> = (0..7).map(|n| format!("q{n}")).collect();
        for name in &names {
            save(&client, name).await;
        }
        let (mut seen, mut token, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = client.describe_query_definitions().max_results(3).set_next_token(token).send().await.unwrap();
            seen.extend(page.query_definitions().iter().filter_map(|query| query.name().map(str::to_owned)));
            pages += 1;
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        seen.sort();
        names.sort();
        assert_eq!((seen, pages), (names, 3));
    }

    #[tokio::test]
    async fn a_deleted_query_is_gone_and_can_not_be_deleted_again() {
        let client = client().await;
        let id = save(&client, "q").await;
        assert!(client.delete_query_definition().query_definition_id(&id).send().await.unwrap().success());
        assert!(client.describe_query_definitions().send().await.unwrap().query_definitions().is_empty());
        let again = client.delete_query_definition().query_definition_id(&id).send().await.unwrap_err();
        assert!(again.as_service_error().unwrap().is_resource_not_found_exception(), "{again:?}");
        let update = client.put_query_definition().query_definition_id(&id).name("q").query_string("").send().await;
        assert_eq!(update.unwrap_err().code(), Some("ResourceNotFoundException"));
    }

    #[tokio::test]
    async fn the_same_token_saves_once() {
        let client = client().await;
        let put = || client.put_query_definition().name("q").query_string("limit 1").client_token("t").send();
        let (first, second) = (put().await.unwrap(), put().await.unwrap());
        assert_eq!(first.query_definition_id, second.query_definition_id);
        assert_eq!(client.describe_query_definitions().send().await.unwrap().query_definitions().len(), 1);
    }

    #[tokio::test]
    async fn what_cloudwatch_logs_refuses_is_refused() {
        let client = client().await;
        let nameless = client.put_query_definition().name("").query_string("").send().await.unwrap_err();
        assert!(nameless.as_service_error().unwrap().is_invalid_parameter_exception(), "{nameless:?}");
        let long = client.put_query_definition().name("q").query_string("x".repeat(10_001)).send().await.unwrap_err();
        assert!(long.as_service_error().unwrap().is_invalid_parameter_exception(), "{long:?}");
        let page = client.describe_query_definitions().max_results(0).send().await.unwrap_err();
        assert!(page.as_service_error().unwrap().is_invalid_parameter_exception(), "{page:?}");
    }

    #[tokio::test]
    async fn any_other_call_is_left_to_the_emulator() {
        let queries = SavedQueries::default();
        let request = Request::post("/").header("x-amz-target", "Logs_20140328.PutLogEvents").body(Body::empty());
        assert!(queries.answer(request.unwrap()).await.is_err());
    }
}
