//! A service account.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;

/// A service account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ServiceAccount {
    pub email: String,
    /// The id of the project.
    pub project: String,
    pub unique_id: String,
    pub display_name: String,
    pub description: String,
    pub disabled: bool,
    pub etag: String,
}

impl ServiceAccount {
    /// A new one, without texts.
    pub fn new(state: &mut State, email: &str, project: &str) -> Self {
        Self {
            email: email.to_owned(),
            project: project.to_owned(),
            unique_id: format!("1{:020}", state.next_number()),
            display_name: String::new(),
            description: String::new(),
            disabled: false,
            etag: state.next_policy_etag(),
        }
    }

    /// As IAM shows it.
    pub fn render(&self) -> Value {
        let mut account = json!({
            "name": format!("projects/{}/serviceAccounts/{}", self.project, self.email),
            "projectId": self.project,
            "uniqueId": self.unique_id,
            "email": self.email,
            "etag": self.etag,
            "oauth2ClientId": self.unique_id,
        });
        for (key, text) in [("displayName", &self.display_name), ("description", &self.description)] {
            if !text.is_empty() {
                account[key] = json!(text);
            }
        }
        if self.disabled {
            account["disabled"] = json!(true);
        }
        account
    }
}

/// The e-mail address of a project's service account. The domain of an id (`example.com:shop`) comes last in it.
pub(crate) fn email_of(account: &str, project: &str) -> String {
    let project = match project.split_once(':') {
        Some((domain, name)) => format!("{name}.{domain}"),
        None => project.to_owned(),
    };
    format!("{account}@{project}.iam.gserviceaccount.com")
}

/// The id of the project that a service account's e-mail address names.
pub(crate) fn project_of(email: &str) -> Option<String> {
    let project = email.split_once('@')?.1.strip_suffix(".iam.gserviceaccount.com")?;
    Some(match project.split_once('.') {
        Some((name, domain)) => format!("{domain}:{name}"),
        None => project.to_owned(),
    })
}
