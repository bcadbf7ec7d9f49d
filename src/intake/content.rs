//! What an answer is: its kind by its content type, a name for it, its text as UTF-8.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use url::Url;

/// Bytes of a page in which browsers look for its encoding.
const PRESCAN: usize = 1024;
/// Longest extension that is kept of an address.
const MAX_EXTENSION: usize = 8;

/// The kinds of answers that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    Text,
    Markdown,
    Pdf,
    Docx,
    Odt,
    Rtf,
    /// From boards alone.
    Json,
    /// The server does not say; whoever reads the bytes looks for itself.
    Unsaid,
}

/// The kind of a page by its content type; none for one that is not taken.
pub(crate) fn kind(content_type: Option<&str>) -> Option<Kind> {
    match essence(content_type).as_str() {
        "text/html" | "application/xhtml+xml" => Some(Kind::Html),
        "text/plain" => Some(Kind::Text),
        "text/markdown" | "text/x-markdown" => Some(Kind::Markdown),
        "application/pdf" => Some(Kind::Pdf),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Some(Kind::Docx),
        "application/vnd.oasis.opendocument.text" => Some(Kind::Odt),
        "application/rtf" | "text/rtf" => Some(Kind::Rtf),
        // What file stores say of everything.
        "" | "application/octet-stream" | "binary/octet-stream" => Some(Kind::Unsaid),
        _ => None,
    }
}

/// A content type as it may be repeated to a person: a server may have written anything there.
pub(crate) fn said(content_type: Option<&str>) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "/.+-_".contains(*c);
    let said: String = essence(content_type).chars().filter(plain).take(80).collect();
    if said.is_empty() { "something unknown".to_owned() } else { said }
}

/// A name that tells `engine::read` what kind of text to expect.
pub(crate) fn filename(kind: Kind, url: &Url) -> String {
    let extension = extension(url);
    match kind {
        Kind::Html => "page.html".to_owned(),
        // Code hosts serve Markdown as text.
        Kind::Text if matches!(extension.as_deref(), Some("md" | "markdown")) => "posting.md".to_owned(),
        Kind::Text => "posting.txt".to_owned(),
        Kind::Markdown => "posting.md".to_owned(),
        Kind::Pdf => "posting.pdf".to_owned(),
        Kind::Docx => "posting.docx".to_owned(),
        Kind::Odt => "posting.odt".to_owned(),
        Kind::Rtf => "posting.rtf".to_owned(),
        Kind::Json => "posting.json".to_owned(),
        Kind::Unsaid => extension.map_or("posting".to_owned(), |extension| format!("posting.{extension}")),
    }
}

/// The same text as UTF-8, when the server or the page names another encoding.
///
/// The reader tells UTF-8, UTF-16 and Windows-1252 apart by itself, so these stay as they are.
pub(crate) fn to_utf8(kind: Kind, content_type: Option<&str>, bytes: Bytes) -> Bytes {
    if !matches!(kind, Kind::Html | Kind::Text | Kind::Markdown) {
        return bytes;
    }
    let named =
        charset(content_type).or_else(|| if kind == Kind::Html { meta_charset(&bytes) } else { None });
    let Some(encoding) = named.filter(|encoding| *encoding != UTF_8) else { return bytes };
    // Servers that name one encoding for all of their files are wrong about those in UTF-8, and text in
    // another encoding is hardly ever valid UTF-8 by chance.
    if encoding.is_ascii_compatible() && std::str::from_utf8(&bytes).is_ok() {
        return bytes;
    }
    let (text, _, _) = encoding.decode(&bytes);
    Bytes::from(text.into_owned())
}

fn essence(content_type: Option<&str>) -> String {
    content_type.unwrap_or_default().split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn charset(content_type: Option<&str>) -> Option<&'static Encoding> {
    content_type?.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        name.trim().eq_ignore_ascii_case("charset").then(|| Encoding::for_label(value.as_bytes()))?
    })
}

/// The encoding that a page names in one of its first tags.
fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..PRESCAN).unwrap_or(bytes)).to_ascii_lowercase();
    head.split("<meta").skip(1).find_map(|rest| {
        let (tag, _) = rest.split_once('>')?;
        let (_, value) = tag.split_once("charset")?;
        let value = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let label = value.split(['"', '\'', ';', '/', ' ']).next()?;
        // A tag that can be read as ASCII is not in UTF-16, whatever it says.
        Encoding::for_label(label.as_bytes()).filter(|named| *named != UTF_16LE && *named != UTF_16BE)
    })
}

fn extension(url: &Url) -> Option<String> {
    let (_, extension) = url.path_segments()?.next_back()?.rsplit_once('.')?;
    let plain = !extension.is_empty()
        && extension.len() <= MAX_EXTENSION
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use bytes::Bytes;
    use encoding_rs::{BIG5, GBK, ISO_2022_JP, SHIFT_JIS, WINDOWS_1251};
    use url::Url;

    use crate::intake::content::{Kind, filename, kind, said, to_utf8};

    #[test]
    fn a_kind_is_told_by_the_content_type_alone() {
        for (content_type, expected) in [
            (Some("text/html"), Some(Kind::Html)),
            (Some("Text/HTML; charset=utf-8"), Some(Kind::Html)),
            (Some("application/xhtml+xml"), Some(Kind::Html)),
            (Some(" text/plain ;format=flowed"), Some(Kind::Text)),
            (Some("text/markdown"), Some(Kind::Markdown)),
            (Some("application/pdf"), Some(Kind::Pdf)),
            (Some("application/vnd.oasis.opendocument.text"), Some(Kind::Odt)),
            (Some("text/rtf; charset=us-ascii"), Some(Kind::Rtf)),
            (Some("application/json"), None),
            (Some("application/octet-stream"), Some(Kind::Unsaid)),
            (Some(""), Some(Kind::Unsaid)),
            (None, Some(Kind::Unsaid)),
            (Some("image/png"), None),
            (Some("text/html-not"), None),
            (Some("video/mp4"), None),
            (Some("application/zip"), None),
        ] {
            assert_eq!(kind(content_type), expected, "{content_type:?}");
        }
    }

    #[test]
    fn a_name_hints_at_the_kind() {
        for (kind, address, expected) in [
            (Kind::Html, "https://a.example/job.php", "page.html"),
            (Kind::Text, "https://a.example/job", "posting.txt"),
            (Kind::Text, "https://a.example/main/JOB.md?raw=1", "posting.md"),
            (Kind::Pdf, "https://a.example/", "posting.pdf"),
            (Kind::Unsaid, "https://a.example/files/Job%20ad.PDF", "posting.pdf"),
            (Kind::Unsaid, "https://a.example/files/job.d%2Fx", "posting"),
            (Kind::Unsaid, "https://a.example", "posting"),
        ] {
            assert_eq!(filename(kind, &Url::parse(address).unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn nothing_but_a_plain_content_type_is_repeated() {
        assert_eq!(said(Some("image/svg+xml; charset=x")), "image/svg+xml");
        assert_eq!(said(Some("<b>\u{202e}evil</b>\n")), "bevil/b");
        assert_eq!(said(Some("§§")), "something unknown");
    }

    #[test]
    fn text_in_another_encoding_becomes_utf_8() {
        let russian = "<p>Разработчик на Rust, Москва</p>";
        let japanese = "<p>開発エンジニアを募集しています</p>";
        for (encoding, label, text) in [
            (WINDOWS_1251, "windows-1251", russian),
            (SHIFT_JIS, "Shift_JIS", japanese),
            (ISO_2022_JP, "iso-2022-jp", japanese),
            (GBK, "gb2312", "<p>软件工程师</p>"),
            (BIG5, "big5", "<p>軟體工程師</p>"),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            let header = format!("text/html; charset=\"{label}\"");
            let read = to_utf8(Kind::Html, Some(&header), Bytes::from(bytes.to_vec()));
            assert_eq!(read, text.as_bytes(), "{label} in the header");

            let page = format!("<html><head><META http-equiv=x content='text/html; charset={label}'>{text}");
            let (bytes, _, _) = encoding.encode(&page);
            let read = to_utf8(Kind::Html, Some("text/html"), Bytes::from(bytes.to_vec()));
            assert_eq!(read, page.as_bytes(), "{label} in the page");
        }
    }

    #[test]
    fn what_the_reader_knows_by_itself_stays_as_it_is() {
        let check = |kind, content_type: &str, bytes: &'static [u8]| {
            assert_eq!(to_utf8(kind, Some(content_type), Bytes::from_static(bytes)), bytes, "{content_type}");
        };
        check(Kind::Html, "text/html; charset=utf-8", "<p>Grüße</p>".as_bytes());
        check(Kind::Html, "text/html; charset=iso-8859-1", "<p>Grüße, in UTF-8 after all</p>".as_bytes());
        check(Kind::Html, "text/html; charset=no-such-thing", b"<p>\xfc</p>");
        check(Kind::Html, "text/html", b"<meta charset=utf-16><p>plain");
        check(Kind::Html, "text/html", b"<script charset=big5></script>\xfc");
        check(Kind::Pdf, "application/pdf; charset=big5", b"%PDF-1.7 \xa4\x40");
    }
}
