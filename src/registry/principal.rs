//! Principals as Google compares them.

use super::names::Principal;

impl Principal {
    /// The spelling in which Google returns it: e-mail addresses are compared without regard to case and returned in lower case.
    pub fn as_google(&self) -> Self {
        let text = self.as_str();
        let (kind, email) = text.split_once(':').unwrap_or((text, ""));
        if kind == "principalSet" || !email.contains(|c: char| c.is_ascii_uppercase()) {
            return self.clone();
        }
        format!("{kind}:{}", email.to_ascii_lowercase()).parse().unwrap_or_else(|_| self.clone())
    }
}
