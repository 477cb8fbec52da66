//! The secrets of one start, and who has them.

use axum::http::{HeaderMap, header};
use uuid::Uuid;

/// Of one start.
#[derive(Debug)]
pub(crate) struct Access {
    port: u16,
    token: String,
    /// In every form: a page of another origin can't read it.
    pub(crate) form: String,
}

impl Access {
    pub(crate) fn new(port: u16) -> Self {
        let secret = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self { port, token: secret(), form: secret() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    /// Is it the token of this start's URL?
    pub(crate) fn is_token(&self, token: &str) -> bool {
        same(token, &self.token)
    }

    /// The cookie in which a browser keeps the token.
    pub(crate) fn cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name(), self.token)
    }

    /// Cookies know no port: each console has a name of its own.
    fn cookie_name(&self) -> String {
        format!("console-{}", self.port)
    }

    pub(crate) fn is_named(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost"].iter().any(|name| host == format!("{name}:{}", self.port))
    }

    /// By cookie, as browsers have it, or by header, as scripts do.
    pub(crate) fn proves(&self, headers: &HeaderMap) -> Proof {
        let bearer = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        if bearer.is_some_and(|token| same(token, &self.token)) {
            return Proof::Header;
        }
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let own = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(key, _)| *key == name);
        if own.is_some_and(|(_, token)| same(token, &self.token)) { Proof::Cookie } else { Proof::None }
    }

    /// A form's token, which a script that has shown the header need not have.
    pub(crate) fn may_post(&self, headers: &HeaderMap, form: Option<&str>) -> bool {
        self.proves(headers) == Proof::Header || form.is_some_and(|token| same(token, &self.form))
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    None,
    Cookie,
    Header,
}

/// As long for a good guess as for a bad one.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_s_names_with_this_port_are_its_own() {
        let access = Access::new(4567);
        for (host, own) in [
            ("127.0.0.1:4567", true),
            ("localhost:4567", true),
            ("127.0.0.1:4568", false),
            ("127.0.0.1", false),
            ("evil.example:4567", false),
            ("127.0.0.1.evil.example:4567", false),
            ("", false),
        ] {
            assert_eq!(access.is_named(host), own, "{host}");
        }
    }

    #[test]
    fn a_token_is_proved_by_cookie_or_header_and_a_form_needs_its_own() {
        let access = Access::new(1);
        let with =
            |name: &'static str, value: String| HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        let cookie = with("cookie", format!("a=b; console-1={}", access.token));
        let (bearer, nothing) = (with("authorization", format!("Bearer {}", access.token)), HeaderMap::new());
        assert_eq!(access.proves(&cookie), Proof::Cookie);
        assert_eq!(access.proves(&bearer), Proof::Header);
        assert_eq!(access.proves(&with("cookie", format!("console-2={}", access.token))), Proof::None);
        assert!(!access.may_post(&cookie, None) && !access.may_post(&nothing, Some("guess")));
        assert!(access.may_post(&cookie, Some(&access.form)) && access.may_post(&bearer, None));
    }
}
