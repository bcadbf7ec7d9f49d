//! What kind of file some bytes are, by their content; the name only decides between kinds of text.

use crate::domain::source::SourceFormat;
use crate::engine::read::encoding;
use crate::engine::read::error::ReadError;

/// How far into a file a signature may stand: PDF readers have always allowed junk before `%PDF-`.
const HEAD: usize = 1024;

/// Signatures of files that people send by mistake, with what to call them.
const OTHERS: &[(&[u8], &str)] = &[
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"#!", "a script"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"8BPS", "a Photoshop picture"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Microsoft Office file such as .doc, or a password-protected one; save it as .docx without a password or as PDF",
    ),
    (b"%!PS", "a PostScript file; save it as PDF"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
    (b"fLaC", "a sound file"),
];

/// Names under which nobody keeps plain text: what is found there is the rest of something else.
const CONTAINERS: &[(&str, &str)] = &[
    ("pdf", "PDF document"),
    ("docx", "Word document"),
    ("doc", "Word document"),
    ("odt", "OpenDocument text"),
    ("rtf", "Rich Text document"),
    ("png", "PNG picture"),
    ("jpg", "JPEG picture"),
    ("jpeg", "JPEG picture"),
    ("zip", "ZIP archive"),
];

/// Decides what kind of file the bytes are without reading all of it.
///
/// # Errors
/// `Empty` for no bytes or only white space, `Unsupported` with what the bytes look like otherwise.
pub fn detect(bytes: &[u8], filename: &str) -> Result<SourceFormat, ReadError> {
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(ReadError::Empty);
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Ok(SourceFormat::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zip_kind(bytes);
    }
    // Pictures may stand in it as they are, so that it need not be text in any encoding.
    if bytes.trim_ascii_start().starts_with(b"{\\rtf") {
        return Ok(SourceFormat::Rtf);
    }
    if let Some(what) = binary_kind(bytes) {
        return Err(unsupported(what));
    }
    let Some(text) = encoding::decode(bytes) else {
        return Err(unsupported("a binary file of an unknown kind"));
    };
    let extension = extension(filename);
    let kind = text_kind(&text, &extension);
    let claims = CONTAINERS.iter().find(|(name, _)| *name == extension);
    if let (SourceFormat::Text, Some((_, what))) = (kind, claims) {
        return Err(ReadError::damaged(&format!("its name promises a {what}, but its content is none")));
    }
    Ok(kind)
}

fn unsupported(what: &str) -> ReadError {
    ReadError::Unsupported { looks_like: what.to_owned() }
}

fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    let riff = bytes.starts_with(b"RIFF");
    if riff && bytes.get(8..12) == Some(b"WEBP") {
        return Some("a WebP picture");
    }
    if riff {
        return Some("a sound or video file");
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("a video or HEIC picture");
    }
    let (_, what) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    // Two letters open many honest texts ("MZ", "BM", "#!"): they only count before binary content.
    let ambiguous = bytes.iter().take(HEAD).all(|byte| *byte >= 0x20 || byte.is_ascii_whitespace());
    (!ambiguous || bytes.starts_with(b"%!PS") || bytes.starts_with(b"#!/")).then_some(what)
}

/// An Office file lists its parts by name in the clear, which is enough to tell them apart; an OpenDocument says
/// what it is in its first part.
fn zip_kind(bytes: &[u8]) -> Result<SourceFormat, ReadError> {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let says = |kind: &[u8]| head.windows(kind.len()).any(|window| window == kind);
    if says(b"mimetypeapplication/vnd.oasis.opendocument.text") {
        return Ok(SourceFormat::Odt);
    }
    if has(b"word/") {
        return Ok(SourceFormat::Docx);
    }
    Err(unsupported(if says(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        "an OpenDocument spreadsheet"
    } else if says(b"mimetypeapplication/vnd.oasis.opendocument.presentation") {
        "an OpenDocument presentation"
    } else if has(b"META-INF/manifest.xml") && has(b"content.xml") {
        // Packed by hand, in another order: its main part decides when it is opened.
        return Ok(SourceFormat::Odt);
    } else if has(b"xl/") {
        "an Excel workbook"
    } else if has(b"ppt/") {
        "a PowerPoint presentation"
    } else if has(b"application/epub+zip") {
        "an e-book"
    } else if has(b"Index/Document.iwa") {
        "an Apple Pages document; export it as .docx or PDF"
    } else if has(b"[Content_Types].xml") {
        // Writers may name the main part anything: its relationships decide when it is opened.
        return Ok(SourceFormat::Docx);
    } else if !has(b"PK\x05\x06") {
        return Err(ReadError::damaged("it is an archive whose end is missing"));
    } else {
        "a ZIP archive; send the document inside it"
    }))
}

fn extension(filename: &str) -> String {
    filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

fn text_kind(text: &str, extension: &str) -> SourceFormat {
    let start = text.trim_start();
    if is_html(start) {
        return SourceFormat::Html;
    }
    if start.starts_with('{') && serde_json::from_str::<serde_json::Value>(start).is_ok() {
        return SourceFormat::JsonResume;
    }
    if is_latex(start, extension) {
        return SourceFormat::Latex;
    }
    match extension {
        "html" | "htm" | "xhtml" if start.contains('<') => SourceFormat::Html,
        "md" | "markdown" | "mdown" | "mkd" => SourceFormat::Markdown,
        "" if looks_like_markdown(text) => SourceFormat::Markdown,
        _ => SourceFormat::Text,
    }
}

fn is_html(start: &str) -> bool {
    let head: String = start.chars().take(HEAD).collect::<String>().to_ascii_lowercase();
    let document = ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| head.contains(tag));
    let fragment =
        ["<div", "<p>", "<p ", "<h1", "<h2", "<ul", "<section", "<article", "<main", "<table", "<script"];
    head.starts_with('<') && (document || fragment.iter().any(|tag| head.starts_with(tag)))
}

/// Commands that hardly any other text has.
const LATEX: &[&str] = &[
    "\\section{",
    "\\section*{",
    "\\subsection{",
    "\\begin{",
    "\\end{",
    "\\item ",
    "\\textbf{",
    "\\textit{",
    "\\emph{",
    "\\href{",
    "\\hfill",
    "\\vspace{",
    "\\cventry",
    "\\cvitem",
    "\\cvsection{",
    "\\resumeItem{",
    "\\newcommand",
];
/// How many of them tell a text that has no document of its own, such as one section of a resume.
const FEW: usize = 3;

/// Source of a document, or a part of one. Notes in Markdown may have formulas and examples: their name decides.
fn is_latex(text: &str, extension: &str) -> bool {
    let code = || text.lines().map(str::trim_start).filter(|line| !line.starts_with('%'));
    let is_document =
        || code().any(|line| line.starts_with("\\documentclass") || line.starts_with("\\begin{document}"));
    let commands = |enough: usize| {
        let found = code().flat_map(|line| LATEX.iter().flat_map(move |mark| line.matches(*mark)));
        found.take(enough).count() == enough
    };
    match extension {
        "md" | "markdown" | "mdown" | "mkd" | "html" | "htm" | "xhtml" | "json" => false,
        "tex" | "ltx" | "latex" => is_document() || commands(1),
        _ => is_document() || commands(FEW),
    }
}

fn looks_like_markdown(text: &str) -> bool {
    let marks = text.lines().filter(|line| {
        let hashes = line.trim_start_matches('#');
        hashes.len() < line.len() && hashes.starts_with(' ') || line.contains("](http") || line.contains("**")
    });
    marks.count() >= 2
}
