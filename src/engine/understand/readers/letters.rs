//! A text as its letters and digits alone, in which words are looked for whatever stands between them.

use unicode_normalization::UnicodeNormalization;

use crate::engine::words::is_ideograph;

/// Letters that are held against each other while one thing is looked for. More takes a text that is made to be slow:
/// the same words again and again, each time parted otherwise.
const MAX_COMPARED: usize = 200_000;

/// Letters and digits in lower case, with where words begin and end. Spaces, marks and line ends do not count, so that
/// a word parted at the end of a line is whole, and an address has no blanks.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    text: String,
    /// For each byte, and the end, whether a word may begin or end before it.
    edges: Vec<bool>,
}

impl Letters {
    pub(crate) fn of(text: &str) -> Self {
        let mut letters = Self { text: String::with_capacity(text.len()), edges: Vec::new() };
        let mut apart = true;
        for c in text.nfkc().flat_map(char::to_lowercase) {
            if !is_letter(c) {
                apart = true;
                continue;
            }
            // Ideographs are written without gaps, and each of them is a word.
            let alone = is_ideograph(c);
            letters.text.push(c);
            letters.edges.push(apart || alone);
            letters.edges.resize(letters.text.len(), false);
            apart = alone;
        }
        letters.edges.push(true);
        letters
    }

    /// Whether there is anything to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether the words of the other stand together in this one, in their order.
    pub(crate) fn hold(&self, words: &Self) -> bool {
        let is_edge = |at: usize| self.edges.get(at).copied().unwrap_or(false);
        let mut from = 0;
        let mut compared = 0;
        while let Some(found) = self.text.get(from..).and_then(|rest| rest.find(&words.text)) {
            let start = from + found;
            if is_edge(start) && is_edge(start + words.text.len()) {
                return true;
            }
            compared += words.text.len() + 1;
            if compared > MAX_COMPARED {
                return false;
            }
            from =
                start + self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
        false
    }
}

/// What words are made of. `C++` and `C#` are not `C`.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '+' | '#')
}

#[cfg(test)]
mod tests {
    use crate::engine::understand::readers::letters::Letters;

    #[track_caller]
    fn check(text: &str, words: &str, expected: bool) {
        assert_eq!(Letters::of(text).hold(&Letters::of(words)), expected, "{words} in {text}");
    }

    #[test]
    fn words_are_found_however_they_are_parted() {
        check("Software\nEngi-\nneer, Acme", "Software Engineer", true);
        check("mail: ada @ example.org", "ada@example.org", true);
        check("ﬁne \u{2022} ART", "fine art", true);
        check("精通Java开发", "Java", true);
        check("精通Java开发", "通Java", true);
        check("", "a", false);
    }

    #[test]
    fn words_are_not_found_inside_others_or_in_another_order() {
        check("Google, C++ and C#", "Go", false);
        check("Google, C++ and C#", "C", false);
        check("Engineer Software", "Software Engineer", false);
        check("Software March 2020 Engineer", "Software Engineer", false);
        check("goo go", "go", true);
    }

    #[test]
    fn a_text_made_to_be_slow_is_given_up() {
        check(&"x".repeat(100_000), &"x".repeat(3000), false);
    }
}
