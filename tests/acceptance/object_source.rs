//! A registry in a bucket: while the bucket is there, while it is unreachable, and when it is there again.

use crate::store_server::{Kind, StoreServer};
use crate::support::{Core, Workspace};

const SOURCE: &str = r#"registry {
    source    = "gs://registry/registry.json"
    fallbacks = ["registry.json"]
  }"#;

on_one_core! {
    fn a_bucket_is_read_and_a_fallback_serves_plans_only(core: &Core) {
        let Some(mut bucket) = StoreServer::start(Kind::Gs) else { return };
        let mut workspace = Workspace::of_example(core, "quickstart");
        let main = workspace.read("main.tf").replace(r#"registry { source = "registry.json" }"#, SOURCE);
        assert!(main.contains("gs://"), "{main}");
        workspace.write("main.tf", &main);
        workspace.set("STORAGE_EMULATOR_HOST", bucket.address.to_string());

        // The bucket is there.
        let old = workspace.read("registry.json");
        bucket.create_bucket("registry");
        bucket.put("registry", "registry.json", &old);
        workspace.apply();
        workspace.assert_empty_plan();

        // It is unreachable: the fallback has a later registry.
        let new = old.replace("\"requests.cpu\": \"4\"", "\"requests.cpu\": \"6\"");
        assert_ne!(new, old);
        workspace.write("registry.json", &new);
        bucket.stop();
        let plan = workspace.plan();
        assert!(!plan.is_empty());
        let text = plan.text();
        for part in ["Registry read from a fallback", "gs://registry/registry.json", "refused the connection"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let refused = workspace.apply_saved(&plan).failure().report();
        assert!(refused.contains("Registry source is not readable"), "{refused}");

        // Without the fallback, the last good copy serves the plan.
        workspace.remove("registry.json");
        let text = workspace.assert_empty_plan().text();
        assert!(text.contains("Registry read from the last good copy"), "{text}");

        // It is there again.
        assert!(bucket.start_again());
        bucket.create_bucket("registry");
        bucket.put("registry", "registry.json", &new);
        workspace.apply();
        let text = workspace.assert_empty_plan().text();
        assert!(!text.contains("Registry read from"), "{text}");
    }
}
