//! Columns as wide as their widest cell, two blanks between them, nothing after the last.

use anyhow::Result;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table as Comfy, presets};

use crate::output;

/// A table for people.
#[derive(Debug)]
pub struct Table {
    inner: Comfy,
    right: Vec<usize>,
    /// A column, and the room of the whole table.
    wrapped: Option<(usize, usize)>,
}

impl Table {
    /// Without a heading: names and values.
    #[must_use]
    pub fn plain() -> Self {
        let mut inner = Comfy::new();
        inner.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        Self { inner, right: Vec::new(), wrapped: None }
    }

    /// With a heading, in capitals.
    pub fn new<'h>(heading: impl IntoIterator<Item = &'h str>) -> Self {
        let mut table = Self::plain();
        table.inner.set_header(heading);
        table
    }

    /// Numbers are easier to compare from the right: in these columns, counted from 0.
    #[must_use]
    pub fn right(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.right = columns.into_iter().collect();
        self
    }

    /// At most so many characters a line: the given column is broken into lines of words.
    #[must_use]
    pub fn wrap(mut self, column: usize, room: usize) -> Self {
        self.wrapped = Some((column, room));
        self
    }

    /// One more row. A cell may hold colours.
    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.inner.add_row(cells.into_iter().map(Into::<String>::into));
    }

    /// Has it no row?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.row_count() == 0
    }

    /// The table's text, each line with its end.
    #[must_use]
    pub fn render(mut self) -> String {
        if let Some((_, room)) = self.wrapped {
            self.inner.set_content_arrangement(ContentArrangement::Dynamic);
            self.inner.set_width(u16::try_from(room).unwrap_or(u16::MAX));
        }
        for (index, column) in self.inner.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if self.wrapped.is_some_and(|(wrapped, _)| wrapped != index) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            if self.right.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = String::new();
        for line in self.inner.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// To stdout.
    ///
    /// # Errors
    /// As [`output::text`].
    pub fn print(self) -> Result<()> {
        output::text(self.render())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["NAME", "COUNT"]).right([1]);
        table.row(["orders", "5"]);
        table.row(["日本", "12345678"]);
        assert_eq!(table.render(), "NAME       COUNT\norders         5\n日本    12345678\n");
        let mut plain = Table::plain();
        assert!(plain.is_empty());
        plain.row(["api", "http://x"]);
        plain.row(["environment", ""]);
        assert_eq!(plain.render(), "api          http://x\nenvironment\n");
    }

    #[test]
    fn one_column_may_be_wrapped() {
        let mut table = Table::plain().wrap(1, 20);
        table.row(["ALARM", "orders wait too long"]);
        assert_eq!(table.render(), "ALARM  orders wait\n       too long\n");
    }

    #[test]
    fn colours_take_no_room() {
        let red = crate::colour::Paint::ALWAYS.bad("ALARM");
        let mut table = Table::plain();
        table.row([red.as_str(), "x"]);
        table.row(["OK", "y"]);
        assert_eq!(table.render(), format!("{red}  x\nOK     y\n"));
    }
}
