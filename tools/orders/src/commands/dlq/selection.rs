//! Which messages are meant.

use clap::Args;
use dead_letter::Letter;

#[derive(Debug, Clone, Default, Args)]
#[expect(missing_docs, reason = "clap would print it as what the command does")]
pub struct Selection {
    /// Only those whose reason contains this text, in upper or lower case
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Only this order
    #[arg(long, value_name = "ORDER_ID", value_parser = crate::id::parse)]
    pub order: Option<String>,
    /// Only this message
    #[arg(long, value_name = "MESSAGE_ID")]
    pub message: Option<String>,
}

impl Selection {
    pub(super) fn takes(&self, letter: &Letter) -> bool {
        let reason =
            self.reason.as_ref().is_none_or(|text| letter.reason().to_lowercase().contains(&text.to_lowercase()));
        let order = self.order.as_ref().is_none_or(|id| letter.order_id().is_some_and(|order| order == *id));
        let message = self.message.as_ref().is_none_or(|id| letter.message_id == *id);
        reason && order && message
    }

    /// For questions and answers.
    pub(super) fn words(&self) -> String {
        let reason = self.reason.iter().map(|text| format!(" with reason \"{text}\""));
        let order = self.order.iter().map(|id| format!(" of order {id}"));
        let message = self.message.iter().map(|id| format!(" with id {id}"));
        reason.chain(order).chain(message).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::memory::{letter, order_id},
        *,
    };

    #[test]
    fn reason_and_order_must_both_fit() {
        let one = letter("m1", 1, Some("Conflict: another order"));
        let select = |reason: Option<&str>, order: Option<&str>| Selection {
            reason: reason.map(str::to_owned),
            order: order.map(str::to_owned),
            message: None,
        };
        assert!(Selection { message: Some("m1".into()), ..Selection::default() }.takes(&one));
        assert!(!Selection { message: Some("m2".into()), ..Selection::default() }.takes(&one));
        assert!(select(None, None).takes(&one));
        assert!(select(Some("conflict"), Some(&order_id(1))).takes(&one));
        assert!(!select(Some("conflict"), Some(&order_id(2))).takes(&one));
        assert!(!select(Some("undecodable"), Some(&order_id(1))).takes(&one));
    }
}
