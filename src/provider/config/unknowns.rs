//! Values of the provider block that are unknown, but must be known at plan.

use crate::sdk::{Attr, Diagnostic, Diagnostics, Path};

/// Collects one error for each unknown value.
#[derive(Default)]
pub(super) struct Unknowns(std::cell::RefCell<Diagnostics>);

impl Unknowns {
    pub(super) fn attr<T>(&self, attr: Attr<T>, name: &str) -> Option<T> {
        if attr.is_unknown() {
            let path = name.split('.').fold(Path::root(), |path, step| path.then(step));
            self.0.borrow_mut().push(
                Diagnostic::error(
                    "Provider configuration must be known at plan",
                    format!(
                        "`{name}` depends on something that is known only after apply. The desired resources of the \
                         registry must be known at plan, so this value must be too.\n\nWrite the value itself, use a \
                         variable or a data source that is read at plan, or first apply what it depends on: \
                         `terraform apply -target=ADDRESS`."
                    ),
                )
                .at(path),
            );
        }
        attr.into_known()
    }

    pub(super) fn list(&self, list: Attr<Vec<Attr<String>>>, name: &str) -> Option<Vec<String>> {
        let items = self.attr(list, name)?;
        Some(items.into_iter().filter_map(|item| self.attr(item, name)).collect())
    }

    pub(super) fn finish(self) -> Result<(), Diagnostics> {
        let diagnostics = self.0.into_inner();
        if diagnostics.is_empty() { Ok(()) } else { Err(diagnostics) }
    }
}
