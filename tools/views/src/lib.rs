#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod body;
mod chart;
pub mod checklist;
mod data;
mod label;
mod markdown;
mod page;
mod picture;
mod raster;
mod scale;
mod table;
mod terminal;
mod theme;
pub mod trace;
mod widget;

pub use body::{Body, BodyError, Content, Metric, Period, Query, QueryKind, Variable, Widget};
pub use data::{Alarm, AlarmState, Answer, Point, Range, Series};
pub use page::{Page, page};
pub use picture::{Picture, dashboard, single};
pub use raster::{RasterError, png};
pub use table::Table;
pub use terminal::{Line, lines};
pub use theme::Theme;
pub use widget::{Drawn, draw};
