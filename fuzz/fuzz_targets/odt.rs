//! The ODT reader on arbitrary bytes: it reads or refuses, and never breaks down.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resume_optimizer::engine::read::{Limits, read};

fuzz_target!(|bytes: &[u8]| {
    let _ = read(bytes, "file.odt", &Limits::default());
});
