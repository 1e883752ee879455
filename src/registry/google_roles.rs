//! Google's predefined IAM roles, by name. Google publishes no list that can be read without an account, so the list is in the
//! program, compressed (`build.rs`), and decompressed when a role is first compared with it.

use std::io::Read;
use std::sync::OnceLock;

use super::suggest;

/// `google_roles.txt`: the names without `roles/`, sorted, one on each line.
static COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/google_roles.deflate"));

/// The prefix of a predefined role.
pub(crate) const PREFIX: &str = "roles/";

fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = String::new();
        // What the build has compressed is read without an error.
        let _ = flate2::read::DeflateDecoder::new(COMPRESSED).read_to_string(&mut text);
        text
    })
}

fn names() -> &'static [&'static str] {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| text().lines().collect())
}

/// Whether it is a predefined role of Google. Not for custom roles.
pub(crate) fn is_known(role: &str) -> bool {
    role.strip_prefix(PREFIX).is_some_and(|name| names().binary_search(&name).is_ok())
}

/// The predefined role that is nearest to an unknown one.
pub(crate) fn nearest(role: &str) -> Option<String> {
    let name = role.strip_prefix(PREFIX)?;
    suggest::nearest(name, names().iter().copied()).map(|name| format!("{PREFIX}{name}"))
}

/// The first of these roles of a service that exists: `roles/SERVICE.NAME`.
pub(crate) fn first_of(service: &str, candidates: &[&str]) -> Option<String> {
    candidates.iter().map(|name| format!("{PREFIX}{service}.{name}")).find(|role| is_known(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete_and_sorted() {
        assert_eq!(names().len(), 2_390);
        assert!(names().is_sorted() && names().iter().all(|name| !name.is_empty()));
        assert!(is_known("roles/pubsub.viewer") && !is_known("roles/pubsub.viwer") && !is_known("pubsub.viewer"));
        assert!(!is_known("projects/p/roles/pubsub.viewer"));
        assert!(COMPRESSED.len() < 16_000, "{} bytes", COMPRESSED.len());
    }

    #[test]
    fn only_roles_that_exist_are_suggested() {
        assert_eq!(nearest("roles/pubsub.viwer").as_deref(), Some("roles/pubsub.viewer"));
        assert_eq!(nearest("roles/storage.objectviewer").as_deref(), Some("roles/storage.objectViewer"));
        assert_eq!(nearest("roles/nothing.like.it"), None);
        assert_eq!(first_of("dlp", &["owner", "reader"]).as_deref(), Some("roles/dlp.reader"));
        assert_eq!(first_of("nothing", &["viewer"]), None);
    }
}
