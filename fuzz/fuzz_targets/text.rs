//! The readers of HTML, Markdown, JSON Resume and plain text on arbitrary bytes; the first one says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resume_optimizer::engine::read::{Limits, read};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = ["file.html", "file.md", "file.json", "file.txt"][usize::from(*first) % 4];
    let _ = read(rest, name, &Limits::default());
});
