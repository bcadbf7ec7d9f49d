//! Documents of our own, about people who do not exist, and what is wrong with the broken ones.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::program::Program;

/// A resume in Markdown; the posting asks for some of what it shows and for some of what it does not.
pub(crate) const RESUME: &str = include_str!("../../fixtures/resume.md");
/// A JSON Resume of somebody else.
pub(crate) const JSON_RESUME: &str = include_str!("../../fixtures/resume.json");
/// A posting, as text.
pub(crate) const POSTING: &str = include_str!("../../fixtures/posting.txt");
/// One page with a picture and no text.
const SCAN: &[u8] = include_bytes!("../../fixtures/scan.pdf");
/// One page that needs a password.
const ENCRYPTED: &[u8] = include_bytes!("../../fixtures/encrypted.pdf");

/// Formats of documents, in the order that they are offered.
pub(crate) const FORMATS: [&str; 6] = ["pdf", "docx", "md", "txt", "html", "json"];
/// The name of a document for that resume and that posting, without extension.
pub(crate) const STEM: &str = "Mira_Holm_Havbris_Energy";

/// [`RESUME`] without its list of skills: its running text names some.
pub(crate) fn without_skills() -> String {
    let (before, skills) = RESUME.split_once("## Skills").unwrap();
    let (_, after) = skills.split_once("## Languages").unwrap();
    format!("{before}## Languages{after}")
}

/// What the command line makes of [`RESUME`] and [`POSTING`], once for all tests.
pub(crate) struct Expected {
    /// The result.
    pub(crate) result: Value,
    /// The documents by format.
    pub(crate) documents: BTreeMap<&'static str, Vec<u8>>,
}

/// What the command line makes of our resume and posting.
pub(crate) fn expected() -> &'static Expected {
    static EXPECTED: OnceLock<Expected> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("resume.md"), RESUME).unwrap();
        let result = Program::new(dir.path())
            .args(["optimize", "resume.md", "--posting", "-", "--json", "--out", "out"])
            .args(["--format", &FORMATS.join(",")])
            .input(POSTING)
            .run()
            .json();
        let read = |format| std::fs::read(dir.path().join(format!("out/{STEM}.{format}"))).unwrap();
        Expected { result, documents: FORMATS.into_iter().map(|format| (format, read(format))).collect() }
    })
}

/// A result without what differs from run to run.
pub(crate) fn timeless(mut result: Value) -> Value {
    assert!(result["timings_ms"]["total"].is_u64(), "{result}");
    result.as_object_mut().unwrap().remove("timings_ms");
    result
}

/// A document that cannot be taken, and how that is said.
pub(crate) struct Wrong {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What the API answers.
    pub(crate) status: u16,
    /// The stable name of the reason.
    pub(crate) code: &'static str,
    /// What the sentence says.
    pub(crate) says: &'static str,
}

/// Every kind of document that cannot be taken.
pub(crate) fn wrong_documents() -> Vec<Wrong> {
    let wrong =
        |name, bytes: &[u8], status, code, says| Wrong { name, bytes: bytes.into(), status, code, says };
    let (pdf, docx) = (&expected().documents["pdf"], &expected().documents["docx"]);
    let program = [b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice(), &[0x90; 2000]].concat();
    vec![
        wrong("empty.pdf", b"", 422, "unreadable_file", "empty"),
        wrong("half.pdf", &pdf[..pdf.len() / 2], 422, "unreadable_file", "damaged"),
        wrong("half.docx", &docx[..docx.len() / 2], 422, "unreadable_file", "damaged"),
        wrong("scan.pdf", SCAN, 422, "unreadable_file", "OCR"),
        wrong("secret.pdf", ENCRYPTED, 422, "unreadable_file", "password"),
        wrong("large.txt", &vec![b'a'; 30_000_000], 413, "file_too_large", "at most 10485760"),
        wrong("setup.pdf", &program, 415, "unsupported_file_type", "Windows program"),
    ]
}
