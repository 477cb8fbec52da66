use crate::output::Output;

/// An error as an AWS service tells it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// The code of the JSON protocols: `ResourceNotFoundException`.
    pub code: &'static str,
    /// The code of the Query protocol, where a service has two: `ResourceNotFound`. Clients of the newer protocols find it in a
    /// header.
    pub query_code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What else the error's shape has.
    pub members: Vec<(&'static str, Output)>,
}

impl ApiError {
    /// An error whose code is the same in every protocol.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, query_code: code, message: message.into(), members: Vec::new() }
    }

    /// The same with a code of its own in the Query protocol.
    #[must_use]
    pub fn query_code(mut self, code: &'static str) -> Self {
        self.query_code = code;
        self
    }

    /// The same with one more member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Output>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// Whose fault it is, in the words of the Query protocol.
    pub(crate) fn fault(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }

    /// The error's shape; the member that holds the message is `Message` in some services and `message` in most.
    pub(crate) fn into_output(self, message: &'static str) -> Output {
        let mut members = vec![("__type", Output::from(self.code)), (message, Output::from(self.message))];
        members.extend(self.members);
        Output::Map(members)
    }
}
