//! From `tracing` to Terraform's log: one JSON object per line on stderr, in the form of HashiCorp's hclog.

pub(crate) mod keys;
mod layer;
mod line;

use std::io::Write as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;

use layer::Hclog;

/// The log level: from `TF_LOG_PROVIDER_NAME`, otherwise `TF_LOG_PROVIDER`, otherwise `TF_LOG`. Default: off.
pub(super) fn level(provider: &str, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let ours = format!("TF_LOG_PROVIDER_{}", provider.to_uppercase().replace('-', "_"));
    [ours.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        .map_or(LevelFilter::OFF, |value| named(&value))
}

/// Terraform's level names. As in core, `JSON` and unknown names mean all levels.
fn named(value: &str) -> LevelFilter {
    match value.to_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// Starts logging. With level off no subscriber is installed, and a log call costs one load of a static.
pub(super) fn install(level: LevelFilter) {
    if level == LevelFilter::OFF {
        return;
    }
    let layer = Hclog::new(level, |line| {
        // One write per line, so that lines of several threads do not mix. A closed stderr is ignored.
        let _ = std::io::stderr().write_all(line);
    });
    // Fails only if logging was started before, as in tests.
    let _ = tracing::subscriber::set_global_default(Registry::default().with(layer));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_variable_counts() {
        let level = |variables: &[(&str, &str)]| {
            level("anu", |name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(level(&[]), LevelFilter::OFF);
        assert_eq!(level(&[("TF_LOG", "debug")]), LevelFilter::DEBUG);
        assert_eq!(level(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "WARN")]), LevelFilter::WARN);
        assert_eq!(level(&[("TF_LOG_PROVIDER", "TRACE"), ("TF_LOG_PROVIDER_ANU", "off")]), LevelFilter::OFF);
        assert_eq!(level(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(level(&[("TF_LOG", "")]), LevelFilter::OFF);
    }
}
