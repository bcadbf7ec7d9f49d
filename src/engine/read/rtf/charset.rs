//! Bytes of a Rich Text file to characters, by the code page of the file or of a font.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, IBM866, MACINTOSH, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
    WINDOWS_1258, X_MAC_CYRILLIC,
};

/// The upper half of code page 437, which `\pc` means.
const DOS_AMERICAN: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// The upper half of code page 850, which `\pca` means.
const DOS_EUROPEAN: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// Where symbol fonts keep their pictures.
const SYMBOLS: u32 = 0xf000;

/// What bytes mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Charset {
    /// One of the encodings that the web knows too.
    Known(&'static Encoding),
    /// ASCII, and these characters from 128 on.
    Dos(&'static str),
    /// Pictures of a symbol font.
    Symbol,
}

impl Charset {
    /// What `\ansi` means where nothing else is said.
    pub(crate) const ANSI: Self = Self::Known(WINDOWS_1252);

    /// By the words `\mac`, `\pc` and `\pca` at the start of a file.
    pub(crate) fn by_word(word: &str) -> Self {
        match word {
            "mac" => Self::Known(MACINTOSH),
            "pc" => Self::Dos(DOS_AMERICAN),
            "pca" => Self::Dos(DOS_EUROPEAN),
            _ => Self::ANSI,
        }
    }

    /// By a code page's number.
    pub(crate) fn by_page(page: i32) -> Option<Self> {
        let encoding = match page {
            437 => return Some(Self::Dos(DOS_AMERICAN)),
            850 | 858 => return Some(Self::Dos(DOS_EUROPEAN)),
            42 => return Some(Self::Symbol),
            866 => IBM866,
            874 => WINDOWS_874,
            932 => SHIFT_JIS,
            936 => GBK,
            949 | 1361 => EUC_KR,
            950 => BIG5,
            1250 => WINDOWS_1250,
            1251 => WINDOWS_1251,
            1252 => WINDOWS_1252,
            1253 => WINDOWS_1253,
            1254 => WINDOWS_1254,
            1255 => WINDOWS_1255,
            1256 => WINDOWS_1256,
            1257 => WINDOWS_1257,
            1258 => WINDOWS_1258,
            10000 => MACINTOSH,
            10007 => X_MAC_CYRILLIC,
            65001 => UTF_8,
            _ => return None,
        };
        Some(Self::Known(encoding))
    }

    /// By the number of a font's character set; `None` for that of the file.
    pub(crate) fn by_font(number: i32) -> Option<Self> {
        let page = match number {
            2 => 42,
            77 => 10000,
            128 => 932,
            129 => 949,
            130 => 1361,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 => 1255,
            178..=180 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            254 => 437,
            255 => 850,
            _ => return None,
        };
        Self::by_page(page)
    }

    /// The characters of some bytes.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Known(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Dos(upper) => bytes
                .iter()
                .map(|byte| match byte.checked_sub(0x80) {
                    Some(index) => upper.chars().nth(usize::from(index)).unwrap_or(' '),
                    None => char::from(*byte),
                })
                .collect(),
            Self::Symbol => bytes
                .iter()
                .filter_map(|byte| char::from_u32(SYMBOLS + u32::from(*byte)))
                .map(without_symbols)
                .collect(),
        }
    }
}

/// A picture of a symbol font that people use as a list mark is one; the others stay what they are: no text.
pub(crate) fn without_symbols(c: char) -> char {
    match c {
        '\u{f020}' => ' ',
        '\u{f06c}' | '\u{f06e}' | '\u{f071}' | '\u{f075}' | '\u{f076}' | '\u{f09f}' | '\u{f0a7}'
        | '\u{f0a8}' | '\u{f0b7}' | '\u{f0d8}' | '\u{f0e0}' | '\u{f0fc}' => '•',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::read::rtf::charset::{Charset, DOS_AMERICAN, DOS_EUROPEAN};

    #[track_caller]
    fn check(charset: Option<Charset>, bytes: &[u8], expected: &str) {
        assert_eq!(charset.map(|charset| charset.decode(bytes)).as_deref(), Some(expected));
    }

    #[test]
    fn code_pages_say_what_bytes_mean() {
        check(Some(Charset::ANSI), b"Zo\xeb \x80", "Zoë €");
        check(Some(Charset::by_word("mac")), b"Zo\x91", "Zoë");
        check(Charset::by_page(437), b"Zo\x89", "Zoë");
        check(Charset::by_page(850), b"\x9dre", "Øre");
        check(Charset::by_page(932), b"\x8dH\x8d\xec", "工作");
        check(Charset::by_font(204), b"\xcc\xee\xf1\xea\xe2\xe0", "Москва");
        check(Charset::by_font(238), b"\xa3\xf3d\x9f", "Łódź");
        check(Charset::by_font(2), b"\xb7", "•");
        assert_eq!((DOS_AMERICAN.chars().count(), DOS_EUROPEAN.chars().count()), (128, 128));
    }
}
