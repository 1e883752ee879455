//! The harness itself, on the cores' own `terraform_data`: no provider of ours is involved.

use crate::support::{Core, Workspace};

const MAIN: &str = r#"
variable "rule" {
  default = "kept"
  validation {
    condition     = var.rule == "kept"
    error_message = "The value is not what it has to be, which is said at such length that the core has to wrap the line."
  }
}

resource "terraform_data" "this" {
  for_each = toset(["a/b", "c"])
  input    = each.key
}

output "ids" { value = { for key, each in terraform_data.this : key => each.id } }
"#;

on_every_core! {
    fn plans_applies_and_tells_what_was_done(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.write("main.tf", MAIN);
        workspace.init();

        let plan = workspace.plan();
        let create = |key: &str| (format!("terraform_data.this[\"{key}\"]"), "create".to_owned());
        assert_eq!(plan.actions(), [create("a/b"), create("c")].into());
        assert_eq!(plan.output_changes(), [("ids".to_owned(), "create".to_owned())].into());
        let change = plan.change(r#"terraform_data.this["a/b"]"#);
        assert_eq!(change.after["input"], "a/b");
        assert_eq!(change.unknown(), ["/id", "/output"]);
        assert!(plan.text().contains("2 to add, 0 to change, 0 to destroy"), "{}", plan.text());

        workspace.apply_saved(&plan).success();
        workspace.assert_empty_plan();
        assert_eq!(workspace.state().resource(r#"terraform_data.this["c"]"#)["output"], "c");
        assert_eq!(workspace.state().output("ids").as_object().map(|ids| ids.len()), Some(2));
        assert!(workspace.tainted().is_empty());

        workspace.destroy(&[]).success();
        assert!(workspace.state().resources().is_empty());
    }

    fn diagnostics_come_out_as_written(core: &Core) {
        let workspace = Workspace::new(core);
        workspace.write("main.tf", MAIN);
        workspace.init();
        let output = workspace.refused(&["-var=rule=broken"]);
        let [error] = &output.errors()[..] else { panic!("{output}") };
        assert_eq!(error.summary, "Invalid value for variable");
        assert!(error.place.starts_with("on main.tf line 2"), "{error:?}");
        let sentence = "The value is not what it has to be, which is said at such length that the core has to wrap the line.";
        assert!(error.detail.starts_with(sentence), "{error}");
    }
}
