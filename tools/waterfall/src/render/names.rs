//! What a span is called in a narrow column.

use std::fmt::Write as _;

use cli::text::{clean, shorten, width};

use crate::model::{Kind, Span, Trace};

/// The beginning that all names of services and resources share, up to a dash: the name of the project and of the
/// environment, which say nothing within one trace and fill a narrow column. Empty if there is none. A name without a
/// dash, as a service's own short name, has nothing to share and hinders none.
pub(super) fn common_prefix(trace: &Trace) -> String {
    let mut names: Vec<&str> = trace
        .spans()
        .filter(|span| span.kind == Kind::Segment && !span.inferred)
        .map(|span| span.name.as_str())
        .filter(|name| name.contains('-'))
        .collect();
    names.sort_unstable();
    names.dedup();
    // Sorted: what the first and the last share, all share.
    let (Some(first), Some(last)) = (names.first(), names.last()) else {
        return String::new();
    };
    if names.len() < 2 {
        return String::new();
    }
    let shared = first
        .char_indices()
        .zip(last.chars())
        .take_while(|((_, a), b)| a == b)
        .map(|((at, c), _)| at + c.len_utf8())
        .last()
        .unwrap_or_default();
    let shared = first.get(..shared).unwrap_or_default();
    let end = shared.rfind('-').map_or(0, |dash| dash + 1);
    clean(shared.get(..end).unwrap_or_default())
}

/// Name, operation, resource and type of a span, as much of them as there is room for.
pub(super) fn shown(span: &Span, prefix: &str, room: usize) -> String {
    let without = |name: &str| {
        let name = clean(name);
        match name.strip_prefix(prefix) {
            Some(rest) if !rest.is_empty() => rest.to_owned(),
            _ => name,
        }
    };
    let resource = span.resource.as_deref().map(|r| without(last_part(r)));
    let mut name = match (span.inferred, &resource) {
        (true, Some(resource)) => format!("~{resource}"),
        (true, None) => format!("~{}", without(&span.name)),
        (false, _) => without(&span.name),
    };
    if !span.inferred {
        let call = [span.operation.as_deref().map(clean), resource];
        let call: Vec<String> = call.into_iter().flatten().collect();
        let whole = format!("{name} {}", call.join(" "));
        // An operation on a resource tells the service by itself.
        let enough = call.len() == 2 && width(&whole) > room;
        if !call.is_empty() {
            name = if enough { call.join(" ") } else { whole };
        }
    }
    let length = width(&name);
    let kinds = span.origin.iter().flat_map(|origin| {
        let origin = clean(origin.strip_prefix("AWS::").unwrap_or(origin));
        let last = origin.rsplit("::").next().unwrap_or_default().to_owned();
        [origin, last]
    });
    for kind in kinds {
        if length + width(&kind) + 3 <= room {
            let _ = write!(name, " ({kind})");
            break;
        }
    }
    shorten(&name, room)
}

/// The queue's name of its URL; a table's name is one part already.
fn last_part(resource: &str) -> &str {
    resource.rsplit(['/', ':']).find(|part| !part.is_empty()).unwrap_or(resource)
}
