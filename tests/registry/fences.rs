//! Every default of every fence, in every place where such a name can be written.

use anu::fanout::{self, FORBIDDEN_ROLES, GUARDED_METADATA, Pattern, RESERVED_NAMESPACES, Settings};
use anu::registry::{AccessLevel, Permissions, Row};

use crate::{document, options, report_with, settings};

/// A name that a pattern matches.
fn example(pattern: &str) -> String {
    let (start, rest) = pattern
        .strip_prefix('*')
        .map_or(("", pattern), |rest| if rest.starts_with('.') { ("x", rest) } else { ("x.", rest) });
    format!("{start}{}", rest.replace('*', "x"))
}

/// The codes of the problems of a document.
fn codes(document: &str, settings: &Settings) -> Vec<&'static str> {
    let problems = match fanout::load(document.as_bytes(), &options(), settings) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    problems.iter().map(|problem| problem.code.name()).collect()
}

/// A document and a provider block for each place where a role can be written.
fn places_of_a_role(role: &str) -> Vec<(String, String, Settings)> {
    let mut places = Vec::new();
    for level in AccessLevel::ALL {
        if role.contains('/') {
            for row in ["*", "pubsub.googleapis.com"] {
                let written =
                    format!(r#""permissions": {{"google": {{"{row}": {{"{level}": ["roles/browser", "{role}"]}}}}}}"#);
                places.push((format!("{row} {level}"), document(&written), settings()));
                let mut permissions = Permissions::default();
                let mut of_row = Row::default();
                of_row.level_mut(level).push(role.parse().expect("a role"));
                permissions.google.insert(row, of_row).expect("a row");
                let settings = Settings { permissions: Some(permissions), ..settings() };
                places.push((format!("provider {row} {level}"), document(""), settings));
            }
        } else {
            let written = format!(r#""permissions": {{"kubernetes": {{"{level}": "{role}"}}}}"#);
            places.push((format!("kubernetes {level}"), document(&written), settings()));
            let mut permissions = Permissions::default();
            permissions.kubernetes.insert(level, role.parse().expect("a role"));
            places.push((
                format!("provider kubernetes {level}"),
                document(""),
                Settings { permissions: Some(permissions), ..settings() },
            ));
        }
    }
    places
}

#[test]
fn every_forbidden_role_is_refused_in_every_place_whatever_its_case() {
    let mut count = 0;
    for default in FORBIDDEN_ROLES {
        let role = example(default);
        let upper = match role.split_once('/') {
            Some((kind, name)) => format!("{kind}/{}", name.to_uppercase()),
            None => role.to_uppercase(),
        };
        for role in [role, upper] {
            for (place, document, mut settings) in places_of_a_role(&role) {
                assert!(codes(&document, &settings).contains(&"forbidden-role"), "{role} in {place}");
                settings.fences.forbidden_roles.added.push(Pattern::new("roles/x.y"));
                assert!(codes(&document, &settings).contains(&"forbidden-role"), "{role} in {place}, with an addition");
                settings.fences.forbidden_roles.exempt.push(Pattern::new(role.clone()));
                assert!(!codes(&document, &settings).contains(&"forbidden-role"), "{role} in {place}, exempt");
                count += 1;
            }
        }
    }
    assert_eq!(count, 456, "roles in places");
    for role in ["roles/x.y", "roles/X.Y"] {
        for (place, document, mut settings) in places_of_a_role(role) {
            settings.fences.forbidden_roles.added.push(Pattern::new("roles/x.y"));
            settings.fences.forbidden_roles.exempt.push(Pattern::new("roles/x.y"));
            assert!(codes(&document, &settings).contains(&"forbidden-role"), "{role} in {place}");
        }
    }
}

#[test]
fn a_custom_role_needs_a_pattern_in_every_place() {
    let mut count = 0;
    for role in ["projects/gc-prd-iam/roles/deployer", "organizations/1234/roles/deployer"] {
        for (place, document, mut settings) in places_of_a_role(role) {
            assert!(codes(&document, &settings).contains(&"forbidden-role"), "{role} in {place}");
            settings.fences.allowed_custom_roles.push(Pattern::new("*/roles/deploy*"));
            assert!(!codes(&document, &settings).contains(&"forbidden-role"), "{role} in {place}, allowed");
            count += 1;
        }
    }
    assert_eq!(count, 24, "custom roles in places");
    let (_, document, settings) = places_of_a_role("projects/gc-prd-iam/roles/deployer").remove(0);
    insta::assert_snapshot!(report_with(&document, &settings), @"
    error: Forbidden role
      at `/permissions/google/*/viewers/1`
      The role `projects/gc-prd-iam/roles/deployer` in the row `*` of `permissions` is a custom role, and its permissions can change at any time without a change of the registry. Use a predefined role, or ask the maintainer of the provider block to add it to `fences.allowed_custom_roles`.
      anu:forbidden-role
    ");
}

#[test]
fn a_forbidden_role_of_the_built_in_table_is_refused_where_it_is_granted() {
    let target = r#""targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "shop"}}]"#;
    let document = crate::environment(&format!(
        r#""rbac": {{"admins": ["core-banking"], "operators": ["core-banking"]}}, {target}"#
    ));
    let mut settings = settings();
    settings.fences.forbidden_roles.added.extend([Pattern::new("edit"), Pattern::new("view")]);
    insta::assert_snapshot!(report_with(&document, &settings), @"
    error: Forbidden role
      The role `edit` of `operators` in the built-in row `kubernetes` is forbidden: it matches `edit` in `fences.forbidden_roles` of the provider block. Use a narrower role.
      anu:forbidden-role
    ");
}

#[test]
fn every_reserved_namespace_is_refused_in_every_place() {
    let mut count = 0;
    for default in RESERVED_NAMESPACES {
        let name = example(default);
        let target = format!(
            r#""rbac": {{"admins": ["core-banking"]}}, "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "{name}"}}}}]"#
        );
        let entry =
            format!(r#""namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "{name}"}}}}]"#);
        for document in [crate::environment(&target), document(&entry)] {
            let mut settings = settings();
            assert!(codes(&document, &settings).contains(&"reserved-namespace"), "{name}");
            settings.fences.reserved_namespaces.added.push(Pattern::new("own-*"));
            assert!(codes(&document, &settings).contains(&"reserved-namespace"), "{name}, with an addition");
            settings.fences.reserved_namespaces.exempt.push(Pattern::new(*default));
            assert!(!codes(&document, &settings).contains(&"reserved-namespace"), "{name}, exempt");
            count += 1;
        }
    }
    assert_eq!(count, 24, "namespaces in places");
}

/// A document with a namespace that has a label or an annotation.
fn with_metadata(field: &str, key: &str, value: &str) -> String {
    let target = r#""rbac": {"admins": ["core-banking"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "shop"}}]"#;
    let entry = format!(
        r#""namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "shop", "owner": "ledger", "{field}": {{"{key}": "{value}"}}}}}}]"#
    );
    format!("{{{entry}, {}", &crate::environment(target)[1..])
}

#[test]
fn every_label_and_annotation_that_can_weaken_a_cluster_needs_a_permission() {
    let known = [
        "pod-security.kubernetes.io/enforce",
        "pod-security.kubernetes.io/enforce-version",
        "admission.gatekeeper.sh/ignore",
        "istio-injection",
        "istio.io/rev",
        "istio.io/dataplane-mode",
        "sidecar.istio.io/inject",
        "linkerd.io/inject",
        "config.linkerd.io/skip-outbound-ports",
        "scheduler.alpha.kubernetes.io/node-selector",
        "scheduler.alpha.kubernetes.io/defaultTolerations",
        "scheduler.alpha.kubernetes.io/tolerationsWhitelist",
        "policies.kyverno.io/ignore",
        "openpolicyagent.org/webhook",
        "admissions.enforcer/disabled",
        "cert-manager.io/disable-validation",
        "openshift.io/sa.scc.uid-range",
        "argocd.argoproj.io/managed-by",
        "field.cattle.io/projectId",
        "kubernetes.io/enforce-mountable-secrets",
        "cnrm.cloud.google.com/deletion-policy",
        "POD-SECURITY.kubernetes.io/enforce",
    ];
    let patterns = GUARDED_METADATA.iter().map(|pattern| example(pattern));
    let mut count = 0;
    for key in patterns.chain(known.map(str::to_owned)) {
        for field in ["labels", "annotations"] {
            let document = with_metadata(field, &key, "x");
            let mut settings = settings();
            let upper = key.starts_with("POD");
            let refused = |codes: Vec<&str>| codes.contains(&"guarded-metadata") || (upper && !codes.is_empty());
            assert!(refused(codes(&document, &settings)), "{key} in {field}");
            settings.fences.allowed_namespace_metadata =
                vec![Pattern::new("example.com/*"), Pattern::new(format!("{key}=y"))];
            assert!(refused(codes(&document, &settings)), "{key} in {field}, other permissions");
            for permission in [key.clone(), format!("{key}=x")] {
                settings.fences.allowed_namespace_metadata = vec![Pattern::new(permission)];
                assert!(!codes(&document, &settings).contains(&"guarded-metadata"), "{key} in {field}, allowed");
            }
            count += 1;
        }
    }
    assert_eq!(count, 2 * (GUARDED_METADATA.len() + known.len()), "keys in places");
    for harmless in ["tier", "app.kubernetes.io/name", "example.com/note", "cost-center"] {
        assert_eq!(codes(&with_metadata("labels", harmless, "x"), &settings()), Vec::<&str>::new(), "{harmless}");
    }
    let document = with_metadata("labels", "pod-security.kubernetes.io/enforce", "privileged");
    insta::assert_snapshot!(report_with(&document, &settings()), @"
    error: Label or annotation is not allowed
      at `/namespaces/0/spec/labels/pod-security.kubernetes.io~1enforce`
      The label `pod-security.kubernetes.io/enforce` of a namespace can weaken the rules of a cluster (`pod-security.kubernetes.io/*`). Remove it, or ask the maintainer of the provider block to add `pod-security.kubernetes.io/enforce`, or `pod-security.kubernetes.io/enforce=VALUE`, to `fences.allowed_namespace_metadata`.
      anu:guarded-metadata
    ");
}

#[test]
fn the_project_of_config_connector_is_one_that_the_service_may_use() {
    let key = "cnrm.cloud.google.com/project-id";
    let other = with_metadata("annotations", key, "gc-prd-secrets");
    insta::assert_snapshot!(report_with(&other, &settings()), @"
    error: Annotation names another project
      at `/namespaces/0/spec/annotations/cnrm.cloud.google.com~1project-id`
      The annotation `cnrm.cloud.google.com/project-id` is `gc-prd-secrets`, and no environment of `ledger` has this project. Config Connector would create resources in it. Use the project of an environment, or one that the service owns, or remove the annotation: anu sets it to the environment's project.
      anu:project-annotation
    ");
    let mut allowed = settings();
    allowed.fences.allowed_namespace_metadata.push(Pattern::new("*"));
    assert_eq!(codes(&other, &allowed), ["project-annotation"], "no permission replaces the use of the project");
    let own = with_metadata("annotations", key, "gc-prd-own")
        .replace("\"targets\"", "\"googleProject\": \"gc-prd-own\", \"targets\"");
    assert_eq!(report_with(&own, &settings()), "");
    assert_eq!(codes(&with_metadata("annotations", key, "No Project"), &settings()), ["project-annotation"]);
    assert_eq!(codes(&with_metadata("labels", key, "gc-prd-own"), &settings()), ["guarded-metadata"], "as a label");
}

#[test]
fn an_allowed_parent_is_not_passed_by_leaving_it_out() {
    let mut settings = settings();
    settings.fences.allowed_parents = Some(vec![Pattern::new("folders/1234")]);
    let document = |fields: &str| {
        format!(
            r#"{{"projects": [{{"type": "Project", "spec": {{"id": "gc-prd-ledger", "owner": "ledger"{fields}}}}}], {}"#,
            &crate::environment(r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}"#)[1..]
        )
    };
    insta::assert_snapshot!(report_with(&document(""), &settings), @"
    error: Parent is not allowed
      at `/projects/0/spec`
      Project `gc-prd-ledger` has no `parent`, and the provider block has no `google.parent`, so its parent is not one of those that `fences.allowed_parents` in the provider block allows: `folders/1234`. Add an allowed `parent`.
      anu:parent-not-allowed
    ");
    assert_eq!(report_with(&document(r#", "parent": "folders/1234""#), &settings), "");
    assert_eq!(report_with(&document(r#", "existing": true"#), &settings), "", "it is not created");
}

#[test]
fn an_allowed_parent_may_be_the_default_of_the_provider_block() {
    let document = format!(
        r#"{{"projects": [{{"type": "Project", "spec": {{"id": "gc-prd-ledger", "owner": "ledger"}}}}], {}"#,
        &crate::environment(r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}"#)[1..]
    );
    let mut settings = settings();
    settings.fences.allowed_parents = Some(vec![Pattern::new("folders/1234")]);
    settings.project_defaults.parent = Some("folders/1234".parse().expect("a parent"));
    assert_eq!(report_with(&document, &settings), "");
    settings.project_defaults.parent = Some("folders/9".parse().expect("a parent"));
    insta::assert_snapshot!(report_with(&document, &settings), @"
    error: Parent is not allowed
      at `/projects/0/spec`
      Project `gc-prd-ledger` has no `parent`, so it has that of `google.parent` in the provider block, `folders/9`, which `fences.allowed_parents` does not allow: `folders/1234`. Add an allowed `parent`, or ask the maintainer of the provider block to correct `google.parent`.
      anu:parent-not-allowed
    ");
    let own = document.replace(r#""owner""#, r#""parent": "folders/1234", "owner""#);
    assert_eq!(report_with(&own, &settings), "", "the entry's own parent counts");
}

#[test]
fn a_quota_has_a_limit_in_every_place_under_every_name_and_is_not_left_out() {
    let mut settings = settings();
    settings.fences.max_quota =
        [("requests.cpu", "64"), ("pods", "100")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let environment = |quota: &str| {
        crate::environment(&format!(
            r#""rbac": {{"admins": ["core-banking"]}}, "targets": [{{"type": "Target", "spec": {{"cluster": "c1", "namespace": "shop"}}}}]{quota}"#
        ))
    };
    let of_environment = |quota: &str| environment(&format!(r#", "quota": {quota}"#));
    let of_namespace = |quota: &str| {
        let entry = format!(
            r#""namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "shop", "owner": "ledger", "quota": {quota}}}}}]"#
        );
        format!("{{{entry}, {}", &environment("")[1..])
    };
    let mut count = 0;
    for document in [&of_environment as &dyn Fn(&str) -> String, &of_namespace] {
        for good in
            [r#"{"requests.cpu": "64", "pods": 100}"#, r#"{"cpu": "63999m", "count/pods": "1e2", "limits.cpu": "1k"}"#]
        {
            assert_eq!(report_with(&document(good), &settings), "", "{good}");
        }
        for bad in [
            r#"{"requests.cpu": "65", "pods": 100}"#,
            r#"{"cpu": "64001m", "pods": 100}"#,
            r#"{"requests.cpu": "1k", "pods": 100}"#,
            r#"{"requests.cpu": "1e99", "pods": 100}"#,
            r#"{"requests.cpu": "64", "count/pods": "101"}"#,
        ] {
            assert_eq!(codes(&document(bad), &settings), ["quota-too-large"], "{bad}");
            count += 1;
        }
        for missing in ["{}", r#"{"limits.cpu": "1"}"#, r#"{"pods": 1}"#, r#"{"requests.cpu": "1"}"#] {
            assert_eq!(codes(&document(missing), &settings), ["quota-missing"], "{missing}");
            count += 1;
        }
    }
    assert_eq!(count, 18, "quotas in places");
    assert_eq!(codes(&environment(""), &settings), ["quota-missing"]);
    insta::assert_snapshot!(report_with(&of_environment(r#"{"requests.cpu": "65"}"#), &settings), @r#"
    error: Quota is missing
      at `/services/0/spec/environments/0/spec/targets/0`, service `ledger`, environment `production`
      Namespace `c1/shop` has no quota for what `fences.max_quota` of the provider block limits, so it would have no limit. Add to the quota at most `"pods": "100"`.
      anu:quota-missing
    error: Quota is too large
      at `/services/0/spec/environments/0/spec/quota/requests.cpu`, service `ledger`, environment `production`
      The quota `65` of `requests.cpu` exceeds `64`, the limit in `fences.max_quota` of the provider block. Write at most that, or ask the maintainer of the provider block to raise the limit.
      anu:quota-too-large
    "#);
}

#[test]
fn labels_of_the_provider_block_override_those_of_the_registry() {
    let text = |fields: &str| {
        format!(
            r#"{{"projects": [{{"type": "Project", "spec": {{"id": "gc-prd-ledger", "owner": "ledger"{fields}}}}}],
                "namespaces": [{{"type": "Namespace", "spec": {{"cluster": "c1", "name": "shop", "owner": "ledger"{fields}}}}}], {}"#,
            &crate::environment(
                r#""googleProject": "gc-prd-ledger", "rbac": {"admins": ["core-banking"]}, "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "shop"}}]"#
            )[1..]
        )
    };
    let settings = Settings { labels: [("tier".to_owned(), "1".to_owned())].into(), ..settings() };
    let document = text(r#", "labels": {"tier": "9", "own": "x"}"#);
    let (fan_out, _) = fanout::load(document.as_bytes(), &options(), &settings).expect("no errors");
    let resources = &fan_out.service("ledger").expect("a service").resources;
    let project = &resources.projects.values().next().expect("a project").settings.labels;
    let namespace = &resources.namespaces.values().next().expect("a namespace").settings.labels;
    for labels in [project, namespace] {
        assert_eq!((labels["tier"].as_str(), labels["own"].as_str()), ("1", "x"));
    }
    insta::assert_snapshot!(report_with(&document, &settings), @"
    warning: Label is overridden
      at `/projects/0/spec/labels/tier`
      The label `tier` is `9` here, and `labels` of the provider block sets it to `1`, which overrides this value. Remove the label, or write the same value.
      anu:label-overridden
    warning: Label is overridden
      at `/namespaces/0/spec/labels/tier`
      The label `tier` is `9` here, and `labels` of the provider block sets it to `1`, which overrides this value. Remove the label, or write the same value.
      anu:label-overridden
    ");
    assert_eq!(report_with(&text(r#", "labels": {"tier": "1"}"#), &settings), "", "the same value is no conflict");
}
