//! Grants, in a table.

use crate::answers::{AccessReport, GrantLine};
use crate::cli::common::{Answer, Page};

impl Answer for AccessReport {
    fn write(&self, page: &mut Page) {
        let rows = self.grants.iter().map(|grant| {
            let until = grant.expires.as_ref().map(|expires| format!(" until {expires}")).unwrap_or_default();
            [
                grant.principal.clone(),
                grant.team.clone().unwrap_or_default(),
                format!("{}{until}", grant.role),
                grant.on.clone(),
                because(grant),
            ]
        });
        page.table(["PRINCIPAL", "TEAM", "ROLE", "ON", "BECAUSE OF"], rows);
        page.total(self.grants.len(), "grant");
    }
}

/// The lists that a grant results from: `ledger production viewers`.
fn because(grant: &GrantLine) -> String {
    let mut lists: Vec<String> = Vec::new();
    for line in &grant.lines {
        let list = line.level.as_deref().unwrap_or("service accounts");
        let text = format!("{} {} {list}", line.service, line.environment);
        if !lists.contains(&text) {
            lists.push(text);
        }
    }
    lists.join(", ")
}
