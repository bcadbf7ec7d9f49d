//! Names the sources of the engine, so that what is kept of its work is known by what made it.

use std::path::Path;
use std::{fs, io};

/// All that decides what is read of a file and how a document is written: the engine with what it may import and
/// what it embeds, the steps around it, and the versions of the crates that it uses. A house rule holds it to that.
pub(crate) const SOURCES: [&str; 8] = [
    "src/engine",
    "src/domain",
    "src/pipeline",
    "assets/lexicon",
    "assets/fonts",
    "assets/templates/docx",
    "assets/templates/document.css",
    "Cargo.lock",
];

fn main() -> io::Result<()> {
    for source in SOURCES.iter().chain(&["build.rs"]) {
        println!("cargo::rerun-if-changed={source}");
    }
    println!("cargo::rustc-env=ENGINE_SOURCES={}", fingerprint(Path::new("."))?);
    Ok(())
}

/// A name for the sources below `root`: another one as soon as a byte or a file name in them is another.
///
/// Of the sources and not of the program: a build for another processor, or one of the same sources again, reads
/// the same, and replicas of both share what they keep.
pub(crate) fn fingerprint(root: &Path) -> io::Result<String> {
    let mut hash = Hash::new();
    for source in SOURCES {
        hash.add_path(root, Path::new(source))?;
    }
    Ok(format!("{:016x}", hash.0))
}

/// FNV-1a: nobody here chooses what is hashed to deceive us, and a build script needs no crate for it.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.len().to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn add_path(&mut self, root: &Path, path: &Path) -> io::Result<()> {
        let whole = root.join(path);
        if !whole.is_dir() {
            for part in path {
                self.add(part.as_encoded_bytes());
            }
            self.add(&fs::read(whole)?);
            return Ok(());
        }
        let mut names =
            fs::read_dir(whole)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        // Directories list their files in any order.
        names.sort();
        // What editors leave beside a file while it is open is no source.
        for name in names.iter().filter(|name| !name.as_encoded_bytes().starts_with(b".")) {
            self.add_path(root, &path.join(name))?;
        }
        Ok(())
    }
}
