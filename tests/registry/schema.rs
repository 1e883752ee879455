//! The JSON Schema for editors.

use std::collections::BTreeSet;

use anu::registry::schema;
use serde_json::Value;

#[test]
fn the_schema_contains_every_field_of_the_reader() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["required"], serde_json::json!(["services"]));
    let mut fields = Vec::new();
    let mut add = |name: &str, schema: &Value| {
        let keys: BTreeSet<&str> =
            schema["properties"].as_object().expect("an object").keys().map(String::as_str).collect();
        let required: Vec<&str> =
            schema["required"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
        let keys: Vec<String> =
            keys.iter().map(|key| format!("{key}{}", if required.contains(key) { "!" } else { "" })).collect();
        fields.push(format!("{name}: {}", keys.join(" ")));
    };
    add("document", &schema);
    for (name, definition) in schema["$defs"].as_object().expect("definitions") {
        if definition["type"] == "object" {
            add(name, definition);
        }
    }
    insta::assert_snapshot!(fields.join("\n"), @"
    document: clusters metadata namespaces permissions projects services! teams
    Access: admins operators viewers
    BoundRole: role! subjects!
    Cluster: gke googleProject links location name!
    ClusterEntry: spec! type!
    Environment: deletionPolicy googleProject links name! quota rbac roleBindings serviceAccounts targets
    EnvironmentEntry: spec! type!
    Gke: clusterViewer groups
    KubernetesRow: admins operators viewers
    Metadata: compiledAt name previousNames requires revision
    Namespace: annotations cluster! deletionPolicy labels name! owner quota sharedWith sharedWithTeams
    NamespaceEntry: spec! type!
    Permissions: builtin google kubernetes
    Principals: google kubernetes
    Project: billingAccount deletionPolicy existing id! labels name owner parent sharedWith sharedWithTeams
    ProjectEntry: spec! type!
    Row: admins operators viewers
    Service: alertsChannel deletionPolicy environments googleServices links name! repository team
    ServiceAccount: kubernetesServiceAccount name! roles
    ServiceEntry: spec! type!
    Target: cluster! deletionPolicy kind namespace! release
    TargetEntry: spec! type!
    Team: email name! principals services
    TeamEntry: spec! type!
    ");
}

#[test]
fn names_have_their_rules() {
    let schema = schema();
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema["$defs"]["ProjectId"]).expect("JSON"), @r#"
    {
      "description": "6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`); of an old project, also with its domain, `example.com:shop`.",
      "pattern": "^([a-z][a-z0-9-]{4,28}[a-z0-9]|[a-z0-9][a-z0-9.-]*\\.[a-z0-9.-]*[a-z0-9]:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$",
      "type": "string"
    }
    "#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema["$defs"]["Target"]).expect("JSON"), @r##"
    {
      "description": "A cluster, a namespace and a release in which an environment runs.",
      "properties": {
        "cluster": {
          "$ref": "#/$defs/ClusterName",
          "description": "The cluster."
        },
        "deletionPolicy": {
          "anyOf": [
            {
              "$ref": "#/$defs/DeletionPolicy"
            },
            {
              "type": "null"
            }
          ],
          "description": "What a removal does to the namespace when no service uses it any more. Default: `prevent`."
        },
        "kind": {
          "description": "The deployment tool: `argo`, `helm`, …",
          "type": [
            "string",
            "null"
          ]
        },
        "namespace": {
          "$ref": "#/$defs/NamespaceName",
          "description": "The namespace in the cluster."
        },
        "release": {
          "description": "The name of the deployed release.",
          "type": [
            "string",
            "null"
          ]
        }
      },
      "required": [
        "cluster",
        "namespace"
      ],
      "type": "object"
    }
    "##);
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema["$defs"]["AccessEntry"]).expect("JSON"), @r##"
    {
      "anyOf": [
        {
          "$ref": "#/$defs/TeamName",
          "description": "A team, by name."
        },
        {
          "additionalProperties": false,
          "description": "A single principal, written out.",
          "properties": {
            "expires": {
              "anyOf": [
                {
                  "$ref": "#/$defs/Expiry"
                },
                {
                  "type": "null"
                }
              ],
              "description": "When the access ends. On Google only: Kubernetes RBAC has no expiry, so not in an environment with targets."
            },
            "principal": {
              "$ref": "#/$defs/Principal",
              "description": "The principal."
            },
            "reason": {
              "description": "The reason, for readers of the registry.",
              "type": [
                "string",
                "null"
              ]
            }
          },
          "required": [
            "principal"
          ],
          "type": "object"
        }
      ],
      "description": "One line of an access list."
    }
    "##);
}
