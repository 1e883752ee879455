//! `--debug`: a provider that a user starts, and to which Terraform connects.

use serde_json::json;

use super::environment::PROTOCOL;
use super::socket::Address;

/// The default registry hosts of Terraform and OpenTofu.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The text to print: the variable with the provider's address for Terraform, and its use.
///
/// `Test` is true because otherwise Terraform ignores the protocol version here and assumes 5.
pub(super) fn announcement(provider: &str, process: u32, address: &Address) -> String {
    let reattach = json!({
        "Protocol": "grpc",
        "ProtocolVersion": PROTOCOL,
        "Pid": process,
        "Test": true,
        "Addr": {"Network": address.network(), "String": address.to_string()},
    });
    let mut keys = vec![provider.to_owned()];
    // One line for both cores: each ignores addresses that its configuration does not use.
    if let Some(rest) = provider.strip_prefix(HOSTS[0]) {
        keys.push(format!("{}{rest}", HOSTS[1]));
    }
    let value: serde_json::Map<_, _> = keys.into_iter().map(|key| (key, reattach.clone())).collect();
    // In single quotes the shell expands nothing. A single quote in the value must be outside of them.
    let value = serde_json::Value::Object(value).to_string().replace('\'', r"'\''");
    format!(
        "Process {process} serves until Ctrl-C. In another shell, for Terraform and OpenTofu:\n\n\
         export TF_REATTACH_PROVIDERS='{value}'\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_both_registries() {
        let text = announcement("registry.terraform.io/anu-registry/anu", 7, &Address::Unix("/tmp/it's".into()));
        insta::assert_snapshot!(text, @r#"
        Process 7 serves until Ctrl-C. In another shell, for Terraform and OpenTofu:

        export TF_REATTACH_PROVIDERS='{"registry.opentofu.org/anu-registry/anu":{"Addr":{"Network":"unix","String":"/tmp/it'\''s"},"Pid":7,"Protocol":"grpc","ProtocolVersion":6,"Test":true},"registry.terraform.io/anu-registry/anu":{"Addr":{"Network":"unix","String":"/tmp/it'\''s"},"Pid":7,"Protocol":"grpc","ProtocolVersion":6,"Test":true}}'
        "#);
    }
}
