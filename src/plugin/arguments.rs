//! The provider's command line and its help text.

use std::ffi::OsString;

use super::ServeOptions;

/// The mode in which the provider binary runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// No arguments: Terraform starts the provider like this.
    Serve,
    Debug,
    Help,
    Version,
    Unknown(String),
}

impl Request {
    /// Reads the arguments after the program's name.
    pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let mut request = Self::Serve;
        for argument in arguments {
            request = match argument.to_str() {
                // Go providers accept one dash as well as two.
                Some("--debug" | "-debug") => Self::Debug,
                Some("--version" | "-version" | "-V") => return Self::Version,
                Some("--help" | "-help" | "-h") => return Self::Help,
                _ => return Self::Unknown(argument.to_string_lossy().into_owned()),
            };
        }
        request
    }
}

/// The help text, for a user who starts the binary manually.
pub(super) fn help(options: &ServeOptions) -> String {
    let ServeOptions { address, version, name } = options;
    // registry.terraform.io/namespace/type: a configuration omits the default host.
    let source = address.strip_prefix("registry.terraform.io/").unwrap_or(address);
    let local = options.local_name();
    format!(
        "{name} {version} is a provider for Terraform and OpenTofu, which start it. Started manually, it prints this text.\n\
         \n\
         To use it, add this to your configuration and run `terraform init`:\n\
         \n\
         \x20   terraform {{\n\
         \x20     required_providers {{\n\
         \x20       {local} = {{\n\
         \x20         source  = \"{source}\"\n\
         \x20         version = \"~> {version}\"\n\
         \x20       }}\n\
         \x20     }}\n\
         \x20   }}\n\
         \n\
         For a demonstration without a configuration or an account, run `anu demo`.\n\
         \n\
         Options:\n\
         \x20   --debug     serve until Ctrl-C, for a Terraform in another shell (prints the variable to set there)\n\
         \x20   --version   print the version\n\
         \x20   --help      print this\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_few() {
        let parse = |arguments: &[&str]| Request::parse(arguments.iter().map(OsString::from));
        assert_eq!(parse(&[]), Request::Serve);
        assert_eq!(parse(&["--debug"]), Request::Debug);
        assert_eq!(parse(&["-debug", "--help"]), Request::Help);
        assert_eq!(parse(&["-version"]), Request::Version);
        assert_eq!(parse(&["--debug", "plan"]), Request::Unknown("plan".into()));
    }
}
