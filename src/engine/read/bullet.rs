//! List marks at the start of a line.

/// Marks that are bullets wherever they open a line, even without a space after them.
const SURE: &str = "•‣⁃∙◦●○◉◎⦁⦿■□▪▫◾◽◼◻◆◇❖⬥⬩►▶▸▹▻➢➣➤➔➜➝➙➞✓✔✗✦✧✱✴❯⯈⚫⚪◘◙⬤❑❒❏❐\u{f0b7}\u{f0a7}";
/// Signs that words may open with.
const OPENING: &str = "\"'“‘([$€£#@";
/// Longest label of letters: Roman numbers up to `viii`.
const MAX_LETTERS: usize = 4;
/// Marks that are bullets only before a space: they also occur in running text.
const SPACED: &str = "·*+-–—−»›>→⇒★☆o¤§~";

/// A list mark found at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bullet<'a> {
    /// The text after the mark and its spaces.
    pub(crate) rest: &'a str,
    /// The mark where it counts, as printed: `1.`, `(a)`.
    pub(crate) number: Option<&'a str>,
    /// Characters of the mark and the white space around it.
    pub(crate) width: usize,
}

impl<'a> Bullet<'a> {
    fn new(line: &str, rest: &'a str, number: Option<&'a str>) -> Self {
        Self { rest, number, width: line.chars().count() - rest.chars().count() }
    }
}

/// The list mark that opens a line, where one does and words follow it. Numbers are another matter: see `numbered`.
pub(crate) fn bullet(line: &str) -> Option<Bullet<'_>> {
    let text = line.trim_start();
    let first = text.chars().next()?;
    let after = text.get(first.len_utf8()..)?;
    let rest = after.trim_start();
    let spaced = rest.len() < after.len();
    let next = rest.chars().next()?;
    let found = if SURE.contains(first) {
        true
    } else if SPACED.contains(first) {
        spaced && opens_words(first, rest, next)
    } else {
        return None;
    };
    // A second mark right away is a rating or a rule, not a list item.
    (found && next != first).then(|| Bullet::new(line, rest, None))
}

/// Whether this line is a list mark alone, whose text stands on the next line.
pub(crate) fn is_bullet_alone(line: &str) -> bool {
    let mut chars = line.trim().chars();
    matches!((chars.next(), chars.next()), (Some(mark), None) if SURE.contains(mark) || "·*-–".contains(mark))
}

/// A dash before a date continues a range, an `o` before a small word may be a word.
fn opens_words(mark: char, rest: &str, next: char) -> bool {
    match mark {
        '-' | '–' | '—' | '−' => {
            let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
            let open_end = ["present", "current", "now", "today", "heute", "actualidad", "présent"];
            !open_end.contains(&word.as_str()) && !is_year(&word) && next != mark
        }
        'o' => next.is_uppercase(),
        '+' | '~' | '>' => next.is_alphabetic(),
        _ => next.is_alphanumeric() || OPENING.contains(next),
    }
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year))
}

/// `1.`, `12)` or `(a)` before words: a list mark where the lines beside it count on, see `counting`.
pub(crate) fn numbered(line: &str) -> Option<Bullet<'_>> {
    let text = line.trim_start();
    let inner = text.strip_prefix('(').unwrap_or(text);
    let digits = inner.chars().take_while(char::is_ascii_digit).count();
    let letters = inner.chars().take_while(char::is_ascii_lowercase).count();
    let label = match (digits, letters) {
        (1 | 2, _) => digits,
        (0, 1..=MAX_LETTERS) if text.len() > inner.len() => letters,
        _ => return None,
    };
    let after = inner.get(label..)?;
    let rest = after
        .strip_prefix(')')
        .or_else(|| if inner.len() == text.len() { after.strip_prefix('.') } else { None })?;
    let words = rest.trim_start();
    let next = words.chars().next()?;
    let opens = words.len() < rest.len() && (next.is_alphanumeric() || OPENING.contains(next));
    let number = text.strip_suffix(words).map(str::trim_end);
    opens.then(|| Bullet::new(line, words, number))
}

#[cfg(test)]
mod tests {
    use crate::engine::read::bullet::{bullet, numbered};

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        assert_eq!(bullet(line).map(|found| found.rest), expected, "{line}");
    }

    #[test]
    fn a_mark_before_words_is_a_bullet() {
        check("• Led a team", Some("Led a team"));
        check("•Led a team", Some("Led a team"));
        check("  - Led a team", Some("Led a team"));
        check("\u{f0b7}\u{a0}Led", Some("Led"));
        check("o Led a team", Some("Led a team"));
        check("– 30 % faster", Some("30 % faster"));
    }

    #[test]
    fn a_number_before_words_may_be_a_mark() {
        let marked = |line| numbered(line).map(|found| (found.number.unwrap_or_default(), found.rest));
        assert_eq!(marked(" 12.  Led a team"), Some(("12.", "Led a team")));
        assert_eq!(marked("1. 30 % faster"), Some(("1.", "30 % faster")));
        assert_eq!(marked("(2) Led a team"), Some(("(2)", "Led a team")));
        assert_eq!(marked("(b) Led a team"), Some(("(b)", "Led a team")));
        assert_eq!(marked("(iii) Led a team"), Some(("(iii)", "Led a team")));
        for line in
            ["• Led a team", "2019. Led", "3.5 years", "1.", "(remote) work", "b) two", "(718) 555-0100"]
        {
            assert_eq!(marked(line), None, "{line}");
        }
    }

    #[test]
    fn other_lines_are_left_alone() {
        check("– Present", None);
        check("- 2021", None);
        check("+49 170 1234", None);
        check("1. Led a team", None);
        check("-5 % churn", None);
        check("*****", None);
        check("★★★★☆", None);
        check("o que fiz", None);
        check("2019. ", None);
        check("3.5 years", None);
        check("2021", None);
        check("", None);
        check("•", None);
    }
}
