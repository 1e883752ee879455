//! Text for people: titles, fields and tables that fit the terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use serde::Serialize;

use super::text::count;

use crate::printable::escape;

/// What a cell shows where there is nothing.
const NOTHING_THERE: &str = "-";

/// What a verb found out: JSON for programs by `Serialize`, text for people by [`Answer::write`].
pub(in crate::cli) trait Answer: Serialize {
    /// Writes it for people.
    fn write(&self, page: &mut Page);
}

/// A text for people, of the width that the terminal has.
#[derive(Debug, Default)]
pub(in crate::cli) struct Page {
    text: String,
    /// The columns of the terminal; `None` if the text is not for one, and then no line is broken.
    width: Option<u16>,
}

impl Page {
    /// A page of the terminal's width.
    pub(super) fn new(width: Option<u16>) -> Self {
        Self { text: String::new(), width }
    }

    /// The text.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// A line.
    pub(in crate::cli) fn line(&mut self, text: impl std::fmt::Display) {
        self.text.push_str(&escape(&text.to_string()));
        self.text.push('\n');
    }

    /// A text of several sentences, broken where the terminal ends.
    pub(in crate::cli) fn paragraph(&mut self, text: &str) {
        self.grid(0, None, vec![vec![text.to_owned()]]);
    }

    /// An empty line between two parts.
    pub(in crate::cli) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Names with their values, those with a value only.
    pub(in crate::cli) fn fields<'f>(
        &mut self,
        indent: usize,
        fields: impl IntoIterator<Item = (&'f str, Option<String>)>,
    ) {
        let rows =
            fields.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value.filter(|it| !it.is_empty())?]));
        self.grid(indent, None, rows.map(Vec::from).collect());
    }

    /// Rows under a row of names. Without rows nothing is written.
    pub(in crate::cli) fn table<const N: usize>(
        &mut self,
        header: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
        if !rows.is_empty() {
            self.grid(0, Some(header.map(str::to_owned).to_vec()), rows);
        }
    }

    /// How many rows a table has, if that is not seen at once.
    pub(in crate::cli) fn total(&mut self, number: usize, what: &str) {
        if number > 1 {
            self.gap();
            self.line(count(number, what));
        }
    }

    fn grid(&mut self, indent: usize, header: Option<Vec<String>>, rows: Vec<Vec<String>>) {
        let mut table = Table::new();
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        let width = self.width.map(|width| width.saturating_sub(indent as u16).max(20));
        match width {
            Some(width) => table.set_width(width),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        let is_fields = header.is_none();
        let cell = |text: &String| match text.as_str() {
            "" if !is_fields => NOTHING_THERE.to_owned(),
            text => escape(text).into_owned(),
        };
        if let Some(header) = header {
            table.set_header(header);
        }
        for row in &rows {
            table.add_row(row.iter().map(cell));
        }
        let last = table.column_count().saturating_sub(1);
        for (nth, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if nth == last { 0 } else { 2 }));
            // The names of fields are short, and never broken.
            if is_fields && nth < last {
                column.set_constraint(ColumnConstraint::ContentWidth);
            } else if width.is_some() {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(8)));
            }
        }
        for line in table.lines() {
            let line = format!("{:indent$}{line}", "");
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: Option<u16>, write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::new(width);
        write(&mut page);
        page.into_text()
    }

    fn services(page: &mut Page) {
        let rows = [["make-it-rain", "staging, production", "banking-integrations"], ["ledger", "", "core"]];
        page.table(["SERVICE", "ENVIRONMENTS", "TEAM"], rows.map(|row| row.map(str::to_owned)));
    }

    #[test]
    fn a_table_has_the_width_of_its_contents_where_there_is_no_terminal() {
        insta::assert_snapshot!(written(None, services), @"
        SERVICE       ENVIRONMENTS         TEAM
        make-it-rain  staging, production  banking-integrations
        ledger        -                    core
        ");
    }

    #[test]
    fn a_table_fits_a_narrow_terminal() {
        let text = written(Some(40), services);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        insta::assert_snapshot!(text, @"
        SERVICE       ENVIRONMENTS  TEAM
        make-it-rain  staging,      banking-inte
                      production    grations
        ledger        -             core
        ");
    }

    #[test]
    fn only_fields_with_a_value_are_written_and_no_line_break_gets_out() {
        let fields = [("team", Some("a\nb".to_owned())), ("repository", None), ("alerts", Some(String::new()))];
        insta::assert_snapshot!(written(None, |page| page.fields(2, fields)), @r"  team  a\nb");
    }
}
