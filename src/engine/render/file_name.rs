//! The name of a downloaded document: who and for which company, safe on every file system.

use unicode_normalization::UnicodeNormalization;

use crate::domain::resume::Resume;

/// Longest stem in characters, and in bytes, which is what file systems count (255 with extension).
const MAX_CHARACTERS: usize = 80;
const MAX_BYTES: usize = 200;

/// Names that Windows keeps for devices, whatever their extension.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "conin", "conout"];

/// The name of a document without extension: `Jane_Doe_Acme`.
///
/// Letters and digits of any script, `-`, `_` and inner `.` alone, so it needs no quoting anywhere and
/// cannot leave its folder; `resume` where nothing is left.
#[must_use]
pub fn file_stem(resume: &Resume, company: Option<&str>) -> String {
    let name = resume.basics.as_ref().and_then(|basics| basics.name.as_deref());
    let parts: Vec<String> =
        [name, company].into_iter().flatten().map(safe).filter(|part| !part.is_empty()).collect();
    let stem = shorten(&parts.join("_"));
    let device = stem.split('.').next().unwrap_or_default().to_lowercase();
    let port = ["com", "lpt"]
        .iter()
        .any(|port| device.strip_prefix(port).is_some_and(|rest| rest.chars().count() == 1));
    if stem.is_empty() {
        return "resume".to_owned();
    }
    if port || RESERVED.contains(&device.as_str()) {
        return format!("resume_{stem}");
    }
    stem
}

fn safe(text: &str) -> String {
    let mut out = String::new();
    for c in text.nfc() {
        let is_mark = unicode_normalization::char::is_combining_mark(c);
        if c.is_alphanumeric() || c == '-' || c == '.' || is_mark {
            out.push(c);
        } else if (c.is_whitespace() || c == '_' || c == '/' || c == '&') && !out.ends_with('_') {
            out.push('_');
        }
    }
    while out.contains("..") {
        out = out.replace("..", ".");
    }
    out.trim_matches(['.', '_', '-']).to_owned()
}

fn shorten(stem: &str) -> String {
    let mut short = String::new();
    for c in stem.chars().take(MAX_CHARACTERS) {
        if short.len() + c.len_utf8() > MAX_BYTES {
            break;
        }
        short.push(c);
    }
    short.trim_matches(['.', '_', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::domain::resume::{Basics, Resume};
    use crate::engine::render::file_name::file_stem;

    fn check(name: &str, company: Option<&str>, expected: &str) {
        let basics = Basics { name: Some(name.to_owned()), ..Basics::default() };
        let resume = Resume { basics: Some(basics), ..Resume::default() };
        assert_eq!(file_stem(&resume, company), expected);
    }

    #[test]
    fn documents_are_named_after_the_person_and_the_company() {
        check("Jane Doe", Some("Acme"), "Jane_Doe_Acme");
        check("Jane Doe", None, "Jane_Doe");
        check("Zoë O'Łukasz-Ñuñez", Some("Müller & Söhne GmbH"), "Zoë_OŁukasz-Ñuñez_Müller_Söhne_GmbH");
        check("王小明", Some("株式会社"), "王小明_株式会社");
    }

    #[test]
    fn a_name_cannot_leave_its_folder_or_name_a_device() {
        check("../../etc/passwd", None, "etc_passwd");
        check("..\\..\\a\u{0}b\r\n\"c\"", None, "ab_c");
        check("CON", None, "resume_CON");
        check("com1.txt", None, "resume_com1.txt");
        check("💼", Some("///"), "resume");
        check("", None, "resume");
        check(&"x".repeat(500), None, &"x".repeat(80));
        check(&"王".repeat(500), None, &"王".repeat(66));
    }
}
