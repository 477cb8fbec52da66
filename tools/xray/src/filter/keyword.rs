//! The simple keywords: their types, and where each has a meaning.

use super::ast::RootCauseLevel;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Ok,
    Error,
    Throttle,
    Fault,
    Partial,
    Inferred,
    First,
    Last,
    Remote,
    Root,
    ResponseTime,
    Duration,
    HttpStatus,
    Index,
    HttpUrl,
    HttpMethod,
    HttpUserAgent,
    HttpClientIp,
    User,
    Name,
    Type,
    Message,
    AvailabilityZone,
    InstanceId,
    ResourceArn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Number,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Trace,
    /// In the filter of a group: a group does not refer to groups.
    Group,
    Service,
    Edge,
    RootCause(RootCauseLevel),
}

impl Level {
    /// Where it is, in words.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Trace => "outside service, edge and rootcause",
            Self::Group => "in the filter of a group",
            Self::Service => "inside service {}",
            Self::Edge => "inside edge {}",
            Self::RootCause(RootCauseLevel::Service) => "inside a rootcause service {}",
            Self::RootCause(RootCauseLevel::Entity) => "inside a rootcause entity {}",
            Self::RootCause(RootCauseLevel::Exception) => "inside a rootcause exception {}",
        }
    }

    pub(super) fn has(self, keyword: Keyword) -> bool {
        use Keyword as K;
        let list: &[Keyword] = match self {
            Self::Trace | Self::Group => &[
                K::Ok,
                K::Error,
                K::Throttle,
                K::Fault,
                K::Partial,
                K::Inferred,
                K::ResponseTime,
                K::Duration,
                K::HttpStatus,
                K::HttpUrl,
                K::HttpMethod,
                K::HttpUserAgent,
                K::HttpClientIp,
                K::User,
                K::AvailabilityZone,
                K::InstanceId,
                K::ResourceArn,
            ],
            Self::Service => &[
                K::Ok,
                K::Error,
                K::Throttle,
                K::Fault,
                K::Partial,
                K::Inferred,
                K::Root,
                K::ResponseTime,
                K::Duration,
                K::HttpStatus,
                K::HttpUrl,
                K::HttpMethod,
                K::HttpUserAgent,
                K::HttpClientIp,
                K::User,
                K::Name,
                K::Type,
                K::AvailabilityZone,
                K::InstanceId,
                K::ResourceArn,
            ],
            Self::Edge => &[K::Ok, K::Error, K::Throttle, K::Fault, K::ResponseTime, K::Duration],
            Self::RootCause(RootCauseLevel::Service) => &[K::Name, K::Type, K::Inferred, K::First, K::Last, K::Index],
            Self::RootCause(RootCauseLevel::Entity) => &[K::Name, K::Remote, K::First, K::Last, K::Index],
            Self::RootCause(RootCauseLevel::Exception) => &[K::Name, K::Message, K::First, K::Last, K::Index],
        };
        list.contains(&keyword)
    }
}

/// What a keyword is; `coverage`, which only response-time root causes tell, is known and not answered.
pub(super) fn lookup(name: &str) -> Option<(Keyword, Kind)> {
    use Kind::{Boolean, Number, Text};
    Some(match name {
        "ok" => (Keyword::Ok, Boolean),
        "error" => (Keyword::Error, Boolean),
        "throttle" => (Keyword::Throttle, Boolean),
        "fault" => (Keyword::Fault, Boolean),
        "partial" => (Keyword::Partial, Boolean),
        "inferred" => (Keyword::Inferred, Boolean),
        "first" => (Keyword::First, Boolean),
        "last" => (Keyword::Last, Boolean),
        "remote" => (Keyword::Remote, Boolean),
        "root" => (Keyword::Root, Boolean),
        "responsetime" => (Keyword::ResponseTime, Number),
        "duration" => (Keyword::Duration, Number),
        "http.status" => (Keyword::HttpStatus, Number),
        "index" => (Keyword::Index, Number),
        "http.url" => (Keyword::HttpUrl, Text),
        "http.method" => (Keyword::HttpMethod, Text),
        "http.useragent" => (Keyword::HttpUserAgent, Text),
        "http.clientip" => (Keyword::HttpClientIp, Text),
        "user" => (Keyword::User, Text),
        "name" => (Keyword::Name, Text),
        "type" => (Keyword::Type, Text),
        "message" => (Keyword::Message, Text),
        "availabilityzone" => (Keyword::AvailabilityZone, Text),
        "instance.id" => (Keyword::InstanceId, Text),
        "resource.arn" => (Keyword::ResourceArn, Text),
        _ => return None,
    })
}

/// Every simple keyword that AWS documents.
pub(super) fn is_known(name: &str) -> bool {
    lookup(name).is_some() || matches!(name, "coverage" | "group.name" | "group.arn")
}
