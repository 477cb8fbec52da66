//! The ways in which the stack is broken.

use serde::Serialize;

/// One way, with what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fault {
    /// The next calls meet a fault of the stack's proxy.
    Calls {
        /// As `suite fault` takes it.
        calls: &'static str,
        effect: &'static str,
        times: u32,
    },
    /// The table refuses everything until orders have used up their retries.
    Outage,
    /// Messages are shown again while a slow function still works on them.
    ExpireVisibility,
    /// The event source mapping is off for a while.
    StopConsumer { ms: u64 },
    /// `orders dlq redrive` is killed when it has moved some.
    InterruptRedrive { by_kill: bool },
    /// The emulator's process stands still.
    StallEmulator { ms: u64 },
    /// Clients close their connections as soon as the request is out.
    ResetClients { times: u32 },
    /// Messages that are no order, sent to the queue by somebody else.
    Poison { times: u32 },
    /// Other orders under the ids of stored ones, sent to the queue by somebody else.
    Conflict { times: u32 },
}

impl Fault {
    /// AWS FIS's name of the action where it has one, or ours.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Calls { effect: "throttle", .. } => "aws:fis:inject-api-throttle-error",
            Self::Calls { effect: "error", .. } => "aws:fis:inject-api-internal-error",
            Self::Calls { effect: "slow", .. } => "suite:api-add-delay",
            Self::Calls { effect: "lost", .. } => "suite:lose-answer",
            Self::Calls { effect: "reset", .. } => "suite:reset-after-request",
            Self::Calls { effect: "kill", .. } => "suite:kill-function",
            Self::Calls { .. } => "suite:deliver-twice",
            Self::Outage => "aws:fis:inject-api-unavailable-error",
            Self::ExpireVisibility => "suite:expire-visibility",
            Self::StopConsumer { .. } => "suite:stop-consumer",
            Self::InterruptRedrive { .. } => "suite:interrupt-redrive",
            Self::StallEmulator { .. } => "suite:stall-emulator",
            Self::ResetClients { .. } => "suite:reset-client",
            Self::Poison { .. } => "suite:send-poison",
            Self::Conflict { .. } => "suite:send-conflict",
        }
    }

    /// What it is done to, for a table.
    pub(crate) fn target(&self) -> &'static str {
        match self {
            Self::Calls { calls, .. } => calls,
            Self::Outage => "dynamodb:PutItem",
            Self::ExpireVisibility | Self::Poison { .. } | Self::Conflict { .. } => "orders queue",
            Self::StopConsumer { .. } => "event source mapping",
            Self::InterruptRedrive { .. } => "orders dlq redrive",
            Self::StallEmulator { .. } => "emulator",
            Self::ResetClients { .. } => "API",
        }
    }
}
