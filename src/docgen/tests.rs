//! On a small made-up provider, whose pages are shown whole.

use std::sync::Arc;

use async_trait::async_trait;
use insta::assert_snapshot;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::sdk::{
    ApplyRequest, ApplyResponse, Attribute, Call, Configure, DataSource, Diagnostics, Function, FunctionError,
    ImportResponse, ImportTarget, LengthAtLeast, MoveRequest, OneOf, Parameter, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse, Resource, Signature, StateResponse, Type, UpgradeRequest, Value,
};

/// A provider with schemas only.
struct Fake {
    resources: Vec<Arc<dyn Resource>>,
    data_sources: Vec<Arc<dyn DataSource>>,
    functions: Vec<Arc<dyn Function>>,
}

struct Thing(Schema, Option<Schema>);
struct Half;

#[async_trait]
impl Provider for Fake {
    fn schema(&self) -> Schema {
        Schema::new("Runs things.\n\nAt length.").with(
            Attribute::block(
                "source",
                vec![
                    Attribute::string("path").required().describe("Where it is."),
                    Attribute::string("token").sensitive().describe("A secret."),
                    Attribute::labelled_blocks("mirror", vec![Attribute::single("at", vec![Attribute::bool("near")])])
                        .describe("Others, by name."),
                ],
            )
            .required()
            .describe("What is read."),
        )
    }
    fn resources(&self) -> &[Arc<dyn Resource>] {
        &self.resources
    }
    fn data_sources(&self) -> &[Arc<dyn DataSource>] {
        &self.data_sources
    }
    fn functions(&self) -> &[Arc<dyn Function>] {
        &self.functions
    }
    async fn validate(&self, _: Value) -> Diagnostics {
        unreachable!()
    }
    async fn configure(&self, _: &mut Call, _: Configure) {
        unreachable!()
    }
}

#[async_trait]
impl Resource for Thing {
    fn name(&self) -> &str {
        "fake_thing"
    }
    fn schema(&self) -> &Schema {
        &self.0
    }
    fn identity(&self) -> Option<&Schema> {
        self.1.as_ref()
    }
    async fn validate(&self, _: CancellationToken, _: Value) -> Diagnostics {
        unreachable!()
    }
    async fn upgrade(&self, _: UpgradeRequest) -> StateResponse {
        unreachable!()
    }
    async fn read(&self, _: ReadRequest) -> ReadResponse {
        unreachable!()
    }
    async fn plan(&self, _: PlanRequest) -> PlanResponse {
        unreachable!()
    }
    async fn apply(&self, _: ApplyRequest) -> ApplyResponse {
        unreachable!()
    }
    async fn import(&self, _: CancellationToken, _: ImportTarget<Value>) -> ImportResponse {
        unreachable!()
    }
    fn generate(&self, _: Value) -> StateResponse {
        unreachable!()
    }
    async fn move_state(&self, _: MoveRequest) -> StateResponse {
        unreachable!()
    }
}

#[async_trait]
impl DataSource for Thing {
    fn name(&self) -> &str {
        "fake_things"
    }
    fn schema(&self) -> &Schema {
        &self.0
    }
    async fn validate(&self, _: CancellationToken, _: Value) -> Diagnostics {
        unreachable!()
    }
    async fn read(&self, _: CancellationToken, _: Value) -> StateResponse {
        unreachable!()
    }
}

impl Function for Half {
    fn name(&self) -> &'static str {
        "half"
    }
    fn signature(&self) -> Signature {
        let parameter = |name, description, ty, allow_null| Parameter { name, description, ty, allow_null };
        Signature {
            summary: "Half of `it`",
            description: "Half of it, in full.",
            parameters: vec![parameter("number", "Of what.", Type::Number, false)],
            variadic: Some(parameter("more", "", Type::list(Type::Bool), true)),
            returns: Type::object([("half", Type::Number), ("rest", Type::map(Type::object([("id", Type::String)])))]),
        }
    }
    fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> {
        unreachable!()
    }
}

fn fake() -> Fake {
    let entry = Type::object([("project", Type::String), ("roles", Type::list(Type::object([("id", Type::String)])))]);
    let resource = Schema::new("A *thing* of [sorts](https://example.com), with `code_*`.\n\nMore of it.")
        .with(Attribute::string("policy").rule(OneOf(&["keep", "drop"])).default("keep").describe("What happens."))
        .with(Attribute::string("name").required().rule(LengthAtLeast(1)).describe("Its name.\n\nA second paragraph."))
        .with(Attribute::bool("old").describe("It was."))
        .with(Attribute::number("count").computed());
    let resource = Schema {
        attributes: resource
            .attributes
            .into_iter()
            .map(|mut each| {
                if each.name == "old" {
                    each.deprecation = Some("use `policy`.".into());
                }
                each
            })
            .collect(),
        ..resource
    };
    let data = Schema::new("Things.")
        .with(Attribute::of("entries", Type::map(Type::map(entry))).computed().describe("Thing to key to entry."));
    let identity = Schema::new("")
        .with(Attribute::string("name").required().describe("Its name."))
        .with(Attribute::of("parts", Type::list(Type::String)));
    Fake {
        resources: vec![Arc::new(Thing(resource, Some(identity)))],
        data_sources: vec![Arc::new(Thing(data, None))],
        functions: vec![Arc::new(Half)],
    }
}

fn files(pairs: &[(&str, &str)]) -> Files {
    pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn with_pages<T>(look: impl FnOnce(&Input) -> T) -> T {
    let examples = files(&[
        ("provider/provider.tf", "provider \"fake\" {}\n"),
        ("resources/fake_thing/resource.tf", "resource \"fake_thing\" \"this\" {}\n"),
        ("resources/fake_thing/identity/import.tf", "import {\n  identity = { name = \"a\" }\n}\n"),
        ("resources/fake_thing/import.sh", "terraform import fake_thing.this a\n"),
        ("functions/half/function.tf", "output \"half\" {}\n\n"),
    ]);
    let guide = "---\n# kind: tutorial\npage_title: \"First steps\"\nsubcategory: \"\"\ndescription: |-\n  How to\n  start.\n---\n\n# First steps\n";
    let guides = files(&[("first.md", guide)]);
    let errors = crate::codes::all().map(|code| (code.name(), format!("{code}"))).collect();
    look(&Input { name: "fake", provider: &fake(), examples: &examples, guides: &guides, errors: &errors })
}

fn page(path: &str) -> String {
    with_pages(|input| pages(input).remove(path).expect("a page"))
}

#[test]
fn one_page_for_each_thing_named_without_the_providers_prefix() {
    let paths: Vec<String> = with_pages(|input| pages(input).into_keys().collect());
    let (errors, others): (Vec<&str>, Vec<&str>) =
        paths.iter().map(String::as_str).partition(|path| path.starts_with("docs/errors/"));
    assert_eq!(errors.len(), crate::codes::all().count() + 1, "a page for each code, and the index");
    assert_eq!(
        others,
        [
            "docs/data-sources/things.md",
            "docs/functions/half.md",
            "docs/index.md",
            "docs/registry.schema.json",
            "docs/resources/thing.md"
        ]
    );
    assert!(paths.iter().all(|path| is_generated(path)));
    assert!(!is_generated("docs/guides/first.md") && !is_generated("docs/development/design.md"));
}

#[test]
fn the_index() {
    assert_snapshot!(page("docs/index.md"), @r#"
    ---
    # Written by `anu docs` from schemas and examples.
    page_title: "fake Provider"
    description: |-
      Runs things.
    ---

    # fake Provider

    Runs things.

    At length.

    ## Example Usage

    ```terraform
    provider "fake" {}
    ```

    ## Guides

    ### Tutorial

    - [First steps](guides/first.md): How to start.

    <!-- schema generated by anu docs -->
    ## Schema

    ### Required

    - `source` (Block, Required) What is read. (see [below for nested schema](#nestedblock--source))

    <a id="nestedblock--source"></a>
    ### Nested Schema for `source`

    Required:

    - `path` (String) Where it is.

    Optional:

    - `token` (String, Sensitive) A secret.
    - `mirror` (Block Map) Others, by name. (see [below for nested schema](#nestedblock--source--mirror))

    <a id="nestedblock--source--mirror"></a>
    ### Nested Schema for `source.mirror`

    Optional:

    - `at` (Attributes) (see [below for nested schema](#nestedatt--source--mirror--at))

    <a id="nestedatt--source--mirror--at"></a>
    ### Nested Schema for `source.mirror.at`

    Optional:

    - `near` (Boolean)
    "#);
}

#[test]
fn a_resource() {
    assert_snapshot!(page("docs/resources/thing.md"), @r#"
    ---
    # Written by `anu docs` from schemas and examples.
    page_title: "fake_thing Resource - terraform-provider-fake"
    subcategory: ""
    description: |-
      A thing of sorts, with code_*.
    ---

    # fake_thing (Resource)

    A *thing* of [sorts](https://example.com), with `code_*`.

    More of it.

    ## Example Usage

    ```terraform
    resource "fake_thing" "this" {}
    ```

    <!-- schema generated by anu docs -->
    ## Schema

    ### Required

    - `name` (String) Its name.

      A second paragraph. Rule: at least 1 element.

    ### Optional

    - `policy` (String) What happens. Rule: one of `keep`, `drop`. Default: `keep`.
    - `old` (Boolean, Deprecated) It was. **Deprecated:** use `policy`.

    ### Read-Only

    - `count` (Number)

    ## Import

    Import is supported using the following syntax:

    ```shell
    terraform import fake_thing.this a
    ```

    In Terraform 1.12, OpenTofu 1.12 and later, an `import` block can have an `identity` instead of an `id`:

    ```terraform
    import {
      identity = { name = "a" }
    }
    ```

    ### Identity Schema

    #### Required

    - `name` (String) Its name.

    #### Optional

    - `parts` (List of String)
    "#);
}

#[test]
fn a_data_source_with_objects_inside_maps() {
    assert_snapshot!(page("docs/data-sources/things.md"), @r#"
    ---
    # Written by `anu docs` from schemas and examples.
    page_title: "fake_things Data Source - terraform-provider-fake"
    subcategory: ""
    description: |-
      Things.
    ---

    # fake_things (Data Source)

    Things.

    <!-- schema generated by anu docs -->
    ## Schema

    ### Read-Only

    - `entries` (Map of Map of Object) Thing to key to entry. (see [below for nested schema](#nestedatt--entries))

    <a id="nestedatt--entries"></a>
    ### Nested Schema for `entries`

    Read-Only:

    - `project` (String)
    - `roles` (List of Object) (see [below for nested schema](#nestedatt--entries--roles))

    <a id="nestedatt--entries--roles"></a>
    ### Nested Schema for `entries.roles`

    Read-Only:

    - `id` (String)
    "#);
}

#[test]
fn a_function() {
    assert_snapshot!(page("docs/functions/half.md"), @r#"
    ---
    # Written by `anu docs` from schemas and examples.
    page_title: "half function - terraform-provider-fake"
    subcategory: ""
    description: |-
      Half of it
    ---

    # function: half

    Half of it, in full.

    ## Example Usage

    ```terraform
    output "half" {}
    ```

    ## Signature

    <!-- signature generated by anu docs -->
    ```text
    half(number number, more list of bool...) object
    ```

    ## Arguments

    <!-- arguments generated by anu docs -->
    1. `number` (Number) Of what.
    1. `more` (Variadic, List of Boolean, Nullable)

    ## Return Type

    The return type of `half` is an object composed of:

    - `half` (Number)
    - `rest` (Map of Object)
      - `id` (String)
    "#);
}

#[test]
fn missing_descriptions_and_examples_are_listed() {
    assert_snapshot!(with_pages(|input| gaps(input).join("\n")), @r"
    the provider block: `source.mirror.at` has no description
    the provider block: `source.mirror.at.near` has no description
    fake_thing: `count` has no description
    examples/data-sources/fake_things/data-source.tf does not exist
    function half: parameter `more` has no description
    ");
}

#[test]
fn a_stale_page_shows_what_changed_in_it() {
    let found = files(&[("a.md", "1\n2\n3\nold\n5\n6\n7\n"), ("gone.md", ""), ("same.md", "x\n"), ("end.md", "x")]);
    let generated =
        files(&[("a.md", "1\n2\n3\nnew\nnewer\n5\n6\n7\n"), ("new.md", ""), ("same.md", "x\n"), ("end.md", "x\n")]);
    let lines: Vec<String> = compare(&found, &generated).iter().map(ToString::to_string).collect();
    assert_snapshot!(lines.join("\n\n"), @r"
    --- a.md
    +++ what `anu docs` writes
    @@ line 2 @@
     2
     3
    -old
    +new
    +newer
     5
     6

    --- end.md
    +++ what `anu docs` writes
    @@ line 1 @@
     x
     (only the end of the last line differs)

    gone.md: exists, but is not generated any more

    new.md: does not exist
    ");
}
