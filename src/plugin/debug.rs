//! `--debug`: a provider that a person starts and Terraform only connects to.

use serde_json::json;

use super::environment::PROTOCOL;
use super::socket::Address;

/// Terraform's registry, and what OpenTofu makes of the same short address.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// What to print: the variable that tells Terraform where we are, and how to use it.
///
/// `Test` is true because only then does Terraform take the protocol version from here; without it, it assumes 5.
pub(super) fn announcement(provider: &str, process: u32, address: &Address) -> String {
    let reattach = json!({
        "Protocol": "grpc",
        "ProtocolVersion": PROTOCOL,
        "Pid": process,
        "Test": true,
        "Addr": {"Network": address.network(), "String": address.to_string()},
    });
    let mut keys = vec![provider.to_owned()];
    // One line serves both cores: each ignores addresses its configuration does not use.
    if let Some(rest) = provider.strip_prefix(HOSTS[0]) {
        keys.push(format!("{}{rest}", HOSTS[1]));
    }
    let value: serde_json::Map<_, _> = keys.into_iter().map(|key| (key, reattach.clone())).collect();
    // Single quotes keep the shell out of it; one inside has to leave them for a moment.
    let value = serde_json::Value::Object(value).to_string().replace('\'', r"'\''");
    format!(
        "Serving, process {process}, until Ctrl-C. In another shell, for Terraform and OpenTofu alike:\n\n\
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
        Serving, process 7, until Ctrl-C. In another shell, for Terraform and OpenTofu alike:

        export TF_REATTACH_PROVIDERS='{"registry.opentofu.org/anu-registry/anu":{"Addr":{"Network":"unix","String":"/tmp/it'\''s"},"Pid":7,"Protocol":"grpc","ProtocolVersion":6,"Test":true},"registry.terraform.io/anu-registry/anu":{"Addr":{"Network":"unix","String":"/tmp/it'\''s"},"Pid":7,"Protocol":"grpc","ProtocolVersion":6,"Test":true}}'
        "#);
    }
}
