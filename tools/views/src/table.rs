//! Rows and columns: the twin of every picture, and what log widgets show.

use maud::{Markup, html};
use serde::Serialize;

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Table {
    /// Its head.
    pub columns: Vec<String>,
    /// As many cells as columns in each.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Without rows.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Whether all that is in a column is numbers: they stand right.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.parse::<f64>().is_ok())
    }

    /// As markup; `class` is a cell's, by row and column.
    #[must_use]
    pub fn html(&self, class: &dyn Fn(usize, usize) -> Option<String>, caption: &str) -> Markup {
        let numeric: Vec<_> = (0..self.columns.len()).map(|column| self.is_numeric(column)).collect();
        let side = |column: usize| numeric.get(column).is_some_and(|numeric| *numeric).then_some("number");
        html! {
            table {
                caption { (caption) }
                thead { tr { @for (index, column) in self.columns.iter().enumerate() {
                    th scope="col" class=[side(index)] { (column) }
                } } }
                tbody { @for (row_index, row) in self.rows.iter().enumerate() { tr {
                    @for (index, cell) in row.iter().enumerate() {
                        @let marked = class(row_index, index);
                        @let classes = [side(index), marked.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
                        td class=[(!classes.is_empty()).then_some(classes)] { (cell) }
                    }
                } } }
            }
        }
    }
}
