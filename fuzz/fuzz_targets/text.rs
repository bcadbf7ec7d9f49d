//! The readers of HTML, Markdown, JSON Resume and plain text on arbitrary bytes, and the understanding of what they
//! read; the first byte says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resume_optimizer::engine::read::{Limits, read};
use resume_optimizer::engine::understand::resume::{reading, understand};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = ["file.html", "file.md", "file.json", "file.txt"][usize::from(*first) % 4];
    if let Ok(source) = read(rest, name, &Limits::default()) {
        let _ = reading(&source, understand(&source));
    }
});
