//! Any bytes as a registry: problems, or a fan-out that the same document in another form has too.
#![no_main]

use anu::fanout::{self, Settings};
use anu::registry::LoadOptions;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let options = LoadOptions { version: semver::Version::new(0, 1, 0), allow_empty: true, name: None };
    let settings = Settings::default();
    match fanout::load(data, &options, &settings) {
        Err(problems) => assert!(!problems.is_empty(), "refused without a problem"),
        Ok((fanned, warnings)) => {
            let json: serde_json::Value = serde_json::from_slice(data).expect("what was accepted is JSON");
            let pretty = serde_json::to_vec_pretty(&json).expect("JSON");
            let (again, same) = fanout::load(&pretty, &options, &settings).expect("accepted in another form");
            assert_eq!(again.digest(), fanned.digest());
            assert_eq!(same.len(), warnings.len());
            assert!(again.digests().eq(fanned.digests()), "services differ");
        }
    }
});
