//! What a font's dictionary says about how its text looks.

use hayro_cmap::CidFamily;
use hayro_syntax::object::{Array, Dict, Name, String as PdfString};

/// Facts of a font.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FontFacts {
    /// Heavier than regular.
    pub(crate) bold: bool,
    /// Slanted.
    pub(crate) italic: bool,
    /// Holds pictures in place of letters.
    pub(crate) icons: bool,
    /// Holds list marks and other symbols at the codes of letters.
    pub(crate) symbols: bool,
    /// The collection whose character numbers its codes are; `None` when they are something else.
    pub(crate) collection: Option<CidFamily>,
}

const FORCE_BOLD: i32 = 1 << 18;
const ITALIC: i32 = 1 << 6;

impl FontFacts {
    /// Reads them from the font's dictionary.
    pub(crate) fn parse(font: &Dict<'_>) -> Self {
        let name = font
            .get::<Name<'_>>("BaseFont")
            .map(|name| name.as_str().to_ascii_lowercase())
            .unwrap_or_default();
        // Subsets carry six letters and a plus before their name.
        let name =
            name.split_once('+').filter(|(tag, _)| tag.len() == 6).map_or(name.as_str(), |(_, rest)| rest);
        let descendant =
            font.get::<Array<'_>>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict<'_>>().next());
        let descriptor = font
            .get::<Dict<'_>>("FontDescriptor")
            .or_else(|| descendant.as_ref()?.get::<Dict<'_>>("FontDescriptor"));
        let identity =
            font.get::<Name<'_>>("Encoding").is_some_and(|name| name.as_str().starts_with("Identity"));
        let number = |key: &str| descriptor.as_ref().and_then(|d| d.get::<f32>(key)).unwrap_or(0.0);
        let flags = descriptor.as_ref().and_then(|d| d.get::<i32>("Flags")).unwrap_or(0);
        Self {
            bold: number("FontWeight") >= 600.0 || flags & FORCE_BOLD != 0 || is_bold_name(name),
            italic: flags & ITALIC != 0 || number("ItalicAngle") != 0.0 || is_italic_name(name),
            icons: [
                "awesome",
                "icons",
                "iconfont",
                "icomoon",
                "fontello",
                "glyphicon",
                "entypo",
                "materialdesign",
                "academicons",
                "marvosym",
                "ifsym",
            ]
            .iter()
            .any(|part| name.contains(part)),
            symbols: ["symbol", "wingding", "webding", "dingbat"].iter().any(|part| name.contains(part)),
            collection: descendant.as_ref().filter(|_| identity).and_then(collection),
        }
    }
}

fn collection(descendant: &Dict<'_>) -> Option<CidFamily> {
    let info = descendant.get::<Dict<'_>>("CIDSystemInfo")?;
    match info.get::<PdfString<'_>>("Ordering")?.as_bytes() {
        b"GB1" => Some(CidFamily::AdobeGB1),
        b"CNS1" => Some(CidFamily::AdobeCNS1),
        b"Japan1" => Some(CidFamily::AdobeJapan1),
        b"Korea1" => Some(CidFamily::AdobeKorea1),
        _ => None,
    }
}

/// Names of bold faces; TeX's bold fonts say it in their own way (`cmbx10`).
fn is_bold_name(name: &str) -> bool {
    ["bold", "black", "heavy", "demi"].iter().any(|part| name.contains(part))
        || ["cmbx", "sfbx", "lmbx", "ecbx", "cmb10"].iter().any(|part| name.starts_with(part))
        || ["-bol", "-bla", "-bd", "-semb"].iter().any(|part| name.ends_with(part))
}

fn is_italic_name(name: &str) -> bool {
    ["italic", "oblique"].iter().any(|part| name.contains(part))
        || ["cmti", "cmsl", "sfti", "ecti"].iter().any(|part| name.starts_with(part))
}
