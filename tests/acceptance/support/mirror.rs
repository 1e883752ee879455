//! The provider as a core finds it: a filesystem mirror with the binary under test.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The hosts by which `anu-registry/anu` is meant, one per core.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];
const VERSION: &str = env!("CARGO_PKG_VERSION");

static MIRROR: LazyLock<PathBuf> = LazyLock::new(|| {
    // In cargo's own scratch folder, the same for every test process: it holds links to the binary and nothing else, so
    // it never goes stale and two processes may make it at once. A copied target folder has links to the original's binary.
    let provider = env!("CARGO_BIN_EXE_terraform-provider-anu");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("acceptance-mirror");
    for host in HOSTS {
        let package = root.join(host).join("anu-registry/anu").join(VERSION).join(platform());
        std::fs::create_dir_all(&package).expect("the mirror's folders");
        let link = package.join(format!("terraform-provider-anu_v{VERSION}"));
        if std::fs::read_link(&link).is_ok_and(|target| target != Path::new(provider)) {
            std::fs::remove_file(&link).expect("a link of a copied folder");
        }
        let made = std::os::unix::fs::symlink(provider, &link);
        made.or_else(|error| if error.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
            .expect("the mirror's link to the provider");
    }
    root
});

/// Go's name of this platform: `linux_amd64`.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}_{architecture}")
}

/// CLI configuration by which a core takes providers from the mirror, and from nowhere else: no test leaves the machine.
pub fn cli_configuration() -> String {
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n", MIRROR.display())
}
