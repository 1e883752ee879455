//! Mistakes in the arguments of `anu_project`, `anu_project_iam` and `anu_namespace`, which are applied beside a registry.

use std::collections::{BTreeMap, BTreeSet};

use anu::sdk::Value;

use super::Answer::{self, Refused, Shown, Warned};
use super::{answers, check};
use crate::fake_core::State;
use crate::fixture::Fixture;
use crate::leaves::{ALL, Leaf, NAMESPACE, PROJECT, PROJECT_IAM, list, set, texts};

/// One mistake, made after the example of a resource is applied.
struct Mistake {
    leaf: &'static Leaf,
    /// What a person did.
    name: &'static str,
    edit: Edit,
    /// What the plan answers while every deletion policy is `prevent`.
    answer: Answer,
}

enum Edit {
    /// Another value of an argument.
    Set(&'static str, Value),
    /// The resource is removed.
    Remove,
    /// A service of the registry uses the object.
    Use,
}

use Edit::{Remove, Set, Use};

fn members(role: &str, members: &[&str]) -> Edit {
    Set("members", Value::Map([(role.to_owned(), list(members))].into()))
}

/// A role binding with this name, role and subjects.
fn binding(name: &str, role: &str, subjects: &[&str]) -> Value {
    Value::object([("name", Value::from(name)), ("role", Value::from(role)), ("subjects", list(subjects))])
}

fn bindings(all: impl IntoIterator<Item = Value>) -> Edit {
    Set("role_binding", Value::List(all.into_iter().collect()))
}

fn mistakes() -> Vec<Mistake> {
    [projects(), grants(), namespaces()].into_iter().flatten().collect()
}

fn projects() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { leaf: &PROJECT, name, edit, answer };
    let text = |name, argument, text: &str, answer| mistake(name, Set(argument, Value::from(text)), answer);
    vec![
        mistake("the resource is removed", Remove, Refused("is protected")),
        mistake("a service's entry lists it", Use, Refused("belongs to the registry")),
        text("another id", "project_id", "proj-of-lgo", Refused("Apply would delete project `proj-of-log`")),
        text("an id in capitals", "project_id", "Proj-of-log", Refused("Invalid name")),
        text("an empty id", "project_id", "", Refused("Invalid name")),
        text("a number as the id", "project_id", "123456789", Refused("Invalid name")),
        mistake("no id", Set("project_id", Value::Null), Refused("project_id")),
        text("a short display name", "display_name", "log", Refused("Invalid name")),
        text("a parent without a kind", "parent", "1234", Refused("Invalid name")),
        text("a project as the parent", "parent", "projects/1", Refused("Invalid name")),
        text("another parent", "parent", "folders/2", Shown("folders/2")),
        text(
            "a billing account with its prefix",
            "billing_account",
            "billingAccounts/000000-BBBBBB-000000",
            Refused("Invalid name"),
        ),
        text("another billing account", "billing_account", "000000-CCCCCC-000000", Shown("000000-CCCCCC-000000")),
        mistake("the ownership label", Set("labels", texts(&[("managed-by", "me")])), Refused("managed-by")),
        mistake("the deletion label", Set("labels", texts(&[("anu-deletion", "delete")])), Refused("anu-deletion")),
        mistake("a label in capitals", Set("labels", texts(&[("Tier", "1")])), Refused("Tier")),
        mistake("no labels", Set("labels", Value::Null), Shown(r#""labels":null"#)),
        mistake("a short name of an API", Set("apis", list(&["redis"])), Refused("Invalid name")),
        mistake(
            "an API twice",
            Set("apis", list(&["redis.googleapis.com", "redis.googleapis.com"])),
            Refused("Duplicate API"),
        ),
        mistake(
            "an API is removed",
            Set("apis", list(&["logging.googleapis.com"])),
            Warned("API proj-of-log/redis.googleapis.com"),
        ),
        mistake("an empty list of APIs", Set("apis", list(&[])), Warned("API proj-of-log/redis.googleapis.com")),
        mistake("no list of APIs", Set("apis", Value::Null), Warned("API proj-of-log/redis.googleapis.com")),
        text("a policy in capitals", "deletion_policy", "Delete", Refused("deletion_policy")),
        text("a policy of namespaces", "deletion_policy", "delete-with-contents", Refused("deletion_policy")),
        text("an empty policy", "deletion_policy", "", Refused("deletion_policy")),
    ]
}

fn grants() -> Vec<Mistake> {
    const VIEWER: &str = "roles/logging.viewer";
    let mistake = |name, edit, answer| Mistake { leaf: &PROJECT_IAM, name, edit, answer };
    let member = |name, member: &str, words| mistake(name, members(VIEWER, &[member]), Refused(words));
    let role = |name, role: &str, answer| mistake(name, members(role, &["user:b@example.com"]), answer);
    let admin = "IAM member proj-of-log/roles/pubsub.admin/group:team-1@example.com";
    vec![
        mistake("the resource is removed", Remove, Warned(admin)),
        mistake("another project", Set("project_id", Value::from("proj-of-lgo")), Warned(admin)),
        mistake("no members", Set("members", Value::Null), Refused("members")),
        mistake("no roles", Set("members", Value::Map(BTreeMap::new())), Warned(admin)),
        mistake("a role is removed", members(VIEWER, &["group:a@example.com"]), Warned(admin)),
        mistake("a role without members", members(VIEWER, &[]), Refused("would grant nothing")),
        role("a role without its prefix", "viewer", Refused("Invalid name")),
        role("an empty role", "", Refused("Invalid name")),
        role("a misspelt role", "roles/pubsub.amdin", Warned("roles/pubsub.amdin Did you mean `roles/pubsub.admin`?")),
        role("the role of owners", "roles/owner", Refused("role `roles/owner` is forbidden")),
        role("the role of owners in capitals", "roles/Owner", Refused("role `roles/Owner` is forbidden")),
        role("a custom role", "projects/proj-of-log/roles/everything", Refused("Forbidden ")),
        member("a member without a kind", "a@example.com", "Invalid name"),
        member("a kind in capitals", "Group:a@example.com", "Invalid name"),
        member("a member without a domain", "user:a", "Invalid name"),
        member("everyone", "allUsers", "allUsers"),
        member("everyone who is logged in", "allAuthenticatedUsers", "allAuthenticatedUsers"),
        member("everyone, in the new notation", "principalSet://goog/public:all", "Forbidden "),
        member("a whole domain", "domain:example.com", "Invalid name"),
        member("a deleted account", "deleted:user:a@example.com?uid=1", "Invalid name"),
        member("white space after an address", "user:a@example.com ", "Invalid name"),
        member("an invisible character in an address", "user:a\u{200b}@example.com", "200b"),
        member("a letter that looks like another in an address", "user:\u{0430}dmin@example.com", "430"),
        member("two addresses in one", "user:a@example.com,user:b@example.com", "Invalid name"),
        member("an end without a time of day", "user:a@example.com until 2099-01-31", "Invalid name"),
        member("an end that is no date", "user:a@example.com until 2099-02-30T00:00:00Z", "Invalid name"),
        mistake(
            "a member twice",
            members(VIEWER, &["user:a@example.com", "user:A@example.com"]),
            Refused("Duplicate member"),
        ),
        mistake(
            "a basic role that ends",
            members("roles/viewer", &["user:a@example.com until 2099-01-31T00:00:00Z"]),
            Refused("Basic role cannot expire"),
        ),
        mistake(
            "an end that has passed",
            members(VIEWER, &["user:a@example.com until 2001-01-31T00:00:00Z"]),
            Warned("1 grant ended"),
        ),
        mistake(
            "a colleague of another team",
            members(VIEWER, &["group:a@example.com", "user:c@example.com"]),
            Shown("user:c@example.com"),
        ),
    ]
}

fn namespaces() -> Vec<Mistake> {
    let mistake = |name, edit, answer| Mistake { leaf: &NAMESPACE, name, edit, answer };
    let text = |name, argument, text: &str, answer| mistake(name, Set(argument, Value::from(text)), answer);
    let pairs = |name, argument, key: &str, value: &str, words| {
        mistake(name, Set(argument, texts(&[(key, value)])), Refused(words))
    };
    let role = |name, role: &str, answer| {
        mistake(name, bindings([binding("operators", role, &["Group:a@example.com"])]), answer)
    };
    let subject = |name, subject: &str, words| {
        mistake(name, bindings([binding("operators", "view", &[subject])]), Refused(words))
    };
    let twice = || binding("operators", "view", &["Group:a@example.com"]);
    vec![
        mistake("the resource is removed", Remove, Refused("is protected")),
        mistake("a service's entry uses it", Use, Refused("belongs to the registry")),
        text("another name", "name", "monitorign", Refused("Apply would delete namespace `compute-a/monitoring`")),
        text("a name in capitals", "name", "Monitoring", Refused("Invalid name")),
        text("an empty name", "name", "", Refused("Invalid name")),
        text("a reserved name", "name", "kube-system", Refused("reserved")),
        text("another cluster", "cluster", "compute-b", Refused("Apply would delete namespace `compute-a/monitoring`")),
        mistake("no cluster", Set("cluster", Value::Null), Refused("cluster")),
        pairs("the ownership label", "labels", "managed-by", "me", "managed-by"),
        pairs(
            "a label of Kubernetes itself",
            "labels",
            "kubernetes.io/metadata.name",
            "x",
            "kubernetes.io/metadata.name",
        ),
        pairs(
            "a weaker pod security",
            "labels",
            "pod-security.kubernetes.io/enforce",
            "privileged",
            "pod-security.kubernetes.io/enforce",
        ),
        pairs("a label with white space", "labels", "tier", "a b", "tier"),
        pairs("an annotation without a name", "annotations", "", "x", "annotations"),
        pairs("a quota in another unit", "quota", "pods", "10 pods", "Invalid quota"),
        pairs("a negative quota", "quota", "pods", "-1", "Invalid quota"),
        pairs("a quota for what there is not", "quota", "request.cpu", "1", "Invalid quota"),
        mistake("no quota", Set("quota", Value::Null), Warned("quota compute-a/monitoring")),
        mistake("a much larger quota", Set("quota", texts(&[("pods", "100000")])), Shown(r#""pods":"100000""#)),
        mistake("no role bindings", bindings([]), Warned("role binding compute-a/monitoring/operators")),
        mistake(
            "the name of a role binding",
            bindings([binding("operator", "view", &["Group:a@example.com"])]),
            Warned("role binding compute-a/monitoring/operators"),
        ),
        mistake("two of one name", bindings([twice(), twice()]), Refused("Duplicate role binding")),
        mistake("no subjects", bindings([binding("operators", "view", &[])]), Refused("would grant nothing")),
        mistake(
            "a subject twice",
            bindings([binding("operators", "view", &["User:a@example.com", "User:a@example.com"])]),
            Refused("Duplicate subject"),
        ),
        mistake(
            "another subject",
            bindings([binding("operators", "view", &["Group:b@example.com"])]),
            Shown("Group:b@example.com"),
        ),
        role("the role of cluster administrators", "cluster-admin", Refused("role `cluster-admin` is forbidden")),
        role("an empty role", "", Refused("Invalid name")),
        role("more rights", "admin", Shown(r#""role":"admin""#)),
        subject("a subject without a kind", "a@example.com", "Invalid name"),
        subject("a kind in small letters", "group:a@example.com", "Invalid name"),
        subject("everyone in the cluster", "Group:system:authenticated", "Forbidden "),
        subject("everyone without a login", "Group:system:unauthenticated", "Forbidden "),
        subject("the masters of the cluster", "Group:system:masters", "Forbidden "),
        text("a policy in capitals", "deletion_policy", "Delete", Refused("deletion_policy")),
    ]
}

/// The example of a resource, applied; to be copied for each mistake.
struct Applied {
    fixture: Fixture,
    state: State,
    configuration: Value,
}

impl Applied {
    async fn with(leaf: &Leaf, policy: &str) -> Self {
        let configuration = (leaf.configuration)(policy, "1");
        let mut fixture = Fixture::new(&(leaf.company)(false).document());
        fixture.others = BTreeMap::from([(leaf.address.to_owned(), configuration.clone())]);
        let state = fixture.apply(&State::default()).await;
        Self { fixture, state, configuration }
    }

    /// A folder of its own with the same store, and the configuration with the mistake.
    fn with_mistake(&self, mistake: &Mistake) -> Fixture {
        let company = (mistake.leaf.company)(matches!(mistake.edit, Use));
        let mut copy = Fixture::new(&company.next().document());
        std::fs::copy(self.fixture.path("anu.db"), copy.path("anu.db")).unwrap();
        let configuration = match &mistake.edit {
            Set(argument, value) => set(self.configuration.clone(), argument, value.clone()),
            Remove => return copy,
            Use => self.configuration.clone(),
        };
        copy.others.insert(mistake.leaf.address.to_owned(), configuration);
        copy
    }
}

#[tokio::test]
async fn no_mistake_in_an_argument_deletes_or_widens_in_silence() {
    let mistakes = mistakes();
    let names: BTreeSet<_> = mistakes.iter().map(|mistake| (mistake.leaf.address, mistake.name)).collect();
    assert_eq!(names.len(), mistakes.len(), "each mistake is listed once");
    let mut wrong = Vec::new();
    for leaf in ALL {
        let (protected, deletable) = (Applied::with(leaf, "prevent").await, Applied::with(leaf, "delete").await);
        for mistake in mistakes.iter().filter(|mistake| mistake.leaf.address == leaf.address) {
            let answer = check(&protected.with_mistake(mistake), &protected.state).await;
            let answered = answer.and_then(|answer| answers(&mistake.answer, &answer));
            // With a policy that permits deletion only the rule counts: whatever happens is in the plan.
            let deletable = check(&deletable.with_mistake(mistake), &deletable.state).await.map(drop);
            for (policy, result) in [("prevent", answered), ("delete", deletable)] {
                let name = format!("{}, {} ({policy})", leaf.address, mistake.name);
                wrong.extend(result.err().map(|why| format!("{name}: {why}")));
            }
        }
    }
    println!("{} mistakes", mistakes.len());
    assert!(wrong.is_empty(), "{} wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
