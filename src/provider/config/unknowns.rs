//! Values of the provider block that are unknown, but must be known at plan.

use crate::codes;
use crate::sdk::{Diagnostic, Diagnostics, Path, Schema, Step, Value, unknown_places};

/// An error for each unknown value of the block, at its place.
///
/// Within a cluster's block and the map of contexts an unknown value has a meaning: the cluster is created in the same apply, and
/// what runs on it is planned without reading it.
pub(super) fn refused(schema: &Schema, config: &Value) -> Diagnostics {
    unknown_places(schema, config).into_iter().filter(|path| !may_be_unknown(path)).map(must_be_known).collect()
}

fn may_be_unknown(path: &Path) -> bool {
    let is = |step: Option<&Step>, name: &str| matches!(step, Some(Step::Attribute(found)) if found == name);
    let steps = path.steps();
    let of_clusters = is(steps.get(1), "cluster") || is(steps.get(1), "contexts");
    is(steps.first(), "kubernetes") && of_clusters && steps.len() > 2
}

fn must_be_known(path: Path) -> Diagnostic {
    let detail = format!(
        "`{path}` depends on something that is known only after apply. The desired resources of the registry must be known at plan, \
         so this value must be too.\n\nWrite the value itself, use a variable or a data source that is read at plan, or first \
         apply what it depends on: `terraform apply -target=ADDRESS`."
    );
    Diagnostic::new(codes::UNKNOWN_CONFIGURATION, detail).at(path)
}
