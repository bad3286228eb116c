//! Feeds libFuzzer's inputs to the target that `WIGWAG_FUZZ_TARGET` names.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    static TARGET: OnceLock<fuzz::Target> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("WIGWAG_FUZZ_TARGET").expect("WIGWAG_FUZZ_TARGET names a target");
        *fuzz::TARGETS.iter().find(|target| target.name == name).expect("there is such a target")
    });
    (target.run)(input);
});
