//! What people often write in the place of a name, and what to write instead.

use super::builtin;
use super::names::{GoogleService, NameError, TeamName};
use super::quote::quote;

/// What people call a Google service, and the first part of its name. Others are called by it.
const CALLED: [(&str, &str); 22] = [
    ("artifacts", "artifactregistry"),
    ("bq", "bigquery"),
    ("build", "cloudbuild"),
    ("cloudrun", "run"),
    ("cloudsql", "sqladmin"),
    ("cloudstorage", "storage"),
    ("functions", "cloudfunctions"),
    ("gcr", "artifactregistry"),
    ("gcs", "storage"),
    ("gke", "container"),
    ("kms", "cloudkms"),
    ("kubernetes", "container"),
    ("memorystore", "redis"),
    ("mysql", "sqladmin"),
    ("postgres", "sqladmin"),
    ("profiler", "cloudprofiler"),
    ("scheduler", "cloudscheduler"),
    ("secrets", "secretmanager"),
    ("sql", "sqladmin"),
    ("tasks", "cloudtasks"),
    ("trace", "cloudtrace"),
    ("vertex", "aiplatform"),
];

/// What to write instead of a text that is no name of this kind, as a sentence with a leading space; empty if nothing is known.
pub(crate) fn of(error: &NameError) -> String {
    let (kind, value) = (error.kind, error.value.trim());
    if kind == TeamName::KIND && value.contains('@') {
        let address = quote(value.rsplit(':').next().unwrap_or(value));
        return format!(
            " It is an address: write the name of a team in `teams`, or give access to a single principal with `{{\"principal\": \
             \"group:{}\", \"reason\": \"…\"}}` (`user:` for a person).",
            address.trim_matches('`')
        );
    }
    match api(value).filter(|_| kind == GoogleService::KIND) {
        Some(api) => format!(" Write `{api}`."),
        None => String::new(),
    }
}

/// The Google service that is meant by a short or a colloquial name.
fn api(value: &str) -> Option<&'static str> {
    let short = value.to_ascii_lowercase();
    let short = short.strip_suffix(".googleapis.com").unwrap_or(&short).replace(['-', '_', ' '], "");
    let called = CALLED.iter().find(|(called, _)| *called == short).map(|(_, first)| *first);
    let first = called.unwrap_or(&short);
    let is_meant = |api: &str| api.strip_suffix(".googleapis.com").is_some_and(|name| name.replace('-', "") == first);
    builtin::rows().map(|(api, _)| api).find(|api| is_meant(api) && *api != value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_team_and_a_short_name_no_service() {
        let team = "core@example.com".parse::<TeamName>().expect_err("no name");
        assert_eq!(
            of(&team),
            " It is an address: write the name of a team in `teams`, or give access to a single principal with `{\"principal\": \
             \"group:core@example.com\", \"reason\": \"…\"}` (`user:` for a person)."
        );
        let api = "cloudsql".parse::<GoogleService>().expect_err("no name");
        assert_eq!(of(&api), " Write `sqladmin.googleapis.com`.");
        assert_eq!(of(&"a b".parse::<TeamName>().expect_err("no name")), "");
    }

    #[test]
    fn each_colloquial_name_leads_to_a_service_of_the_table() {
        for (called, first) in CALLED {
            assert_eq!(api(called), Some(format!("{first}.googleapis.com").as_str()), "{called}");
        }
        assert!(CALLED.is_sorted());
        for (api_name, _) in builtin::rows() {
            let short = api_name.strip_suffix(".googleapis.com").expect("the ending");
            assert!(api(short).is_some(), "{short}");
            assert_eq!(api(api_name), CALLED.iter().find(|(called, _)| *called == short).and_then(|_| api(api_name)));
        }
        assert_eq!(api("Pub-Sub"), Some("pubsub.googleapis.com"));
        assert_eq!(api("sql.googleapis.com"), Some("sqladmin.googleapis.com"));
        assert_eq!(api("nothing"), None);
    }
}
