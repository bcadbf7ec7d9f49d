//! The LaTeX reader on arbitrary bytes after its first command: it reads or refuses, and never breaks down.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resume_optimizer::engine::read::{Limits, read};

fuzz_target!(|bytes: &[u8]| {
    let file = [b"\\documentclass{article}\n".as_slice(), bytes].concat();
    let _ = read(&file, "file.tex", &Limits::default());
});
