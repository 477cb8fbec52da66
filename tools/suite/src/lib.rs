#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod environment;
mod error;
mod files;
mod gateway;
mod names;
mod outputs;
mod placeholders;
mod prices;
mod settings;

pub use environment::{Environment, EnvironmentError, LOCAL, known_environments};
pub use error::{Error, Result};
pub use files::{SavedQuery, Suite};
pub use gateway::{Gateway, GatewayAnswer};
pub use names::{LOCAL_ACCOUNT, Names, ORDER_FUNCTIONS, RUNBOOKS, VIEWER, check_project_name};
pub use outputs::{Outputs, StateFiles, output};
pub use placeholders::{PlaceholderError, Placeholders};
pub use prices::{Goals, PriceLine, PriceList, Quantity, UnitPrice};
pub use settings::{
    ApiSettings, DeadLetterQueueSettings, EventSourceSettings, FunctionSettings, QueueSettings, Settings,
    TracingSettings, ViewerSettings,
};
