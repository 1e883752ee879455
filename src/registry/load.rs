//! Reading a document: streamed, checked, and with a digest.

use super::canonical::Canonical;
use super::document;
use super::model::Registry;
use super::options::LoadOptions;
use super::permissions::Permissions;
use super::problem::{Problem, Problems};
use super::read;
use super::validate;

/// Reads and checks a registry: the registry and its warnings, or every problem there is (warnings included), each in the
/// document's order.
///
/// # Errors
/// All problems at once, as soon as one of them is an error.
pub fn load(bytes: &[u8], options: &LoadOptions) -> Result<(Registry, Vec<Problem>), Vec<Problem>> {
    let mut problems = Problems::default();
    let registry = load_partly(bytes, options, &mut problems, |_, _| ());
    let failed = problems.has_errors();
    match registry {
        Some((registry, ())) if !failed => Ok((registry, problems.into_vec())),
        _ => Err(problems.into_vec()),
    }
}

/// Reads rows of the permissions table from a document of their own, in the form that they have under `permissions` in a
/// registry: the rows and warnings, or every problem there is.
///
/// # Errors
/// All problems at once, as soon as one of them is an error.
pub fn load_permissions(bytes: &[u8]) -> Result<(Permissions, Vec<Problem>), Vec<Problem>> {
    let mut problems = Problems::default();
    let permissions = match document::stream(bytes, &[], &mut |_, _| ()) {
        Ok(read) => document::tree(bytes).map(|tree| {
            if read.duplicates {
                document::report_duplicates(bytes, &tree, &mut problems);
            }
            let permissions = read::permissions(&tree, read.duplicates, &mut problems);
            problems.sort(|pointer| tree.order(pointer));
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

/// Reads as much of a registry as there is, lets `further` look at it, and puts all problems in the document's order.
/// Nothing comes back of what is no JSON; what does is complete only if no error was reported.
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
            // What was read before does not count: where one bracket is wrong, everything may be.
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
    // Only now, and only for those who need it, the whole tree.
    if (read.duplicates || problems.len() > 1)
        && let Some(document) = document::tree(bytes)
    {
        if read.duplicates {
            document::report_duplicates(bytes, &document, problems);
        }
        problems.sort(|pointer| document.order(pointer));
    }
    Some((registry, more))
}
