//! The pictures of metrics.

pub(crate) mod bars;
pub(crate) mod gauge;
pub(crate) mod legend;
pub(crate) mod pie;
pub(crate) mod time;
pub(crate) mod values;

use maud::{Markup, html};

use crate::{body::Side, data::Point, scale::px, theme::SERIES};

/// What a line is drawn in.
#[derive(Debug, Clone)]
pub(crate) enum Color {
    /// One of CloudWatch's own, in the theme's shade.
    Palette(usize),
    /// The body's.
    Own(String),
}

impl Color {
    /// The body's, or the next of the palette. One that the body took from the palette changes with the theme as well.
    pub(crate) fn of(own: Option<&str>, index: usize) -> Self {
        match own {
            Some(own) => match SERIES.iter().position(|color| color.eq_ignore_ascii_case(own)) {
                Some(index) => Self::Palette(index),
                None => Self::Own(own.to_owned()),
            },
            None => Self::Palette(index % SERIES.len()),
        }
    }

    pub(crate) fn stroke_class(&self) -> Option<String> {
        match self {
            Self::Palette(index) => Some(format!("v-s{index}")),
            Self::Own(_) => None,
        }
    }

    pub(crate) fn fill_class(&self) -> Option<String> {
        match self {
            Self::Palette(index) => Some(format!("v-f{index}")),
            Self::Own(_) => None,
        }
    }

    pub(crate) fn own(&self) -> Option<&str> {
        match self {
            Self::Palette(_) => None,
            Self::Own(own) => Some(own),
        }
    }
}

/// A line, a bar, a slice.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) label: String,
    pub(crate) color: Color,
    pub(crate) side: Side,
    pub(crate) points: Vec<Point>,
    /// Of its points, in seconds: what is further apart is a gap.
    pub(crate) period: i64,
    pub(crate) unit: Option<String>,
}

impl Item {
    pub(crate) fn last(&self) -> Option<f64> {
        self.points.last().map(|point| point.1)
    }
}

/// A picture's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

pub(crate) const SMALL: f64 = 11.0;

pub(crate) fn text(x: f64, y: f64, size: f64, anchor: &str, class: &str, content: &str) -> Markup {
    html! { text x=(px(x)) y=(px(y)) font-size=(px(size)) text-anchor=(anchor) class=(class) { (content) } }
}

/// What stands where a picture has nothing to draw.
pub(crate) fn nothing(area: Area, why: &str) -> Markup {
    text(area.x + area.width / 2.0, area.y + area.height / 2.0 + 4.0, 12.0, "middle", "v-quiet", why)
}
