//! Loads a registry: reads the document as a stream, checks it, and computes its digest.

use super::canonical::Canonical;
use super::derived;
use super::document;
use super::model::Registry;
use super::options::LoadOptions;
use super::permissions::Permissions;
use super::problem::{Problem, Problems};
use super::read;
use super::validate;

/// Reads and checks a registry: the registry and its warnings, or every problem (warnings included), in the document's
/// order.
///
/// # Errors
/// All problems at once, if at least one of them is an error.
pub fn load(bytes: &[u8], options: &LoadOptions) -> Result<(Registry, Vec<Problem>), Vec<Problem>> {
    let mut problems = Problems::default();
    let registry = load_partly(bytes, options, &mut problems, |_, _| ());
    let failed = problems.has_errors();
    match registry {
        Some((registry, ())) if !failed => Ok((registry, problems.into_vec())),
        _ => Err(problems.into_vec()),
    }
}

/// Reads rows of the permissions table from a separate document, which has the form of `permissions` in a registry: the
/// rows and warnings, or every problem.
///
/// # Errors
/// All problems at once, if at least one of them is an error.
pub fn load_permissions(bytes: &[u8]) -> Result<(Permissions, Vec<Problem>), Vec<Problem>> {
    let mut problems = Problems::default();
    let permissions = match document::stream(bytes, &[], &mut |_, _| ()) {
        Ok(read) => document::tree(bytes).map(|tree| {
            if read.duplicates {
                document::report_duplicates(bytes, &tree, &mut problems);
            }
            let permissions = read::permissions(&tree, read.duplicates, &mut problems);
            derived::leave_out(&mut problems);
            let mut order = document::Order::of(&tree);
            problems.sort(|pointer| order.position(pointer));
            permissions
        }),
        Err((rule, detail)) => {
            problems.report(rule, "", detail);
            None
        }
    };
    let failed = problems.has_errors();
    match permissions {
        Some(permissions) if !failed => Ok((permissions, problems.into_vec())),
        _ => Err(problems.into_vec()),
    }
}

/// Reads a registry as far as possible, runs `further` on it, and sorts all problems into the document's order. Returns
/// `None` for invalid JSON. The returned registry is complete only if no error was reported.
pub(crate) fn load_partly<T: Send>(
    bytes: &[u8],
    options: &LoadOptions,
    problems: &mut Problems,
    further: impl FnOnce(&Registry, &mut Problems) -> T + Send,
) -> Option<(Registry, T)> {
    let mut canonical = Canonical::new(bytes.len());
    let mut reader = read::Reader::new(problems, options);
    let read = document::stream(bytes, &read::LISTS, &mut |part, duplicates| {
        canonical.add(&part);
        reader.part(&part, duplicates);
    });
    let mut registry = reader.finish();
    let read = match read {
        Ok(read) => read,
        Err((rule, detail)) => {
            // Earlier problems are dropped: after a syntax error they may be consequences of it.
            *problems = Problems::default();
            problems.report(rule, "", detail);
            return None;
        }
    };
    let check = || {
        validate::registry(&registry, problems);
        further(&registry, problems)
    };
    let (more, digest) = rayon::join(check, || canonical.digest());
    if !problems.has_errors() && !read.duplicates {
        registry.digest = digest;
    }
    // The whole tree is built only if problems need its order.
    if (read.duplicates || problems.len() > 1)
        && let Some(document) = document::tree(bytes)
    {
        if read.duplicates {
            document::report_duplicates(bytes, &document, problems);
        }
        derived::leave_out(problems);
        let mut order = document::Order::of(&document);
        problems.sort(|pointer| order.position(pointer));
    }
    Some((registry, more))
}
