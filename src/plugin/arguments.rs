//! The provider's own command line, and what it says to a person.

use std::ffi::OsString;

use super::ServeOptions;

/// What somebody wants of the provider binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Nothing said: Terraform starts us so.
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
                // Go providers take one dash as well as two, and people type what they are used to.
                Some("--debug" | "-debug") => Self::Debug,
                Some("--version" | "-version" | "-V") => return Self::Version,
                Some("--help" | "-help" | "-h") => return Self::Help,
                _ => return Self::Unknown(argument.to_string_lossy().into_owned()),
            };
        }
        request
    }
}

/// For a person who started a plugin by hand.
pub(super) fn help(options: &ServeOptions) -> String {
    let ServeOptions { address, version, name } = options;
    // registry.terraform.io/namespace/type: the host is what a configuration leaves out.
    let source = address.strip_prefix("registry.terraform.io/").unwrap_or(address);
    let local = options.local_name();
    format!(
        "{name} {version} is a provider for Terraform and OpenTofu. They start it; by hand it does nothing.\n\
         \n\
         To use it, put this into your configuration and run `terraform init`:\n\
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
         To see what it does, without a configuration and without any account, run `anu demo`.\n\
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
