//! What blobs are called: `SPACE/AA/BB/HASH.UNIQUE`, by which they are told from whatever else is kept beside them.

use uuid::Uuid;

/// Digits of a SHA-256.
const HASH_DIGITS: usize = 64;
/// Digits of what makes a name unique.
const UNIQUE_DIGITS: usize = 32;

/// What [`crate::blobs::Blobs::ping`] writes and deletes; no blob has such a name.
pub(in crate::blobs) const SIGN_OF_LIFE: &str = "sign-of-life";

/// The parts of a blob's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::blobs) struct Name<'a> {
    /// Whose it is.
    pub(in crate::blobs) space: Uuid,
    /// SHA-256 of its bytes, hexadecimal.
    pub(in crate::blobs) sha256: &'a str,
}

impl<'a> Name<'a> {
    /// The parts of a path, if it is one that [`fresh`] makes.
    pub(in crate::blobs) fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.split('/');
        let (space, first, second) = (parts.next()?, parts.next()?, parts.next()?);
        let (sha256, unique) = parts.next()?.split_once('.')?;
        let whose = Uuid::try_parse(space).ok()?;
        let fits = parts.next().is_none()
            && whose.to_string() == space
            && (sha256.len(), unique.len()) == (HASH_DIGITS, UNIQUE_DIGITS)
            && is_hex(sha256)
            && is_hex(unique)
            && folders(sha256) == (first, second);
        fits.then_some(Self { space: whose, sha256 })
    }
}

/// A path in this space for bytes of this hash that was never used before.
pub(in crate::blobs) fn fresh(space: Uuid, sha256: &str) -> String {
    let (first, second) = folders(sha256);
    format!("{space}/{first}/{second}/{sha256}.{}", Uuid::now_v7().simple())
}

/// The hash that the last part of a path begins with, wherever it lies.
pub(crate) fn hash_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.').next().unwrap_or_default()
}

/// Whether the local store writes to this path before it moves what it wrote into place. Only what a killed process
/// left has such a name for long.
pub(in crate::blobs) fn is_half_written(path: &str) -> bool {
    path.rsplit_once('#').is_some_and(|(whole, number)| {
        let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        is_number && (whole == SIGN_OF_LIFE || Name::parse(whole).is_some())
    })
}

/// The folders within a space: those of one account are not all in one.
fn folders(sha256: &str) -> (&str, &str) {
    let (first, rest) = sha256.split_at_checked(2).unwrap_or_default();
    let (second, _) = rest.split_at_checked(2).unwrap_or_default();
    (first, second)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::blobs::name::{Name, fresh, is_half_written};
    use crate::domain::hash::sha256;

    #[test]
    fn only_what_we_name_is_ours() {
        let (space, hash) = (Uuid::now_v7(), sha256(b"resume"));
        let path = fresh(space, &hash);
        assert_eq!(Name::parse(&path), Some(Name { space, sha256: &hash }));
        assert!(is_half_written(&format!("{path}#1")) && is_half_written("sign-of-life#12"));
        assert!(!is_half_written(&path) && !is_half_written(&format!("{path}#")));
        let other = format!("{space}/00/00/{hash}.{}", Uuid::now_v7().simple());
        let strange = [
            "notes.txt",
            "lost+found/#12",
            &other,
            &path.to_uppercase(),
            &format!("{path}.bak"),
            &format!("old/{path}"),
            &format!("{path}/x"),
            &path.replace(&space.to_string(), "mira"),
            path.trim_end_matches(|c: char| c != '.'),
            "",
        ];
        for path in strange {
            assert_eq!(Name::parse(path), None, "{path}");
            assert!(!is_half_written(&format!("{path}#1")), "{path}");
        }
    }
}
