//! Service accounts of environments: what they fan out into, and what is wrong with them.

use anu::fanout::resource::{DeletionPolicy, Key};
use anu::fanout::{Fences, Pattern, Settings};
use serde_json::{Value, json};

use crate::{fan_out, report, report_with, settings};

/// One service in an own project, on a cluster of Google's, with these accounts.
fn registry(accounts: Value) -> Value {
    json!({
        "metadata": {"name": "acme"},
        "clusters": [
            {"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute"}},
            {"type": "Cluster", "spec": {"name": "c2"}}],
        "services": [{"type": "Service", "spec": {"name": "pay", "team": "core", "googleServices": ["pubsub.googleapis.com"], "environments": [
            {"type": "Environment", "spec": {"name": "production", "googleProject": "gc-prd-pay", "rbac": {"admins": ["core"]},
                "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "pay"}}], "serviceAccounts": accounts}}]}}]
    })
}

fn one() -> Value {
    json!([{"name": "make-it-rain", "roles": ["roles/pubsub.publisher", "roles/logging.logWriter"], "kubernetesServiceAccount": "rain"}])
}

fn environment(document: &mut Value) -> &mut Value {
    &mut document["services"][0]["spec"]["environments"][0]["spec"]
}

#[test]
fn an_account_fans_out_into_itself_its_apis_its_roles_and_its_workloads() {
    let fan_out = fan_out(&registry(one()).to_string());
    let resources = &fan_out.service("pay").expect("the service").resources;
    let keys: Vec<String> = resources.keys().iter().map(|key| format!("{} {key}", key.kind())).collect();
    insta::assert_snapshot!(keys.join("\n"), @"
    API gc-prd-pay/iam.googleapis.com
    API gc-prd-pay/iamcredentials.googleapis.com
    API gc-prd-pay/pubsub.googleapis.com
    IAM member gc-prd-pay/roles/logging.logWriter/serviceAccount:make-it-rain@gc-prd-pay.iam.gserviceaccount.com
    IAM member gc-prd-pay/roles/pubsub.admin/group:core-team@example.com
    IAM member gc-prd-pay/roles/pubsub.publisher/serviceAccount:make-it-rain@gc-prd-pay.iam.gserviceaccount.com
    service account gc-prd-pay/make-it-rain
    workload identity gc-prd-pay/make-it-rain/gc-prd-compute.svc.id.goog[pay/rain]
    namespace c1/pay
    Kubernetes service account c1/pay/rain
    role binding c1/pay/anu:pay:production:admins:admin
    ");
    insta::assert_snapshot!(serde_json::to_string_pretty(&resources.service_accounts).expect("JSON"), @r#"
    {
      "gc-prd-pay": {
        "make-it-rain": {
          "display_name": "pay production",
          "description": "managed-by=anu anu-registry=acme",
          "deletion_policy": "prevent"
        }
      }
    }
    "#);
    let accounts = &fan_out.by_service().kubernetes_service_accounts["pay"];
    insta::assert_snapshot!(serde_json::to_string_pretty(accounts).expect("JSON"), @r#"
    {
      "c1/pay/rain": {
        "cluster": "c1",
        "namespace": "pay",
        "name": "rain",
        "annotations": {
          "iam.gke.io/gcp-service-account": "make-it-rain@gc-prd-pay.iam.gserviceaccount.com"
        },
        "google_service_account": "make-it-rain@gc-prd-pay.iam.gserviceaccount.com",
        "deletion_policy": "prevent"
      }
    }
    "#);
    // Every place in the document that leads to a key.
    let explained: Vec<String> = resources
        .keys()
        .iter()
        .filter(|key| key.to_string().contains("rain") || key.to_string().contains("iam"))
        .map(|key| {
            let origins: Vec<String> = fan_out.explain(key).into_iter().map(|origin| origin.pointer).collect();
            format!("{key}: {}", origins.join(" "))
        })
        .collect();
    insta::assert_snapshot!(explained.join("\n").replace("/services/0/spec/environments/0/spec", "…"), @"
    gc-prd-pay/iam.googleapis.com: …/serviceAccounts
    gc-prd-pay/iamcredentials.googleapis.com: …/serviceAccounts
    gc-prd-pay/roles/logging.logWriter/serviceAccount:make-it-rain@gc-prd-pay.iam.gserviceaccount.com: …/serviceAccounts/0/roles/1
    gc-prd-pay/roles/pubsub.publisher/serviceAccount:make-it-rain@gc-prd-pay.iam.gserviceaccount.com: …/serviceAccounts/0/roles/0
    gc-prd-pay/make-it-rain: …/serviceAccounts/0
    gc-prd-pay/make-it-rain/gc-prd-compute.svc.id.goog[pay/rain]: …/serviceAccounts/0/kubernetesServiceAccount
    c1/pay/rain: …/serviceAccounts/0/kubernetesServiceAccount
    ");
}

#[test]
fn the_policy_of_an_account_is_that_of_its_environment() {
    let policy = |service: Value, environment: Value| {
        let mut document = registry(one());
        document["services"][0]["spec"]["deletionPolicy"] = service;
        self::environment(&mut document)["deletionPolicy"] = environment;
        // The project has a policy of its own, which says nothing of its accounts.
        document["projects"] = json!([
            {"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}},
            {"type": "Project", "spec": {"id": "gc-prd-pay", "deletionPolicy": "abandon"}}]);
        let fan_out = fan_out(&document.to_string());
        let google = Key::ServiceAccount("gc-prd-pay".parse().expect("an id"), "make-it-rain".parse().expect("a name"));
        let kubernetes =
            Key::KubernetesServiceAccount("c1/pay".parse().expect("a key"), "rain".parse().expect("a name"));
        let resources = &fan_out.service("pay").expect("the service").resources;
        assert_eq!(resources.deletion_policy(&kubernetes), resources.deletion_policy(&google));
        resources.deletion_policy(&google)
    };
    assert_eq!(policy(Value::Null, Value::Null), Some(DeletionPolicy::Prevent));
    assert_eq!(policy(json!("delete"), Value::Null), Some(DeletionPolicy::Delete));
    assert_eq!(policy(json!("delete"), json!("prevent")), Some(DeletionPolicy::Prevent));
}

#[test]
fn accounts_change_the_digest_of_their_service_and_registries_without_any_have_the_old_one() {
    let digest = |accounts: Value| {
        let fan_out = fan_out(&registry(accounts).to_string());
        fan_out.service("pay").expect("the service").digest.clone()
    };
    let mut all = vec![digest(json!([])), digest(Value::Null), digest(one())];
    for change in [
        json!([{"name": "make-it-snow", "roles": ["roles/pubsub.publisher", "roles/logging.logWriter"], "kubernetesServiceAccount": "rain"}]),
        json!([{"name": "make-it-rain", "roles": ["roles/pubsub.publisher"], "kubernetesServiceAccount": "rain"}]),
        json!([{"name": "make-it-rain", "roles": ["roles/pubsub.publisher", "roles/logging.logWriter"], "kubernetesServiceAccount": "snow"}]),
        json!([{"name": "make-it-rain", "roles": ["roles/pubsub.publisher", "roles/logging.logWriter"]}]),
    ] {
        all.push(digest(change));
    }
    assert_eq!(all.remove(0), all[0]);
    let different: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn bad_accounts() {
    let mut document = registry(json!([
        {"name": "Rain"},
        {"name": "short"},
        {"roles": ["publisher"]},
        {"name": "make-it-rain", "role": ["roles/pubsub.publisher"], "kubernetesServiceAccount": "Make It Rain"},
        {"name": "make-it-snow", "kubernetesServiceAccount": "default"},
        {"name": "make-it-snow"},
        {"name": "make-it-hail", "kubernetesServiceAccount": "rain"},
        {"name": "make-it-storm", "kubernetesServiceAccount": "rain"},
        "make-it-drizzle"
    ]));
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Invalid name
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/name`, service `pay`, environment `production`
      `Rain` is not a service account name: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`).
      anu:bad-name
    error: Invalid name
      at `/services/0/spec/environments/0/spec/serviceAccounts/1/name`, service `pay`, environment `production`
      `short` is not a service account name: 6 to 30 lowercase letters, digits and hyphens, starting with a letter and not ending with a hyphen (`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`).
      anu:bad-name
    error: Missing field
      at `/services/0/spec/environments/0/spec/serviceAccounts/2`, service `pay`, environment `production`
      This service account has no `name`, which is required: the part of its address before `@`. Add it.
      anu:missing-field
    error: Invalid name
      at `/services/0/spec/environments/0/spec/serviceAccounts/2/roles/0`, service `pay`, environment `production`
      `publisher` is not an IAM role: `roles/NAME`, `projects/PROJECT/roles/NAME` or `organizations/NUMBER/roles/NAME`.
      anu:bad-name
    error: Invalid name
      at `/services/0/spec/environments/0/spec/serviceAccounts/3/kubernetesServiceAccount`, service `pay`, environment `production`
      `Make It Rain` is not a Kubernetes service account name: 1 to 253 lowercase letters, digits, `-` and `.`, with a letter or digit at both ends of each part (RFC 1123 subdomain). Did you mean `make-it-rain`?
      anu:bad-name
    error: Unknown field
      at `/services/0/spec/environments/0/spec/serviceAccounts/3/role`, service `pay`, environment `production`
      `role` is not a field of a service account, and would have no effect. Fields: `name`, `roles`, `kubernetesServiceAccount`. Did you mean `roles`?
      anu:undefined-field
    error: Reserved Kubernetes service account
      at `/services/0/spec/environments/0/spec/serviceAccounts/4/kubernetesServiceAccount`, service `pay`, environment `production`
      `default` is the Kubernetes service account of every pod that names none: each of them would act as this Google service account. Choose another name, and set it as `serviceAccountName` of the pods.
      anu:reserved-service-account
    error: Duplicate service account
      at `/services/0/spec/environments/0/spec/serviceAccounts/5/name`, service `pay`, environment `production`
      The service account `make-it-snow` of project `gc-prd-pay` is already defined at `/services/0/spec/environments/0/spec/serviceAccounts/4`. Remove one of the two, or give it another name: each environment has identities of its own.
      anu:duplicate-service-account
    error: Duplicate service account
      at `/services/0/spec/environments/0/spec/serviceAccounts/7/kubernetesServiceAccount`, service `pay`, environment `production`
      The Kubernetes service account `rain` in namespace `c1/pay` is already that of the Google service account at `/services/0/spec/environments/0/spec/serviceAccounts/6`. A Kubernetes service account acts as one Google service account: choose another name.
      anu:duplicate-service-account
    error: Wrong JSON type
      at `/services/0/spec/environments/0/spec/serviceAccounts/8`, service `pay`, environment `production`
      Entry 8 of this list is a string: `make-it-drizzle`. It must be an object.
      anu:wrong-type
    ");
    // Misspelt, and in another place.
    environment(&mut document)["serviceAcounts"] = environment(&mut document)["serviceAccounts"].take();
    document["services"][0]["spec"]["serviceAccounts"] = one();
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Unknown field
      at `/services/0/spec/environments/0/spec/serviceAcounts`, service `pay`, environment `production`
      The field `serviceAcounts` is unknown and has no effect. It is too near to `serviceAccounts`, which is here as well. Remove it, or give it another name.
      anu:misspelt-field
    error: Misplaced field
      at `/services/0/spec/serviceAccounts`, service `pay`
      `serviceAccounts` has no effect here. It is a field of an environment. Move it there, or remove it.
      anu:misplaced-field
    ");
}

#[test]
fn accounts_without_a_project_a_target_or_the_project_of_a_cluster() {
    let mut document = registry(one());
    environment(&mut document)["googleProject"] = Value::Null;
    environment(&mut document)["targets"] = json!([]);
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Service account has no project
      at `/services/0/spec/environments/0/spec/serviceAccounts`, service `pay`, environment `production`
      Environment `production` has service accounts and no `googleProject`, the project in which they are created. Add it, or remove `serviceAccounts`.
      anu:service-account-without-project
    warning: Kubernetes service account has no effect
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/kubernetesServiceAccount`, service `pay`, environment `production`
      Environment `production` has no targets, so the Kubernetes service account `rain` is created nowhere. Add a target, or remove `kubernetesServiceAccount`.
      anu:service-account-without-target
    warning: Google services have no effect
      at `/services/0/spec/googleServices`, service `pay`
      Service `pay` has `googleServices`, and none of its environments has a `googleProject`, so no API is enabled and no IAM role is granted. Add `googleProject` to an environment, or remove `googleServices`.
      anu:google-services-without-effect
    ");
    let mut document = registry(one());
    environment(&mut document)["targets"][0]["spec"]["cluster"] = json!("c2");
    let listed = report(&document.to_string());
    document["clusters"] = Value::Null;
    insta::assert_snapshot!(format!("{listed}\n\n{}", report(&document.to_string())), @r#"
    error: Cluster has no Google project
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/kubernetesServiceAccount`, service `pay`, environment `production`
      The project of cluster `c2` is unknown, and with it the workload identity pool (`PROJECT.svc.id.goog`) through which the Kubernetes service account `rain` acts as a Google service account. Add `"googleProject": "…"` to `/clusters/1`, or remove `kubernetesServiceAccount`.
      anu:cluster-without-project

    error: Cluster has no Google project
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/kubernetesServiceAccount`, service `pay`, environment `production`
      The project of cluster `c2` is unknown, and with it the workload identity pool (`PROJECT.svc.id.goog`) through which the Kubernetes service account `rain` acts as a Google service account. Add an entry to `clusters`: `{"type": "Cluster", "spec": {"name": "c2", "googleProject": "…"}}`, or remove `kubernetesServiceAccount`.
      anu:cluster-without-project
    "#);
}

/// Only the owner of a shared project has accounts in it: their roles apply to all of it.
#[test]
fn accounts_in_the_project_of_another_service() {
    let mut document = registry(one());
    document["projects"] = json!([
        {"type": "Project", "spec": {"id": "gc-prd-compute", "existing": true}},
        {"type": "Project", "spec": {"id": "gc-prd-pay", "owner": "pay", "sharedWith": ["ledger"]}}]);
    let mut ledger = document["services"][0].clone();
    ledger["spec"]["name"] = json!("ledger");
    let there = &mut ledger["spec"]["environments"][0]["spec"];
    there["serviceAccounts"] = json!([{"name": "ledger-robot", "roles": ["roles/pubsub.publisher"]}]);
    there["targets"] = json!([]);
    document["services"].as_array_mut().expect("a list").push(ledger);
    insta::assert_snapshot!(report(&document.to_string()), @"
    error: Service account in a project of another service
      at `/services/1/spec/environments/0/spec/serviceAccounts`, service `ledger`, environment `production`
      Project `gc-prd-pay` is owned by `pay`. Only the owner of a shared project may have service accounts in it, because their roles apply to the whole project. Move the accounts to an environment of `pay`, or give this environment a project of its own.
      anu:service-account-not-owner
    ");
    // The owner's own are good.
    document["services"][1]["spec"]["environments"][0]["spec"]["serviceAccounts"] = json!([]);
    assert_eq!(report(&document.to_string()), "");
}

/// The roles pass the fences of every role, and the account those of every principal by its name.
#[test]
fn fences_of_accounts() {
    let accounts = json!([{"name": "make-it-rain", "roles": [
        "roles/owner", "roles/iam.workloadIdentityUser", "roles/iam.serviceAccountTokenCreator", "projects/gc-prd-pay/roles/everything",
        "roles/pubsub.publisherr", "roles/pubsub.publisher"]}]);
    let mut fences = Fences::default();
    fences.forbidden_principals.added.push(Pattern::new("make-it-*@*.iam.gserviceaccount.com"));
    // The account is in the environment's project, which `allowed_projects` limits: domains are about people and others' accounts.
    fences.allowed_email_domains = Some(vec![Pattern::new("example.com")]);
    let settings = Settings { fences, ..settings() };
    insta::assert_snapshot!(report_with(&registry(accounts).to_string(), &settings), @"
    error: Forbidden principal
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/name`, service `pay`, environment `production`
      The service account `serviceAccount:make-it-rain@gc-prd-pay.iam.gserviceaccount.com` is forbidden: it matches `make-it-*@*.iam.gserviceaccount.com` in `fences.forbidden_principals` of the provider block. Choose another name, or ask the maintainer of the provider block to change the fence.
      anu:forbidden-principal
    error: Forbidden role
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/roles/0`, service `pay`, environment `production`
      The role `roles/owner` of service account `make-it-rain` is forbidden: it matches `roles/owner` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/roles/1`, service `pay`, environment `production`
      The role `roles/iam.workloadIdentityUser` of service account `make-it-rain` is forbidden: it matches `roles/iam.workloadIdentityUser` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/roles/2`, service `pay`, environment `production`
      The role `roles/iam.serviceAccountTokenCreator` of service account `make-it-rain` is forbidden: it matches `roles/iam.*TokenCreator` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    error: Forbidden role
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/roles/3`, service `pay`, environment `production`
      The role `projects/gc-prd-pay/roles/everything` of service account `make-it-rain` is a custom role, and its permissions can change at any time without a change of the registry. Use a predefined role, or ask the maintainer of the provider block to add it to `fences.allowed_custom_roles`.
      anu:forbidden-role
    warning: Unknown IAM role
      at `/services/0/spec/environments/0/spec/serviceAccounts/0/roles/4`, service `pay`, environment `production`
      `roles/pubsub.publisherr` in service account `make-it-rain` is not in the list of Google's predefined roles, and Google refuses a role that does not exist. Did you mean `roles/pubsub.publisher`? Correct it, or ignore this warning if the role is newer than this version of anu.
      anu:unknown-role
    ");
}

/// The limits of Google and of anu count the roles of accounts.
#[test]
fn too_many_roles_of_accounts() {
    let roles: Vec<String> = (0..800).map(|nth| format!("projects/gc-prd-pay/roles/role{nth}")).collect();
    let accounts = json!([{"name": "make-it-rain", "roles": roles}, {"name": "make-it-snow", "roles": roles}]);
    let fences = Fences { allowed_custom_roles: vec![Pattern::new("projects/*")], ..Fences::default() };
    insta::assert_snapshot!(report_with(&registry(accounts).to_string(), &Settings { fences, ..settings() }), @"
    error: Project has too many principals
      at `/services/0/spec/environments/0/spec/googleProject`, service `pay`
      The IAM policy of project `gc-prd-pay` would contain more than 1500 principals (every occurrence counts), the limit of Google. They are granted by `pay`. Grant roles to groups instead, or use several projects.
      anu:too-many-principals
    ");
}

#[test]
fn the_guides_account_and_its_kubernetes_service_account_belong_together() {
    let guide = include_str!("../../docs/guides/your-own-registry.md");
    let (_, section) = guide.split_once("### Service accounts\n").expect("the section");
    let (_, block) = section.split_once("```json\n").expect("a block");
    let (accounts, section) = block.split_once("```").expect("its end");
    let accounts: Value = serde_json::from_str(&format!("{{{accounts}}}")).expect("JSON");
    let mut document = registry(accounts["serviceAccounts"].clone());
    environment(&mut document)["googleProject"] = "gc-prd-make-it-prod-1eb1".into();
    environment(&mut document)["targets"][0]["spec"]["namespace"] = "make-it-rain".into();
    assert_eq!(report(&document.to_string()), "");
    let fan_out = fan_out(&document.to_string());
    let resources = &fan_out.service("pay").expect("the service").resources;
    let (_, block) = section.split_once("```yaml\n").expect("a manifest");
    let guides: Value = serde_saphyr::from_str(block.split("```").next().expect("its end")).expect("YAML");
    let clusters = anu::platform::kubernetes::manifests(fan_out.registry().name().expect("a name"), [resources]);
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(&clusters.values().next().expect("one").to_string()).expect("YAML");
    let is_account = |document: &&Value| document["kind"] == "ServiceAccount";
    assert_eq!(documents.iter().filter(is_account).collect::<Vec<_>>(), [&guides]);
    let metadata = &guides["metadata"];
    let workload = resources.keys().into_iter().find(|key| matches!(key, Key::WorkloadIdentity(..))).expect("one");
    let subject = format!("[{}/{}]", metadata["namespace"].as_str().unwrap(), metadata["name"].as_str().unwrap());
    assert!(workload.to_string().ends_with(&subject), "{workload} does not end with {subject}");
    let email = metadata["annotations"]["iam.gke.io/gcp-service-account"].as_str().expect("the annotation");
    let member = format!("serviceAccount:{email}").parse().expect("a member");
    assert!(resources.iam.values().flat_map(|grants| grants.values()).any(|members| members.contains(&member)));
}
