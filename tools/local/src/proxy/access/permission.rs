//! Whether a caller's policies allow what it asks of a service that the stack answers itself. The emulator asks for its own services.

use axum::{body::Body, http::request::Parts};
use cloudwatch::api::SERVICE;
use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::Value;

use super::Refusal;
use crate::{
    emulator::{self, EmulatorClient},
    http,
};

/// A call, as policies name it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    action: String,
    resource: String,
}

impl Asked {
    /// What a call asks of X-Ray, CloudWatch or CloudWatch Logs; none of any other service's.
    pub(super) fn read(parts: &Parts, body: &[u8], scope: &str) -> Option<Self> {
        // A date, a region, a service.
        let mut scope = scope.split('/').skip(1);
        let (region, service) = (scope.next()?, scope.next()?);
        let (prefix, operation) = match service {
            "xray" => ("xray", xray_operation(parts.uri.path()).to_owned()),
            "monitoring" => ("cloudwatch", operation(parts, body)?),
            "logs" => ("logs", operation(parts, body)?),
            _ => return None,
        };
        let group = (service == "logs")
            .then(|| serde_json::from_slice::<Value>(body).ok()?["logGroupName"].as_str().map(str::to_owned));
        let resource =
            group.flatten().map(|name| format!("arn:aws:logs:{region}:{}:log-group:{name}:*", suite::LOCAL_ACCOUNT));
        Some(Self { action: format!("{prefix}:{operation}"), resource: resource.unwrap_or_else(|| "*".into()) })
    }

    pub(super) async fn check(&self, access_key: &str, region: &str, emulator: &EmulatorClient) -> Result<(), Refusal> {
        #[derive(Deserialize)]
        struct Told {
            refusal: Option<String>,
        }
        let query = Serializer::new(String::new())
            .extend_pairs([("action", &*self.action), ("resource", &self.resource), ("region", region)])
            .finish();
        // The key's characters were checked: it is a word.
        let address = format!("{}/_suite/permissions/{access_key}?{query}", emulator::ADDRESS);
        let Ok(request) = axum::http::Request::get(address).body(Body::empty()) else {
            return Err(Refusal::unknown_key());
        };
        let told = match http::send(emulator, request).await {
            Ok((status, body)) if status.is_success() => serde_json::from_slice::<Told>(&body).ok(),
            Ok(_) => None,
            Err(error) => {
                eprintln!("a permission can't be looked up: {error:#}");
                None
            }
        };
        match told.ok_or_else(Refusal::not_now)?.refusal {
            None => Ok(()),
            Some(words) => Err(Refusal::new("AccessDeniedException", words)),
        }
    }
}

/// X-Ray's addresses, where they are not the operation's name.
fn xray_operation(path: &str) -> &str {
    match path.trim_start_matches('/') {
        "TraceSegments" => "PutTraceSegments",
        "TraceSummaries" => "GetTraceSummaries",
        "Traces" => "BatchGetTraces",
        "TraceGraph" => "GetTraceGraph",
        "ServiceGraph" => "GetServiceGraph",
        "Groups" => "GetGroups",
        "SamplingTargets" => "GetSamplingTargets",
        "SamplingStatisticSummaries" => "GetSamplingStatisticSummaries",
        other => other,
    }
}

/// Wherever the call's protocol has it.
fn operation(parts: &Parts, body: &[u8]) -> Option<String> {
    SERVICE.operation(parts.uri.path(), &parts.headers, body).map(|(_, operation)| operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(service: &str, path: &str, target: Option<&str>, body: &str) -> Option<(String, String)> {
        let mut request = axum::http::Request::post(path);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let asked = Asked::read(&parts, body.as_bytes(), &format!("20261130/us-east-1/{service}/aws4_request"))?;
        Some((asked.action, asked.resource))
    }

    #[test]
    fn a_call_is_named_as_policies_name_it_in_every_protocol() {
        let both = |action: &str, resource: &str| Some((action.to_owned(), resource.to_owned()));
        assert_eq!(asked("xray", "/TraceSummaries", None, "{}"), both("xray:GetTraceSummaries", "*"));
        assert_eq!(asked("xray", "/GetGroup", None, "{}"), both("xray:GetGroup", "*"));
        let cbor = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms";
        assert_eq!(asked("monitoring", cbor, None, ""), both("cloudwatch:DescribeAlarms", "*"));
        assert_eq!(
            asked("monitoring", "/", None, "Version=2010-08-01&Action=ListMetrics"),
            both("cloudwatch:ListMetrics", "*")
        );
        let lines = asked("logs", "/", Some("Logs_20140328.FilterLogEvents"), r#"{"logGroupName": "/aws/lambda/a"}"#);
        assert_eq!(
            lines,
            both("logs:FilterLogEvents", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/a:*")
        );
        assert_eq!(asked("sqs", "/", Some("AmazonSQS.SendMessage"), "{}"), None);
    }
}
