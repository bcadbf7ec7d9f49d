//! The words of a text: split so that `C++` and `Node.js` stay whole, folded and stemmed so that spellings compare.

use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

/// A word and where it stands in the text that it was split from, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word as it stands there.
    pub text: &'a str,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// The text with every number alike, so that "Page 1 of 2" repeats on page 2.
#[must_use]
pub fn numbers_alike(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if !(c == '0' && out.ends_with('0')) {
            out.push(c);
        }
    }
    out
}

/// A language that prose can be told to be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Chinese characters.
    Chinese,
    /// Too little text, or none of these.
    Unknown,
}

/// Splits a text into words. `+`, `#`, `.`, `,`, `'` and `&` belong to a word where they stand inside it or, for
/// `+` and `#`, at its end; a leading dot belongs to `.NET`. Each Chinese character is a word.
#[must_use]
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut before: Option<char> = None;
    let mut letters = text.char_indices().peekable();
    let mut push = |from: usize, to: usize| {
        if let Some(word) = text.get(from..to) {
            found.push(Word { text: word, start: from, end: to });
        }
    };
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        if is_ideograph(letter) {
            if let Some(from) = start.take() {
                push(from, at);
            }
            push(at, at + letter.len_utf8());
        } else if belongs(before.filter(|_| start.is_some()), letter, next) {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            push(from, at);
        }
        before = Some(letter);
    }
    if let Some(from) = start {
        push(from, text.len());
    }
    found
}

fn belongs(before: Option<char>, letter: char, next: Option<char>) -> bool {
    let inside = |of: fn(char) -> bool| before.is_some_and(of) && next.is_some_and(of);
    match letter {
        '+' | '#' => before.is_some_and(|before| before.is_alphanumeric() || before == '+'),
        '.' => inside(char::is_alphanumeric) || (before.is_none() && next.is_some_and(char::is_alphabetic)),
        ',' => inside(|around| around.is_ascii_digit()),
        '\'' | '\u{2019}' => inside(char::is_alphabetic),
        '&' => inside(char::is_alphanumeric),
        '\u{ad}' => before.is_some(),
        letter => letter.is_alphanumeric() && !is_ideograph(letter),
    }
}

/// Whether a character is a Chinese ideograph, which stands for a word by itself.
#[must_use]
pub fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// A word or a text as it compares without regard to case, width, dashes, quotes and white space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkc().flat_map(char::to_lowercase) {
        match letter {
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            '\u{2018}' | '\u{2019}' => folded.push('\''),
            '\u{201c}' | '\u{201d}' => folded.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            letter if letter.is_whitespace() => {
                if !folded.is_empty() && !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            letter => folded.push(letter),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A word without its English ending, so that "migrated" and "migration" compare; words of other alphabets and
/// words with digits or symbols are folded only.
#[must_use]
pub fn stem(word: &str) -> String {
    static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
    let mut folded = fold(word);
    if let Some(owner) = folded.strip_suffix("'s") {
        folded.truncate(owner.len());
    }
    if folded.len() > 3 && folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
        ENGLISH.stem(&folded).into_owned()
    } else {
        folded
    }
}

/// The stems of a text in order.
#[must_use]
pub fn stems(text: &str) -> Vec<String> {
    words(text).iter().map(|word| stem(word.text)).collect()
}

/// Where the phrase begins in a list of words: the index of its first word.
#[must_use]
pub fn find_phrase(text: &[String], phrase: &[String]) -> Option<usize> {
    if phrase.is_empty() {
        return None;
    }
    text.windows(phrase.len()).position(|window| window == phrase)
}

/// Whether the words right before this byte deny what follows: "no experience with", "without".
#[must_use]
pub fn is_denied(text: &str, at: usize) -> bool {
    const DENIALS: &[&str] =
        &["no", "not", "never", "without", "lacking", "kein", "keine", "ohne", "sans", "sin"];
    let sentence = text.get(..at).unwrap_or_default();
    let sentence = sentence.rsplit(['.', ';', ',', ':', '(', ')', '\n']).next().unwrap_or_default();
    words(sentence).iter().rev().take(3).any(|word| DENIALS.contains(&fold(word.text).as_str()))
}

const FUNCTION_WORDS: &str = "\
    a about above across after all along also am an and any are as at be because been before being \
    below between both but by can could did do does doing done during each either for from had has have \
    having he her his how i if in including into is it its me more most my of off on one or other our \
    out over own per she should so some such than that the their them then there these they this those \
    through to too under until up upon us very via was we were what when where which while who will \
    with within would you your";

/// Whether a word only holds others together: articles, prepositions, pronouns, auxiliaries of English.
#[must_use]
pub fn is_function_word(folded: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| FUNCTION_WORDS.split(' ').collect());
    WORDS.contains(folded)
}

/// The language of some prose, told by its commonest words.
#[must_use]
pub fn tongue<'a>(texts: impl IntoIterator<Item = &'a str>) -> Tongue {
    const MARKS: &[(Tongue, &[&str])] = &[
        (
            Tongue::English,
            &["the", "and", "of", "to", "with", "for", "in", "by", "on", "from", "using", "an", "at"],
        ),
        (
            Tongue::German,
            &["und", "der", "die", "das", "mit", "von", "für", "im", "des", "bei", "zur", "den", "auf"],
        ),
        (
            Tongue::French,
            &["et", "le", "la", "les", "des", "du", "pour", "avec", "dans", "sur", "une", "aux", "au"],
        ),
        (
            Tongue::Spanish,
            &["y", "el", "la", "los", "las", "del", "para", "con", "en", "una", "por", "un", "al"],
        ),
    ];
    let (mut all, mut ideographs) = (0_usize, 0_usize);
    let mut counts = vec![0_usize; MARKS.len()];
    for text in texts {
        for word in words(text) {
            all += 1;
            if word.text.chars().any(is_ideograph) {
                ideographs += 1;
            }
            let folded = fold(word.text);
            for (count, (_, marks)) in counts.iter_mut().zip(MARKS) {
                *count += usize::from(marks.contains(&folded.as_str()));
            }
        }
    }
    if ideographs * 3 > all {
        return Tongue::Chinese;
    }
    let best = counts.iter().zip(MARKS).max_by_key(|(count, _)| **count);
    // Below one function word in twenty-five it is a list of names, not prose.
    best.filter(|(count, _)| **count >= 2 && **count * 25 >= all)
        .map_or(Tongue::Unknown, |(_, (tongue, _))| *tongue)
}

#[cfg(test)]
mod tests {
    use crate::engine::words::{
        Tongue, find_phrase, fold, is_denied, is_function_word, stem, stems, tongue, words,
    };

    fn check_words(text: &str, expected: &[&str]) {
        let found: Vec<&str> = words(text).iter().map(|word| word.text).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_with_symbols_stay_whole() {
        check_words("C++, C# and .NET (Node.js).", &["C++", "C#", "and", ".NET", "Node.js"]);
        check_words("CI/CD; R&D — 1,200 users, 99.9%", &["CI", "CD", "R&D", "1,200", "users", "99.9"]);
        check_words("driver's licence", &["driver's", "licence"]);
        check_words("精通Java开发", &["精", "通", "Java", "开", "发"]);
        check_words("", &[]);
    }

    #[test]
    fn folding_evens_out_what_the_eye_does_not_see() {
        assert_eq!(fold("  2019 – 2021\u{a0}Café\u{ad}s "), "2019 - 2021 cafés");
    }

    #[test]
    fn endings_do_not_matter_but_symbols_do() {
        assert_eq!(stem("Migrations"), stem("migration"));
        assert_ne!(stem("C++"), stem("C"));
        assert!(find_phrase(&stems("ran blood donations weekly"), &stems("blood donation")).is_some());
        assert!(find_phrase(&stems("blood"), &stems("blood donation")).is_none());
    }

    #[test]
    fn a_denied_word_is_no_claim() {
        let text = "No experience with Rust, but Java";
        assert!(is_denied(text, text.find("Rust").unwrap_or_default()));
        assert!(!is_denied(text, text.find("Java").unwrap_or_default()));
    }

    #[test]
    fn the_list_of_function_words_is_searchable() {
        for word in ["a", "and", "your", "the", "including"] {
            assert!(is_function_word(word), "{word}");
        }
        assert!(!is_function_word("server"));
    }

    #[test]
    fn prose_tells_its_language() {
        let check = |text, expected| assert_eq!(tongue([text]), expected, "{text}");
        check("Built the pipeline for a team of analysts with Python", Tongue::English);
        check("Leitung der Entwicklung und Betrieb von Diensten für Kunden mit Java", Tongue::German);
        check("Développement de services pour les clients avec une équipe dans le secteur", Tongue::French);
        check("Desarrollo de servicios para los clientes con el equipo", Tongue::Spanish);
        check("负责后端开发和数据库设计", Tongue::Chinese);
        check("Python, SQL, Kafka", Tongue::Unknown);
    }
}
