#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod body;
mod decimal;
mod fields;
mod id;
mod limits;
mod message;
mod model;
mod problem;
mod stored;
mod text;
mod time;
mod validate;

pub use body::Body;
pub use id::IdempotencyKey;
pub use message::{InvalidMessage, QueueMessage, Wrapping};
pub use model::{Item, Order, ShippingAddress};
pub use problem::{Problem, ProblemKind, Rejection};
pub use stored::{Status, StoredOrder};
pub use time::{between, now};
