//! The rules of the house, read off the sources: which room may see which, what pure rooms keep out, and a size at which
//! a person still reads a file in one sitting. docs/development/architecture.md has the picture.

mod circles;
mod dependencies;
mod paths;
mod rules;

use std::path::Path;

/// Circles that are there. The list gets shorter, never longer.
const KNOWN: &[&[&str]] = &[
    &[
        "src/cli/registry/manifests.rs",
        "src/cli/registry/mod.rs",
        "src/cli/registry/provider_options.rs",
        "src/cli/registry/source.rs",
    ],
    &[
        "src/discovery/cache.rs",
        "src/discovery/error.rs",
        "src/discovery/file.rs",
        "src/discovery/https.rs",
        "src/discovery/mod.rs",
        "src/discovery/retry.rs",
        "src/discovery/source.rs",
    ],
    &["src/fanout/check.rs", "src/fanout/expand.rs"],
    &["src/fanout/index.rs", "src/fanout/mod.rs"],
    &[
        "src/platform/kubernetes/cluster.rs",
        "src/platform/kubernetes/connect.rs",
        "src/platform/kubernetes/google.rs",
        "src/platform/kubernetes/login.rs",
        "src/platform/kubernetes/mod.rs",
    ],
    &["src/plugin/arguments.rs", "src/plugin/mod.rs"],
    &[
        "src/plugin/rpc/absent.rs",
        "src/plugin/rpc/catalogue.rs",
        "src/plugin/rpc/data_source.rs",
        "src/plugin/rpc/function.rs",
        "src/plugin/rpc/mod.rs",
        "src/plugin/rpc/offer.rs",
        "src/plugin/rpc/provider.rs",
        "src/plugin/rpc/resource.rs",
    ],
    &["src/provider/config.rs", "src/provider/config/kubernetes.rs"],
    &[
        "src/provider/data_registry.rs",
        "src/provider/data_registry_resources.rs",
        "src/provider/data_registry_service.rs",
        "src/provider/data_unmanaged_grants.rs",
        "src/provider/mod.rs",
        "src/provider/namespace/mod.rs",
        "src/provider/service/mod.rs",
    ],
    &[
        "src/registry/access.rs",
        "src/registry/model.rs",
        "src/registry/permissions.rs",
        "src/registry/references.rs",
        "src/registry/schema.rs",
    ],
    &[
        "src/registry/canonical.rs",
        "src/registry/document/mod.rs",
        "src/registry/document/stream.rs",
        "src/registry/document/tree.rs",
        "src/registry/mod.rs",
        "src/registry/problem.rs",
        "src/registry/read/mod.rs",
        "src/registry/read/permissions.rs",
        "src/registry/read/service.rs",
        "src/registry/validate/duplicates.rs",
        "src/registry/validate/mod.rs",
        "src/registry/validate/quotas.rs",
        "src/registry/validate/references.rs",
        "src/registry/validate/sharing.rs",
    ],
    &["src/sdk/data_source.rs", "src/sdk/provider.rs", "src/sdk/resource.rs", "src/sdk/typed.rs"],
    &["src/sdk/plan.rs", "src/sdk/schema.rs", "src/sdk/validate.rs"],
];

#[test]
fn the_sources_keep_the_rules() {
    let broken: Vec<String> = sources().iter().flat_map(|(name, text)| rules::check(name, text)).collect();
    assert!(broken.is_empty(), "{} broken:\n{}\n", broken.len(), broken.join("\n"));
}

#[test]
fn no_files_of_a_room_need_each_other() {
    let circles = circles::find(&sources());
    let unknown: Vec<String> = circles
        .iter()
        .filter(|(files, _)| !KNOWN.iter().any(|known| files.iter().all(|file| known.contains(&file.as_str()))))
        .map(|(files, lines)| format!("{} files:\n  {}", files.len(), lines.join("\n  ")))
        .collect();
    println!("{} circles, {} of them new", circles.len(), unknown.len());
    assert!(
        unknown.is_empty(),
        "{} circles. Move what both need into a file below them:\n{}\n",
        unknown.len(),
        unknown.join("\n")
    );
}

/// Every source below `src/`, by its path from the repository's root.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of src/") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
                sources.push((name, std::fs::read_to_string(&path).expect("a source")));
            }
        }
    }
    sources.sort();
    assert!(sources.len() > 50, "only {} sources found", sources.len());
    sources
}
