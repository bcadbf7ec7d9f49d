//! The RTF reader on arbitrary bytes after its signature: it reads or refuses, and never breaks down.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resume_optimizer::engine::read::{Limits, read};

fuzz_target!(|bytes: &[u8]| {
    let file = [b"{\\rtf1".as_slice(), bytes].concat();
    let _ = read(&file, "file.rtf", &Limits::default());
});
