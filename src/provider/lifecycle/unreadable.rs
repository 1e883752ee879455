//! What cannot be read. One cause that concerns all of a platform is one error with a list of what it concerns, not one for each.

use super::messages::cannot_read;
use crate::codes::{self, Code};
use crate::platform::{Error, Outage};
use crate::provider::causes::in_one_line;
use crate::sdk::{Cause, Diagnostic, Diagnostics};

/// What could not be read of one resource, and why.
#[derive(Default)]
pub struct Unreadable(Vec<(String, Error)>);

impl Unreadable {
    /// Adds what could not be read: ``project `x` ``.
    pub fn push(&mut self, (what, error): (String, Error)) {
        self.0.push((what, error));
    }

    /// The errors, in the order of what they concern.
    pub fn into_errors(self) -> Diagnostics {
        let mut all: Vec<Group> = Vec::new();
        for (what, error) in self.0 {
            let group = all.iter_mut().find(|group| group.includes(&what, &error));
            match group {
                Some(group) => group.what.push(what),
                None => all.push(Group { what: vec![what], error }),
            }
        }
        all.into_iter().map(Group::into_error).collect()
    }
}

/// The error for one object that could not be read.
pub fn unreadable(what: String, error: Error) -> Diagnostics {
    Group { what: vec![what], error }.into_error().into()
}

/// What could not be read for one reason.
struct Group {
    what: Vec<String>,
    error: Error,
}

impl Group {
    fn includes(&self, what: &str, error: &Error) -> bool {
        let same =
            |(code, one): (Code, &Outage), (other, two): (Code, &Outage)| code == other && one.cause == two.cause;
        common(what, error).zip(common(what, &self.error)).is_some_and(|(one, other)| same(one, other))
    }

    fn into_error(self) -> Diagnostic {
        let Self { what, error } = self;
        match common(&what[0], &error) {
            None => cannot_read(&what[0], &error),
            Some((code, outage)) => {
                let list: String = what.iter().map(|what| format!("\n  {what}")).collect();
                let brief = format!("Cannot read:\n{list}\n\nCause: {}", in_one_line(&outage.cause));
                let detail = format!("Cannot read:\n{list}\n\nCause: {}.\n\n{}", outage.text, next(&error));
                let id = format!("{code}: {}", outage.cause);
                Diagnostic::new(code, detail).caused_by(Cause::new(id, brief))
            }
        }
    }
}

/// The code of an error whose cause concerns more than this object, and the cause.
fn common<'e>(what: &str, error: &'e Error) -> Option<(Code, &'e Outage)> {
    let (code, outage) = match error {
        Error::Unauthenticated(outage) => (codes::AUTHENTICATION_FAILED, outage),
        Error::Misconfigured(outage) => (codes::SETTINGS_NOT_VALID, outage),
        Error::Unavailable(outage) => (codes::PLATFORM_UNAVAILABLE, outage),
        _ => return None,
    };
    // A server that does not respond is a cluster's own.
    (!outage.text.contains(what)).then_some((code, outage))
}

fn next(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated(_) => {
            "All requests with these credentials fail in this way, those of other resources too. Correct the credentials, then run \
             again."
        }
        Error::Misconfigured(_) => {
            "All requests with these settings fail in this way, those of other resources too. Correct the provider block or the \
             file that it names, then run again."
        }
        _ => {
            "All requests to this platform may fail in this way, those of other resources too. Check that this machine reaches it \
             (network, proxy, addresses in the provider block), then run again."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::causes::Causes;
    use crate::provider::lifecycle::messages::test_text;

    fn outage(project: &str, attempts: usize) -> Outage {
        Outage {
            what: format!("project `{project}`: it cannot be read"),
            text: format!("Google's Resource Manager API: cannot connect: Connection refused on {attempts} attempts"),
            cause: "cannot connect: Connection refused".to_owned(),
        }
    }

    fn rejected(project: &str) -> Error {
        Error::Unauthenticated(Outage {
            what: format!("project `{project}`: its APIs cannot be read"),
            text: "authentication required (401): Request had invalid authentication credentials: log in again, for example \
                   with `gcloud auth application-default login`"
                .to_owned(),
            cause: "Request had invalid authentication credentials".to_owned(),
        })
    }

    fn all(errors: Vec<(&str, Error)>) -> Diagnostics {
        let mut unreadable = Unreadable::default();
        errors.into_iter().for_each(|(what, error)| unreadable.push((what.to_owned(), error)));
        unreadable.into_errors()
    }

    #[test]
    fn one_cause_is_one_error_and_an_objects_own_error_is_its_own() {
        let kubeconfig =
            Outage::new("cannot connect to cluster `prod`", "`/home/jo/.kube/config` cannot be read: denied");
        let cluster = "cluster `prod`: server error (503): no message".to_owned();
        insta::assert_snapshot!(test_text(all(vec![
            ("project `pay-a`", Error::Unavailable(outage("pay-a", 3))),
            ("project `pay-b`", Error::Unavailable(outage("pay-b", 4))),
            ("project `pay-c`", rejected("pay-c")),
            ("service accounts of project `pay-d`", rejected("pay-d")),
            ("project `pay-e`", Error::PermissionDenied("project `pay-e`: its APIs cannot be read: no".into())),
            ("cluster `prod`", Error::Misconfigured(kubeconfig)),
            ("cluster `prod`", Error::Unavailable(cluster.into())),
        ])));
    }

    #[test]
    fn later_resources_name_the_cause_in_one_line() {
        let mut causes = Causes::default();
        causes.once(all(vec![
            ("project `pay-a`", Error::Unavailable(outage("pay-a", 3))),
            ("project `pay-c`", rejected("pay-c")),
            ("cluster `prod`", Error::PermissionDenied("cluster `prod`: permission denied (403): no. More.".into())),
        ]));
        insta::assert_snapshot!(test_text(causes.once(all(vec![
            ("project `fx-a`", Error::Unavailable(outage("fx-a", 2))),
            ("project `fx-c`", rejected("fx-c")),
            ("project `fx-d`", rejected("fx-d")),
            ("cluster `prod`", Error::PermissionDenied("cluster `prod`: permission denied (403): no. More.".into())),
        ]))));
    }
}
