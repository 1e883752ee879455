//! The form for a pull request. Names come from the request itself, so each is in code, where Markdown has no links, mentions or
//! HTML, and no name ends a cell of a table.

use std::collections::BTreeMap;

use super::report::Report;
use super::words;
use crate::cli::common::count;
use crate::cli::registry::forms::markdown::{code, html};
use crate::fanout::impact::{ResourceChange, Severity};
use crate::registry::names::EnvironmentName;

/// A page of at most so many bytes. What does not fit is counted.
pub(super) struct Page {
    text: String,
    most: usize,
}

/// For the lines that say how much is left out.
const RESERVE: usize = 400;

impl Page {
    /// The page of a comparison: what a reviewer needs first comes first, and is the last to be left out.
    pub(super) fn of(report: &Report, most: usize) -> Self {
        let impact = &report.impact;
        let mut page = Self { text: String::new(), most };
        page.line(&format!("### Registry: {}", words::summary(impact)));
        page.line(&format!("{} → {}", code(&report.old.source), code(&report.new.source)));
        if impact.is_empty() {
            return page;
        }
        let findings = impact.findings.iter().map(|finding| {
            let severity = match finding.rule.severity {
                Severity::Error => "**error**",
                Severity::Warning => "warning",
                Severity::Notice => "notice",
            };
            let name = |name: Option<&str>| name.map(code).unwrap_or_default();
            [
                severity.to_owned(),
                format!("{}: {}", finding.rule.title, words::sentence(&finding.detail, code)),
                name(finding.service.as_ref().map(AsRef::as_ref)),
                name(finding.environment.as_ref().map(AsRef::as_ref)),
            ]
        });
        page.table("Read first", ["", "Finding", "Service", "Environment"], findings, 40);
        let counts = words::counts(impact).into_iter().map(|(what, count)| {
            let [before, created, changed, removed, after] =
                [count.before, count.created, count.changed, count.removed, count.after]
                    .map(|number| number.to_string());
            [what.to_owned(), before, created, changed, removed, after]
        });
        page.table("How much", ["", "before", "created", "changed", "removed", "after"], counts, 100);
        let access = words::access(impact);
        let access = access.iter().map(|group| {
            let (before, after) = (&group.change.before, &group.change.after);
            let levels = |levels| words::levels(levels, code);
            [group.who(code), group.change().to_owned(), group.places(code), levels(before), levels(after)]
        });
        page.table("Access", ["Who", "Change", "Service/environment", "Before", "After"], access, 40);
        let services = impact.services.iter().map(|service| {
            let edits = service.edits.iter().map(|edit| match &edit.environment {
                Some(environment) => format!("{} {}", code(environment.as_str()), words::edit(edit, code, code)),
                None => words::edit(edit, code, code),
            });
            [
                code(service.service.as_str()),
                words::service_change(service, code),
                edits.collect::<Vec<_>>().join("<br>"),
                words::resource_counts(service),
            ]
        });
        page.table("Services", ["Service", "Change", "Edited", "Resources"], services, 50);
        let entries = impact.entries.iter().map(|edit| [words::entry(edit, code, code)]);
        page.table("Other entries", ["Edited"], entries, 50);
        let sharing = impact.sharing.iter().map(|change| [words::sharing(change, code)]);
        page.table("Sharing", ["Change"], sharing, 50);
        page.details(report);
        page.line(&format!("\nImpact: {}", code(&impact.digest)));
        page
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn rest(&self) -> usize {
        self.most.saturating_sub(self.text.len() + RESERVE)
    }

    /// A table with as many rows as fit into a part of the rest of the page, in percent.
    fn table<const N: usize>(
        &mut self,
        title: &str,
        columns: [&str; N],
        rows: impl ExactSizeIterator<Item = [String; N]>,
        part: usize,
    ) {
        let most = self.text.len().saturating_add(self.rest() / 100 * part);
        let mut left_out = rows.len();
        if left_out == 0 {
            return;
        }
        self.line(&format!("\n**{title}**\n"));
        self.line(&format!("| {} |", columns.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(N)));
        for row in rows {
            let row = format!("| {} |", row.join(" | "));
            if self.text.len() + row.len() >= most {
                break;
            }
            self.line(&row);
            left_out -= 1;
        }
        if left_out > 0 {
            self.line(&format!("\n{} left out, for their size.", count(left_out, "row")));
        }
    }

    /// Every resource, folded.
    fn details(&mut self, report: &Report) {
        let mut left_out = 0;
        for service in report.impact.services.iter().filter(|service| !service.resources.is_empty()) {
            let mut environments: BTreeMap<Option<&EnvironmentName>, Vec<&ResourceChange>> = BTreeMap::new();
            for resource in &service.resources {
                environments.entry(resource.environment.as_ref()).or_default().push(resource);
            }
            let mut text = format!("\n<details><summary>Resources of {}</summary>\n\n", html(service.service.as_str()));
            for (environment, resources) in environments {
                for line in words::resources(&resources, code, code) {
                    let environment = environment.map(|name| format!("{} ", code(name.as_str()))).unwrap_or_default();
                    // A sign at the beginning of an item would be a list of its own.
                    let (sign, rest) = line.split_at(1);
                    text.push_str(&format!("- {environment}`{sign}`{rest}\n"));
                }
            }
            text.push_str("\n</details>");
            if text.len() < self.rest() {
                self.line(&text);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            self.line(&format!("\nThe resources of {} left out, for their size.", count(left_out, "service")));
        }
    }
}
