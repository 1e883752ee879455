//! A folder in which the real Terraform runs with a test provider.
#![allow(dead_code, reason = "each test program uses a part")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A temporary folder with a provider binary and the CLI configuration that makes Terraform use it.
pub struct Workspace {
    pub dir: tempfile::TempDir,
}

impl Workspace {
    /// `source` is `namespace/type`; `start` is a shell line that starts the provider.
    pub fn new(source: &str, start: &str, configuration: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let name = source.rsplit('/').next().expect("a type");
        let binary = dir.path().join(format!("terraform-provider-{name}"));
        std::fs::write(&binary, format!("#!/bin/sh\n{start}\n")).expect("written");
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).expect("executable");
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{ \"{source}\" = \"{}\" }}\n  direct {{}}\n}}\n",
            dir.path().display()
        );
        std::fs::write(dir.path().join("terraform.rc"), settings).expect("written");
        std::fs::write(dir.path().join("main.tf"), configuration).expect("written");
        Self { dir }
    }

    /// Runs `terraform` from PATH in the folder.
    pub fn terraform(&self, arguments: &[&str], environment: &[(&str, &str)]) -> std::process::Output {
        Command::new("terraform")
            .args(arguments)
            .current_dir(self.dir.path())
            .env("TF_CLI_CONFIG_FILE", self.dir.path().join("terraform.rc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_LOG")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("terraform is on PATH")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
