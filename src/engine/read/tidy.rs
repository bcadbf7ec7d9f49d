//! Characters as a person reads them: ligatures and compatibility forms resolved, soft hyphens, icons and
//! zero-width marks removed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_compatible;

/// One character or none in place of an odd one, NFC at the end. White space becomes plain spaces, runs kept.
pub(crate) fn tidy(text: &str) -> String {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        // A joiner between Latin letters only breaks a ligature; in other scripts it is spelling.
        if is_invisible(c) || is_icon(c) || matches!(c, '\u{200c}' | '\u{200d}') && before.is_ascii() {
            continue;
        }
        if is_presentation_form(c) {
            decompose_compatible(c, |plain| out.push(plain));
        } else if c.is_whitespace() || c == '\u{2028}' || c == '\u{2029}' {
            out.push(' ');
        } else {
            out.push(c);
        }
        before = c;
    }
    out.nfc().collect()
}

/// `tidy`, with every run of white space one space and none at the ends.
pub(crate) fn tidy_folded(text: &str) -> String {
    fold_spaces(&tidy(text))
}

/// Every run of white space one space, none at the ends.
pub(crate) fn fold_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Marks that steer a layout and are never read: soft hyphen, zero-width and direction marks, controls.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}')
        || c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// Pictures in place of words: private-use glyphs, emoji, telephones and envelopes; never bullets, ticks or stars.
pub(crate) fn is_icon(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fffd}' | '\u{fffc}' | '\u{1f000}'..='\u{1faff}'
        | '\u{260e}' | '\u{260f}' | '\u{2706}' | '\u{2709}' | '\u{270e}'..='\u{2710}' | '\u{2302}')
}

/// Forms that only exist for typesetting: ligatures, Hebrew and Arabic letters by their place in a word, radicals in
/// place of ideographs, styled alphabets.
/// Superscripts and fractions are not among them: `10²` must not become `102`.
fn is_presentation_form(c: char) -> bool {
    matches!(c, '\u{fb00}'..='\u{fb06}' | '\u{fb13}'..='\u{fb17}' | '\u{fb1d}'..='\u{fb4f}' | '\u{2e80}'..='\u{2fdf}'
        | '\u{1d400}'..='\u{1d7ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{ff01}'..='\u{ff5e}')
}

#[cfg(test)]
mod tests {
    use crate::engine::read::tidy::tidy_folded;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        assert_eq!(tidy_folded(input), expected);
    }

    #[test]
    fn words_read_as_a_person_reads_them() {
        check("e\u{fb03}cient work\u{fb02}ow", "efficient workflow");
        check("Jan\u{ad}uary 20\u{ad}19", "January 2019");
        check("\u{f095} +1 555 \u{f0e0} a@b.org", "+1 555 a@b.org");
        check("Zoe\u{308}  Garci\u{301}a\u{a0}Ruiz", "Zoë García Ruiz");
        check("\u{1d5e6}\u{1d5f2}\u{1d5fb}\u{1d5f6}\u{1d5fc}\u{1d5ff}", "Senior");
        check("\u{2f2f}\u{4f5c}", "工作");
        check("\u{fb4b} \u{fee3}\u{fea4}\u{fee4}\u{feaa}", "ו\u{5b9} محمد");
        check("shelf\u{200c}ful", "shelfful");
    }

    #[test]
    fn numbers_keep_their_value() {
        check("10² users, ½ day, 5µs", "10² users, ½ day, 5µs");
    }
}
