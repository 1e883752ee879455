//! Principals: those that a fence forbids, look-alikes and invisible characters, in every place where one can be written.

use anu::fanout::{self, Pattern, Settings};
use anu::printable::is_hidden;

use crate::{options, report, report_with};

/// A document in which one place has a principal, and the provider block.
type Place = (&'static str, fn(&str) -> (String, Settings));

/// A document with one service in a namespace and a project, whose admins are the team `ops` and `entry`, and this team entry.
fn document(team: &str, entry: &str) -> String {
    let project = r#""googleProject": "gc-prd-shop", "targets": [{"type": "Target", "spec": {"cluster": "c1", "namespace": "shop"}}]"#;
    format!(
        r#"{{"metadata": {{"name": "acme"}}, "teams": [{{"type": "Team", "spec": {{"name": "ops"{team}}}}}], "services": [{{"type": "Service", "spec": {{
            "name": "shop", "team": "ops", "googleServices": ["pubsub.googleapis.com"],
            "environments": [{{"type": "Environment", "spec": {{"name": "prod", {project}, "rbac": {{"admins": ["ops"]{entry}}}}}}}]
        }}}}]}}"#
    )
}

const EMAIL: &str = r#", "email": "ops@example.com""#;

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A block that allows addresses in one domain, and forbids one more group.
fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.fences.allowed_email_domains = Some(vec![Pattern::new("example.com")]);
    settings.fences.forbidden_principals.added.push(Pattern::new("*evil@*"));
    settings
}

fn in_list(level: &str, entry: &str) -> (String, Settings) {
    let other = if level == "admins" { format!(r#""ops", {entry}"#) } else { entry.to_owned() };
    let entry = if level == "admins" {
        document(EMAIL, "").replace(r#"["ops"]"#, &format!("[{other}]"))
    } else {
        document(EMAIL, &format!(r#", "{level}": [{other}]"#))
    };
    (entry, settings())
}

fn object(text: &str) -> String {
    format!(r#"{{"principal": {}}}"#, json(text))
}

/// Every place where a principal can be written.
const PLACES: [Place; 10] = [
    ("a team's email", |text| (document(&format!(r#", "email": {}"#, json(text)), ""), settings())),
    ("a team's principals.google", |text| {
        (document(&format!(r#"{EMAIL}, "principals": {{"google": {}}}"#, json(text)), ""), settings())
    }),
    ("a team's principals.kubernetes", |text| {
        (document(&format!(r#"{EMAIL}, "principals": {{"kubernetes": {}}}"#, json(text)), ""), settings())
    }),
    ("a principal of viewers", |text| in_list("viewers", &object(text))),
    ("a principal of operators", |text| in_list("operators", &object(text))),
    ("a principal of admins", |text| in_list("admins", &object(text))),
    ("a team of viewers", |text| in_list("viewers", &json(text))),
    ("a team of operators", |text| in_list("operators", &json(text))),
    ("a team of admins", |text| in_list("admins", &json(text))),
    ("member_template", |text| {
        (document("", ""), Settings { member_template: Some(text.replace("a@", "{team}@")), ..settings() })
    }),
];

/// Every kind of principal that is never granted anything. None of them is valid in any place.
const BAD: [&str; 32] = [
    // Everyone, or a part of a cluster.
    "system:masters",
    "system:authenticated",
    "system:unauthenticated",
    "system:anonymous",
    "system:nodes",
    "system:serviceaccounts",
    "system:serviceaccount:kube-system:default",
    "System:Masters",
    "SYSTEM:AUTHENTICATED",
    "allUsers",
    "ALLUSERS",
    "allAuthenticatedUsers",
    "allauthenticatedusers",
    "principalSet://goog/public:all",
    "principalSet://GOOG/Public:All",
    // What this provider block forbids.
    "group:evil@example.com",
    "evil@example.com",
    "Group:Evil@Example.com",
    "user:a@gmail.com",
    "a@gmail.com",
    "group:a@example.com.evil.org",
    // Invisible characters, and white space at an end.
    "\u{200b}a@example.com",
    "group:\u{200b}a@example.com",
    "group:a@example.com\u{200b}",
    "user:a@exam\u{ad}ple.com",
    "group:\u{202e}a@example.com",
    "a@example.com ",
    " group:a@example.com",
    "group:a@example.com\u{a0}",
    "group:a@example.com\t",
    // Letters that look like others.
    "group:\u{430}@example.com",
    "\u{ff41}@example.com",
];

#[test]
fn no_place_accepts_a_principal_that_is_forbidden_or_looks_like_another() {
    let mut count = 0;
    for (place, document) in PLACES {
        for bad in BAD {
            let (text, settings) = document(bad);
            let problems = fanout::load(text.as_bytes(), &options(), &settings)
                .err()
                .unwrap_or_else(|| panic!("{bad:?} is accepted as {place}"));
            for problem in problems.iter().map(ToString::to_string) {
                assert!(!problem.contains(|c: char| c != '\n' && is_hidden(c)), "{place}: {problem:?}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 320, "places times kinds of principals");
    let good: [(&str, &[&str]); 3] = [
        ("a@example.com", &["a team's email", "a team's principals.kubernetes"]),
        (
            "group:a@example.com",
            &[
                "a team's principals.google",
                "a principal of viewers",
                "a principal of operators",
                "a principal of admins",
                "member_template",
            ],
        ),
        ("ops", &["a team of viewers", "a team of operators", "a team of admins"]),
    ];
    for (text, places) in good {
        for (place, document) in PLACES.iter().filter(|(place, _)| places.contains(place)) {
            let (text, settings) = document(text);
            if let Err(problems) = fanout::load(text.as_bytes(), &options(), &settings) {
                panic!("{place}: {}", problems[0]);
            }
        }
    }
}

/// The registries of the field: a team whose Kubernetes group is a part of the cluster.
#[test]
fn a_registry_gives_no_access_to_everyone_of_a_cluster() {
    let text = |group: &str| document(&format!(r#"{EMAIL}, "principals": {{"kubernetes": "{group}"}}"#), "");
    insta::assert_snapshot!(report(&text("system:authenticated")), @"
    error: Forbidden principal
      at `/teams/0/spec/principals/kubernetes`
      The principal `Group:system:authenticated` of team `ops` is forbidden: it matches `system:*` in `fences.forbidden_principals` of the provider block. Use the group of a team, a single user or a service account.
      anu:forbidden-principal
    ");
    insta::assert_snapshot!(report(&text("system:unauthenticated")), @"
    error: Forbidden principal
      at `/teams/0/spec/principals/kubernetes`
      The principal `Group:system:unauthenticated` of team `ops` is forbidden: it matches `system:*` in `fences.forbidden_principals` of the provider block. Use the group of a team, a single user or a service account.
      anu:forbidden-principal
    ");
    insta::assert_snapshot!(report(&in_list("admins", &object("allUsers")).0), @"
    error: Invalid principal
      at `/services/0/spec/environments/0/spec/rbac/admins/1/principal`, service `shop`, environment `prod`
      `allUsers` is not a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`. A registry cannot grant public access.
      anu:bad-principal
    ");
    insta::assert_snapshot!(report(&in_list("admins", &object("principalSet://goog/public:all")).0), @"
    error: Forbidden principal
      at `/services/0/spec/environments/0/spec/rbac/admins/1/principal`, service `shop`, environment `prod`
      The principal `principalSet://goog/public:all` is forbidden: it matches `principalSet://goog/public:*` in `fences.forbidden_principals` of the provider block. Use the group of a team, a single user or a service account.
      anu:forbidden-principal
    ");
    // A team that no environment uses yet is checked as well.
    let unused = text("ops-admins").replace(
        "\"teams\": [",
        r#""teams": [{"type": "Team", "spec": {"name": "all", "principals": {"kubernetes": "system:masters"}}}, "#,
    );
    assert!(report(&unused).contains("system:masters"), "{}", report(&unused));
}

/// The registry of the field: addresses that were pasted with invisible characters.
#[test]
fn invisible_characters_and_look_alikes_are_named_by_their_code_point() {
    let email = |email: &str| document(&format!(r#", "email": {}"#, json(email)), "");
    let group = |group: &str| document(&format!(r#"{EMAIL}, "principals": {{"kubernetes": {}}}"#, json(group)), "");
    insta::assert_snapshot!(report(&email("\u{200b}a-team@example.com")), @r"
    error: Invalid name
      at `/teams/0/spec/email`
      `\u{200b}a-team@example.com` is not an e-mail address: `NAME@DOMAIN`. It contains the invisible character U+200B.
      anu:bad-name
    ");
    insta::assert_snapshot!(report(&email("p\u{430}yments@example.com")), @"
    error: Invalid name
      at `/teams/0/spec/email`
      `pаyments@example.com` is not an e-mail address: `NAME@DOMAIN`. It contains U+0430 (`а`), which is not an ASCII character.
      anu:bad-name
    ");
    insta::assert_snapshot!(report(&group("b-team@example.com ")), @"
    error: Invalid principal
      at `/teams/0/spec/principals/kubernetes`
      `b-team@example.com ` is not a valid name of a Kubernetes group. It has white space at an end. Write the group's name as it is in the cluster.
      anu:bad-principal
    ");
    insta::assert_snapshot!(report(&group("p\u{430}yments")), @"
    error: Invalid principal
      at `/teams/0/spec/principals/kubernetes`
      `pаyments` is not a valid name of a Kubernetes group. It contains U+0430 (`а`) among Latin letters, which can look like one of them. Write the group's name as it is in the cluster.
      anu:bad-principal
    ");
    insta::assert_snapshot!(report(&in_list("admins", &object("user:jane@example.com\u{200b}")).0), @r"
    error: Invalid principal
      at `/services/0/spec/environments/0/spec/rbac/admins/1/principal`, service `shop`, environment `prod`
      `user:jane@example.com\u{200b}` is not a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`. It contains the invisible character U+200B.
      anu:bad-principal
    ");
    assert_eq!(report(&group("github:billing online")), "");
    assert_eq!(report(&group("платежи")), "");
}

#[test]
fn the_fence_for_domains_and_its_remedy() {
    let mut settings = settings();
    let document = in_list("admins", &object("user:jane@gmail.com")).0;
    insta::assert_snapshot!(report_with(&document, &settings), @"
    error: Forbidden principal
      at `/services/0/spec/environments/0/spec/rbac/admins/1/principal`, service `shop`, environment `prod`
      The principal `user:jane@gmail.com` has an address in a domain that `fences.allowed_email_domains` in the provider block does not allow (`example.com`). Use an address in an allowed domain, or ask the maintainer of the provider block to change the fence.
      anu:forbidden-principal
    ");
    settings.member_template = Some("group:{team}@example.org".into());
    let unlisted = r#"{"metadata": {"name": "acme"}, "services": [{"type": "Service", "spec": {"name": "shop", "team": "ops", "environments": [
        {"type": "Environment", "spec": {"name": "prod", "googleProject": "gc-prd-shop", "rbac": {"admins": ["ops"]}}}]}}]}"#;
    insta::assert_snapshot!(report_with(unlisted, &settings), @"
    error: Forbidden principal
      `member_template` produces `group:ops@example.org` for the team `ops`, which has an address in a domain that `fences.allowed_email_domains` in the provider block does not allow (`example.com`). Use an address in an allowed domain, or ask the maintainer of the provider block to change the fence.
      anu:forbidden-principal
    ");
}

#[test]
fn a_default_is_removed_by_an_exemption_only() {
    let document = document(&format!(r#"{EMAIL}, "principals": {{"kubernetes": "system:bots"}}"#), "");
    let mut settings = Settings::default();
    settings.fences.forbidden_principals.added.push(Pattern::new("group:interns@*"));
    assert!(report_with(&document, &settings).contains("Forbidden principal"), "what is added keeps the defaults");
    settings.fences.forbidden_principals.exempt.push(Pattern::new("system:bots"));
    assert_eq!(report_with(&document, &settings), "");
}

/// The registry of a team without any Google: a group of the cluster's own identity provider.
#[test]
fn a_team_with_a_group_in_kubernetes_alone_has_access_there() {
    let team = r#", "principals": {"kubernetes": "github:billing online"}"#;
    let on_both = document(team, "");
    let in_kubernetes = on_both.replace(r#""googleProject": "gc-prd-shop", "#, "");
    let none = Settings::default();
    let fan_out = crate::fan_out_with(&in_kubernetes, &none);
    let bindings = fan_out.by_service().role_bindings;
    let text = serde_json::to_string(&bindings).expect("JSON");
    assert!(text.contains("Group:github:billing online") && text.contains("anu:shop:prod:admins:admin"), "{text}");
    assert!(fan_out.by_service().iam_members["shop"].is_empty());

    insta::assert_snapshot!(report_with(&on_both, &none), @"
    error: Team has no group
      at `/services/0/spec/environments/0/spec/rbac/admins/0`, service `shop`, environment `prod`
      The team `ops` has access on Google here, and only its group in Kubernetes is known (`principals.kubernetes`). Add `principals.google` to `/teams/0`, for example `group:ops@example.com`, or an `email`; or set `member_template` in the provider block.
      anu:unresolved-team
    ");
    let viewed = r#""clusters": [{"type": "Cluster", "spec": {"name": "c1", "googleProject": "gc-prd-compute", "gke": {"clusterViewer": true, "groups": true}}}], "services""#;
    let report = report_with(&in_kubernetes.replacen(r#""services""#, viewed, 1), &none);
    assert!(report.contains("The team `ops` has access on Google here"), "{report}");
    // With a template every team has a principal on Google.
    let template = Settings { member_template: Some("group:{team}@example.com".into()), ..none };
    assert_eq!(report_with(&on_both, &template), "");
}

#[test]
fn a_workload_of_gke_is_a_member_on_google_and_itself_in_its_own_clusters() {
    let member = "serviceAccount:gc-prd-compute.svc.id.goog[shop/worker]";
    let (plain, _) = in_list("operators", &object(member));
    let in_project = |project: &str| {
        let clusters = format!(
            r#""clusters": [{{"type": "Cluster", "spec": {{"name": "c1", "googleProject": "{project}"}}}}], "services""#
        );
        plain.replacen(r#""services""#, &clusters, 1)
    };
    let with = |project: &str| {
        let fan_out = crate::fan_out_with(&in_project(project), &Settings::default());
        serde_json::to_string(&fan_out.by_service()).expect("JSON")
    };
    // Where it has no access, that is said.
    assert_eq!(report(&in_project("gc-prd-compute")), "");
    insta::assert_snapshot!(report(&in_project("gc-prd-elsewhere")), @r#"
    warning: Workload has no access in a cluster
      at `/services/0/spec/environments/0/spec/rbac/operators/0/principal`, service `shop`, environment `prod`
      `serviceAccount:gc-prd-compute.svc.id.goog[shop/worker]` is a workload of a cluster in project `gc-prd-compute`, so it gets no role binding in `c1` (project `gc-prd-elsewhere`). Correct the project, add `"googleProject": "gc-prd-compute"` to the entry of the cluster that it runs in, or write the entry in another environment.
      anu:workload-without-access
    "#);
    insta::assert_snapshot!(report(&plain), @r#"
    warning: Workload has no access in a cluster
      at `/services/0/spec/environments/0/spec/rbac/operators/0/principal`, service `shop`, environment `prod`
      `serviceAccount:gc-prd-compute.svc.id.goog[shop/worker]` is a workload of a cluster in project `gc-prd-compute`, so it gets no role binding in `c1` (no `googleProject` in its entry). Correct the project, add `"googleProject": "gc-prd-compute"` to the entry of the cluster that it runs in, or write the entry in another environment.
      anu:workload-without-access
    "#);
    let (own, other) = (with("gc-prd-compute"), with("gc-prd-elsewhere"));
    for view in [&own, &other] {
        assert!(view.contains(&format!("gc-prd-shop/roles/pubsub.editor/{member}")), "{view}");
        assert!(!view.contains("User:gc-prd-compute"), "{view}");
    }
    assert!(own.contains("ServiceAccount:shop/worker") && !other.contains("ServiceAccount:"), "{own}\n{other}");

    // A fence for either name is one for both.
    for fence in ["*.svc.id.goog[*", "ServiceAccount:shop/*", "serviceAccount:gc-prd-compute.svc.id.goog*"] {
        let mut settings = Settings::default();
        settings.fences.forbidden_principals.added.push(Pattern::new(fence));
        let report = report_with(&plain, &settings);
        assert!(report.contains("error: Forbidden principal"), "{fence}: {report}");
    }
    let report = report_with(&plain, &settings());
    assert!(report.contains("has an address in a domain"), "the pool is its domain: {report}");
}

#[test]
fn the_project_of_an_identity_pool_is_a_number() {
    let pool = |project: &str| {
        let member = format!(
            "principal://iam.googleapis.com/projects/{project}/locations/global/workloadIdentityPools/ci/subject/x"
        );
        report_with(&in_list("operators", &object(&member)).0, &Settings::default())
    };
    assert_eq!(pool("123456789012"), "");
    insta::assert_snapshot!(pool("gc-prd-ci"), @"
    error: Invalid principal
      at `/services/0/spec/environments/0/spec/rbac/operators/0/principal`, service `shop`, environment `prod`
      `principal://iam.googleapis.com/projects/gc-prd-ci/locations/global/workloadIdent…` is not a principal: `group:EMAIL`, `user:EMAIL`, `serviceAccount:EMAIL`, `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`, `principal://…` or `principalSet://…`. Google names the project of an identity pool by its number, not by `gc-prd-ci`: `gcloud projects describe` shows it.
      anu:bad-principal
    ");
}
