#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod alarm;
pub mod body;
mod chart;
pub mod checklist;
mod custom;
mod data;
mod label;
mod lanes;
mod markdown;
mod page;
mod picture;
#[cfg(feature = "png")]
mod raster;
mod scale;
mod spark;
mod table;
mod terminal;
mod theme;
pub mod trace;
mod widget;

pub use alarm::{AlarmGraph, Judgement, Slot};
pub use body::{Body, BodyError, Content, Metric, Period, Query, QueryKind, Variable, Widget};
pub use custom::custom;
pub use data::{Alarm, AlarmState, Answer, Point, Range, Series};
pub use lanes::{Lane, Mark, lanes};
pub use markdown::html as markdown;
pub use page::{Page, page, variables, widget};
pub use picture::{Picture, dashboard, single};
#[cfg(feature = "png")]
pub use raster::{RasterError, png};
pub use spark::{Bin, histogram, spark};
pub use table::Table;
pub use terminal::{Line, lines};
pub use theme::Theme;
pub use widget::{Drawn, draw};
