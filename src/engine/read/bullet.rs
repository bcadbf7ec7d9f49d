//! List marks at the start of a line.

/// Marks that are bullets wherever they open a line, even without a space after them.
const SURE: &str = "•‣⁃∙◦●○◉◎⦁⦿■□▪▫◾◽◼◻◆◇❖⬥⬩►▶▸▹▻➢➣➤➔➜➝➙➞✓✔✗✦✧✱✴❯⯈⚫⚪◘◙⬤❑❒❏❐\u{f0b7}\u{f0a7}";
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

/// The list mark that opens a line, where one does and words follow it.
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
        return numbered(line, text);
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
        _ => next.is_alphanumeric() || "\"'“‘([$€£#@".contains(next),
    }
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year))
}

/// `1.`, `12)` or `(a)` before words.
fn numbered<'a>(line: &'a str, text: &'a str) -> Option<Bullet<'a>> {
    let inner = text.strip_prefix('(').unwrap_or(text);
    let digits = inner.chars().take_while(char::is_ascii_digit).count();
    let label = match digits {
        1 | 2 => digits,
        0 if text.len() > inner.len() && inner.chars().next()?.is_ascii_lowercase() => 1,
        _ => return None,
    };
    let after = inner.get(label..)?;
    let rest = after
        .strip_prefix(')')
        .or_else(|| if inner.len() == text.len() { after.strip_prefix('.') } else { None })?;
    let words = rest.trim_start();
    let opens = words.len() < rest.len() && words.chars().next()?.is_alphabetic();
    let number = text.strip_suffix(words).map(str::trim_end);
    opens.then(|| Bullet::new(line, words, number))
}

#[cfg(test)]
mod tests {
    use crate::engine::read::bullet::bullet;

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
        check("1. Led a team", Some("Led a team"));
        check("(2) Led a team", Some("Led a team"));
        check("(b) Led a team", Some("Led a team"));
        check("– 30 % faster", Some("30 % faster"));
    }

    #[test]
    fn a_number_is_kept_and_a_bullet_is_not() {
        let number = |line| bullet(line).and_then(|found| found.number);
        assert_eq!(number(" 12.  Led a team"), Some("12."));
        assert_eq!(number("(b) Led a team"), Some("(b)"));
        assert_eq!(number("• Led a team"), None);
    }

    #[test]
    fn other_lines_are_left_alone() {
        check("– Present", None);
        check("- 2021", None);
        check("+49 170 1234", None);
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
