//! The registry: found, readable, valid, how old, and whether it must be signed.

use crate::answers::Check;
use crate::cli::common::{Printer, Question, count};
use crate::estate::LoadedRegistry;
use crate::registry::names::RegistryName;

/// The registry, and what is known of it if it can be read.
pub(super) fn check(printer: &Printer, question: &Question) -> (Vec<Check>, Option<LoadedRegistry>) {
    let loaded = match question.load(printer) {
        Ok(loaded) => loaded,
        Err(error) => {
            let (what, remedy) = error.summary();
            let remedy = remedy.unwrap_or("anu registry validate shows what is wrong with it");
            return (vec![Check::failed("registry", what, remedy)], None);
        }
    };
    let registry = loaded.fan_out.registry();
    let name = registry.name().map_or("without a name", RegistryName::as_str);
    let size = count(registry.services.len(), "service");
    let mut checks = vec![match &loaded.fallback_reason {
        None => Check::ok("registry", format!("{name}, {size}, read from {}", loaded.source)),
        Some(reason) => {
            let found = format!("{name}, {size}, not from its source: {}", reason.replace('\n', " "));
            Check::warning("registry", found, "mend the source: what is read from elsewhere is never applied")
        }
    }];
    checks.push(match registry.metadata.compiled_at {
        Some(compiled) => Check::ok("registry's age", format!("{} (compiled at {compiled})", age(&loaded, compiled))),
        None => Check::warning(
            "registry's age",
            "unknown: it has no `metadata.compiledAt`",
            "publish it with `anu registry publish`, which writes it: an older registry can then not be applied over a newer one",
        ),
    });
    if let Some(key) = &loaded.signed_by {
        checks.push(Check::ok("signature", format!("accepted, by the key {key}")));
    }
    (checks, Some(loaded))
}

/// `3 days`, `5 hours`, `less than an hour`.
fn age(loaded: &LoadedRegistry, compiled: jiff::Timestamp) -> String {
    match loaded.now.duration_since(compiled).as_hours() {
        i64::MIN..=-1 => "from the future".to_owned(),
        0 => "less than an hour".to_owned(),
        hours @ 1..=47 => count(hours as usize, "hour"),
        hours => count(hours as usize / 24, "day"),
    }
}
