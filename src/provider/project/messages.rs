//! What a user reads about projects that are managed by themselves. See
//! [`leaf::messages`](crate::provider::leaf::messages) and [`lifecycle::messages`](crate::provider::lifecycle::messages).

use crate::codes;
use crate::registry::names::ProjectId;
use crate::sdk::{Diagnostic, Path};

/// A project that states no parent, where a fence allows some parents only. `why` is the rest of the sentence.
pub(super) fn default_parent(id: &ProjectId, why: &str) -> Diagnostic {
    Diagnostic::new(codes::PARENT_NOT_ALLOWED, format!("Project `{id}` {why}")).at(Path::attribute("parent"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fanout::{Fences, Pattern};
    use crate::provider::lifecycle::messages::test_text;

    #[test]
    fn every_message() {
        let fences = Fences { allowed_parents: Some(vec![Pattern::new("folders/7")]), ..Fences::default() };
        let message = |default: Option<&str>| {
            let why = fences.refuses_default_parent(default).expect("a reason");
            default_parent(&"gc-prd-log".parse().expect("an id"), &why)
        };
        assert_eq!(fences.refuses_default_parent(Some("folders/7")), None);
        insta::assert_snapshot!(test_text([message(None), message(Some("folders/1"))]));
    }
}
