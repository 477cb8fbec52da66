//! What every widget's HTML is made of: only what CloudWatch lets through, and its own classes and elements.

use maud::{Markup, html};
use serde_json::Value;

/// A button or link that calls this function again: CloudWatch binds the action to the element before it.
pub(crate) struct Call<'a> {
    /// The function.
    pub(crate) endpoint: &'a str,
    /// What it is called with, beside the context.
    pub(crate) with: Value,
    /// In a window of its own, or in the widget's place.
    pub(crate) popup: bool,
    /// What the reader must agree to first.
    pub(crate) confirmation: Option<String>,
}

impl Call<'_> {
    /// As a button.
    pub(crate) fn button(&self, label: &str, primary: bool) -> Markup {
        html! { a class=(if primary { "btn btn-primary" } else { "btn" }) { (label) } (self.action()) }
    }

    /// As a link.
    pub(crate) fn link(&self, label: &str) -> Markup {
        html! { a { (label) } (self.action()) }
    }

    pub(crate) fn action(&self) -> Markup {
        let display = if self.popup { "popup" } else { "widget" };
        html! { cwdb-action action="call" display=(display) endpoint=(self.endpoint) confirmation=[self.confirmation.as_deref()] { (self.with.to_string()) } }
    }
}

/// Something went wrong: what, and what to do.
pub(crate) fn problem(what: &str, next: &str) -> Markup {
    html! { p { strong { "✗ " (what) } } p { (next) } }
}

/// Nothing is there, and that is well.
pub(crate) fn good(what: &str) -> Markup {
    html! { p { strong { "✓ " (what) } } }
}
