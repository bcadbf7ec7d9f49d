//! Spelling: characters that no embedded typeface has, written as people write them without.

use std::sync::LazyLock;

use parley::fontique::Charmap;
use unicode_normalization::UnicodeNormalization;

use crate::engine::render::document::{Block, Document, Entry, Line, Run, is_blank};
use crate::engine::render::pdf::shape;

/// What can be drawn.
static COVERAGE: LazyLock<Vec<Charmap<'static>>> = LazyLock::new(shape::coverage);

/// What is written for a character that cannot be drawn.
#[derive(Debug, PartialEq, Eq)]
enum Spelling {
    /// Something that looks or means the same.
    Text(&'static str),
    /// A currency by its code, set off from the amount.
    Code(&'static str),
    /// Nothing: it is decoration, or directs how its neighbours are drawn.
    Nothing,
}

/// The document with every text as it can be drawn; what is left without a word goes.
pub(super) fn document(original: &Document) -> Document {
    let blocks = original.blocks.iter().map(block).filter(|block| !is_empty(block)).collect();
    let Document { language, kind, .. } = *original;
    Document { name: text(&original.name), kind, language, blocks }
}

fn block(block: &Block) -> Block {
    match block {
        Block::Name(own) => Block::Name(line(own)),
        Block::Label(own) => Block::Label(line(own)),
        Block::Contacts(own) => {
            Block::Contacts(own.iter().map(line).filter(|line| !is_blank(line)).collect())
        }
        Block::Heading(own) => Block::Heading(line(own)),
        Block::Entry(entry) => Block::Entry(Entry {
            title: line(&entry.title),
            facts: entry.facts.iter().map(line).filter(|line| !is_blank(line)).collect(),
        }),
        Block::Detail(own) => Block::Detail(line(own)),
        Block::Paragraph(own) => Block::Paragraph(line(own)),
        Block::Bullet(own) => Block::Bullet(line(own)),
    }
}

fn is_empty(block: &Block) -> bool {
    match block {
        Block::Contacts(lines) => lines.is_empty(),
        Block::Entry(entry) => is_blank(&entry.title) && entry.facts.is_empty(),
        Block::Name(line)
        | Block::Label(line)
        | Block::Heading(line)
        | Block::Detail(line)
        | Block::Paragraph(line)
        | Block::Bullet(line) => is_blank(line),
    }
}

fn line(line: &Line) -> Line {
    line.iter().map(|run| Run { text: text(&run.text), ..run.clone() }).collect()
}

/// `text` as it can be drawn. Characters that can be neither drawn nor written otherwise stay: the text of
/// the document carries them though the page cannot show them.
pub(in crate::engine::render) fn text(text: &str) -> String {
    if text.chars().all(is_drawable) {
        return text.to_owned();
    }
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut has_dropped = false;
    while let Some(c) = rest.next() {
        if is_drawable(c) {
            // What was dropped had spaces on both sides.
            if c != ' ' || !has_dropped || !(spelled.is_empty() || spelled.ends_with(' ')) {
                spelled.push(c);
                has_dropped = false;
            }
            continue;
        }
        match spelling(c) {
            Some(Spelling::Text(text)) => spelled.push_str(text),
            Some(Spelling::Code(code)) => {
                if spelled.ends_with(char::is_alphanumeric) {
                    spelled.push(' ');
                }
                spelled.push_str(code);
                if rest.peek().is_some_and(|next| next.is_alphanumeric()) {
                    spelled.push(' ');
                }
            }
            Some(Spelling::Nothing) => has_dropped = true,
            None => push_decomposed(&mut spelled, c),
        }
    }
    if has_dropped && !text.ends_with(' ') {
        spelled.truncate(spelled.trim_end().len());
    }
    spelled
}

fn push_decomposed(spelled: &mut String, c: char) {
    match decomposed(c) {
        Some(parts) => {
            // 2⅓ is 2 1/3, not 21/3.
            if parts.contains('\u{2044}') && spelled.ends_with(|last: char| last.is_ascii_digit()) {
                spelled.push(' ');
            }
            spelled.push_str(&parts.replace('\u{2044}', "/"));
        }
        None => spelled.push(c),
    }
}

/// Whether a page can neither show `c` nor something that stands for it.
pub(in crate::engine::render) fn is_lost(c: char) -> bool {
    !c.is_whitespace() && !is_drawable(c) && spelling(c).is_none() && decomposed(c).is_none()
}

fn is_drawable(c: char) -> bool {
    COVERAGE.iter().any(|map| map.map(c).is_some_and(|glyph| glyph != 0))
}

/// The simpler characters that Unicode says `c` is made of, if all of them can be drawn.
fn decomposed(c: char) -> Option<String> {
    let parts: String = std::iter::once(c).nfkd().collect();
    let is_drawn = parts.chars().all(|part| part == '\u{2044}' || is_drawable(part));
    (is_drawn && !parts.is_empty()).then_some(parts)
}

/// Ratings are drawn as filled and hollow shapes, so these stay apart; arrows up and down stand for more
/// and less; of several marks that look alike the one that keyboards have.
#[expect(clippy::match_same_arms, reason = "grouped by what the signs mean, not by how they are written")]
fn spelling(c: char) -> Option<Spelling> {
    use Spelling::{Code, Nothing, Text};
    Some(match c {
        '→' | '⟶' | '➔' | '➙' | '➛' | '➜' | '➝' | '➞' | '➡' => Text("->"),
        '←' | '⟵' | '⬅' => Text("<-"),
        '↔' | '⟷' | '⇄' | '⇆' => Text("<->"),
        '⇒' | '⟹' => Text("=>"),
        '⇐' | '⟸' => Text("<="),
        '⇔' | '⟺' => Text("<=>"),
        '↑' | '↗' | '⬆' | '▲' => Text("+"),
        '↓' | '↘' | '⬇' | '▼' => Text("-"),
        '○' | '◯' | '□' | '▢' | '▫' | '◇' | '△' | '▷' | '▹' | '☆' | '☐' => Text("-"),
        '‣' | '◦' | '➢' | '➣' | '➤' | '❖' | '✦' | '✧' | '⚫' | '⬤' | '⬛' | '\u{25a0}'..='\u{25ff}' => {
            Text("•")
        }
        '∙' | '⋅' | '・' => Text("·"),
        '✓' | '✔' | '☑' | '✅' => Text("√"),
        '✗' | '✘' | '✕' | '✖' | '☒' | '❌' => Text("×"),
        '★' | '⭐' | '✱' | '✲' | '✳' | '∗' => Text("*"),
        '≈' | '∼' | '≃' | '≅' => Text("~"),
        '≥' | '⩾' => Text(">="),
        '≤' | '⩽' => Text("<="),
        '≠' => Text("!="),
        '≫' => Text(">>"),
        '≪' => Text("<<"),
        '\u{2010}'..='\u{2015}' | '⁃' | '﹣' | '−' | '\u{2500}' | '\u{2501}' => Text("-"),
        '\u{2502}' | '\u{2503}' | '∣' | '❘' | '⏐' => Text("|"),
        '′' | 'ʹ' | 'ʼ' | '‛' => Text("'"),
        '″' | '‟' => Text("\""),
        '₹' => Code("INR"),
        '₽' => Code("RUB"),
        '₺' => Code("TRY"),
        '₩' => Code("KRW"),
        '₴' => Code("UAH"),
        '₦' => Code("NGN"),
        '₱' => Code("PHP"),
        '₸' => Code("KZT"),
        '₼' => Code("AZN"),
        '₾' => Code("GEL"),
        '₿' => Code("BTC"),
        '₡' => Code("CRC"),
        '₲' => Code("PYG"),
        '₵' => Code("GHS"),
        '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{20e3}' | '\u{2060}'..='\u{206f}' => Nothing,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e01ef}' => Nothing,
        // Bars, technical signs, dingbats and emoji: ☎ beside a number says what the number says.
        '\u{2504}'..='\u{259f}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{2767}' => Nothing,
        '\u{2794}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' => Nothing,
        // Letters and digits in frames are read: 🅰 is A.
        '\u{1f000}'..='\u{1faff}' if decomposed(c).is_none() => Nothing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::render::pdf::spelling::{is_drawable, is_lost, text};

    fn check(original: &str, expected: &str) {
        assert_eq!(text(original), expected, "{original:?}");
        assert_eq!(text(expected), expected, "spelling it again changes nothing");
        assert!(expected.chars().all(is_drawable), "{expected:?}");
    }

    #[test]
    fn what_can_be_drawn_stays_as_it_is() {
        for original in ["Zoë – Łódź • 50 % ≈ ≥ ≤ ≠ √ € £ ™", "中文 日本語 カ", "Київ Ελλάδα Đặng", ""]
        {
            check(original, original);
        }
    }

    #[test]
    fn signs_are_written_as_people_write_them() {
        check("Kafka → model ⇒ decision ← x", "Kafka -> model => decision <- x");
        check(
            "● one ▪ two ◆ three ■ four ➤ five ► six ✦ seven",
            "• one • two • three • four • five • six • seven",
        );
        check("✓ done ✔ done ✗ not", "√ done √ done × not");
        check("Rust ★★★☆☆, Go ●●○", "Rust ***--, Go ••-");
        check("revenue ↑30%, cost ↓ 5%", "revenue +30%, cost - 5%");
        check("state\u{2011}of\u{2011}the\u{2011}art", "state-of-the-art");
    }

    #[test]
    fn currencies_are_set_off_from_the_amount() {
        check("saved ₹5 crore", "saved INR 5 crore");
        check("₹ 5, 300₽ and 20 ₽.", "INR 5, 300 RUB and 20 RUB.");
    }

    #[test]
    fn decoration_goes_without_a_gap() {
        check("☎ +49 30 ✉ ann@example.org 🎉", "+49 30 ann@example.org");
        check("party 👩‍👩‍👧‍👦🇩🇪 1️⃣ done ❤️", "party 1 done");
        check("🎉", "");
    }

    #[test]
    fn characters_made_of_others_are_taken_apart() {
        check("①, 2⅓ and ⅓", "1, 2 1/3 and 1/3");
        check("𝐁𝐨𝐥𝐝 Ⅷ", "Bold VIII");
    }

    #[test]
    fn scripts_that_cannot_be_drawn_stay_and_count_as_lost() {
        for original in ["العربية", "עברית", "हिन्दी", "ไทย", "한국어"] {
            assert_eq!(text(original), original);
            assert!(original.chars().all(is_lost), "{original}");
        }
        assert!(!"Zoë 中 → ₹ ☎ 🎉 ⅓\u{a0}".chars().any(is_lost));
    }
}
