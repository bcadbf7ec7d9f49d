//! Text into the pieces that names are compared by: folded words, and the signs that belong to names.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is compared by; empty for a break, which nothing reaches across.
    pub(crate) key: Cow<'a, str>,
    /// Whether it is a word, so that its stem may be compared too.
    pub(crate) is_word: bool,
    /// First byte in the text.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
}

impl Token<'_> {
    /// Whether this ends what may be one name.
    pub(crate) fn is_break(&self) -> bool {
        self.key.is_empty()
    }
}

/// The pieces of a text in order. Hyphens and spaces vanish, so that "full-stack" is "full stack"; addresses
/// (URLs, e-mail) are breaks, because what they name nobody claims.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::with_capacity(text.len() / 5);
    let mut rest = text.char_indices().peekable();
    let mut address_until = 0;
    let mut chunk_checked = 0;
    while let Some((at, c)) = rest.next() {
        if at >= chunk_checked && !c.is_whitespace() {
            let chunk = chunk_from(text, at);
            chunk_checked = at + chunk.len();
            if is_address(chunk) {
                address_until = chunk_checked;
                found.push(broken(at, chunk_checked));
            }
        }
        if at < address_until {
            continue;
        }
        if c.is_alphanumeric() {
            let mut end = at + c.len_utf8();
            while let Some((next_at, next)) = rest.peek().copied() {
                let joins =
                    next.is_alphanumeric() || is_combining(next) || is_apostrophe_within(text, next_at, next);
                if !joins {
                    break;
                }
                end = next_at + next.len_utf8();
                rest.next();
            }
            let word = text.get(at..end).unwrap_or_default();
            found.push(Token { key: word_key(word), is_word: true, start: at, end });
        } else {
            push_sign(text, at, c, &mut found);
        }
    }
    found
}

/// A name or text in the form that names are compared in: lower case, singular, without hyphens.
#[must_use]
pub fn fold(text: &str) -> String {
    let keys: Vec<Cow<'_, str>> = tokens(text).into_iter().map(|token| token.key).collect();
    keys.join(" ").trim().to_owned()
}

fn push_sign<'a>(text: &'a str, at: usize, c: char, found: &mut Vec<Token<'a>>) {
    let end = at + c.len_utf8();
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    let sign = |key: &'static str| Token { key: Cow::Borrowed(key), is_word: false, start: at, end };
    match c {
        '+' if before.is_some_and(|c| c.is_alphanumeric() || c == '+') => found.push(sign("+")),
        '#' if before.is_some_and(char::is_alphanumeric) => found.push(sign("#")),
        '.' if after.is_some_and(char::is_alphanumeric) => found.push(sign(".")),
        // "B.S." keeps the full stop before its last one; a sentence ends at the rest.
        '/' => found.push(sign("/")),
        '&' => found.push(sign("and")),
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '-' | '\u{2010}' | '\u{2011}' | '\'' | '’' | '®' | '™' =>
            {}
        _ => found.push(broken(at, end)),
    }
}

fn broken(start: usize, end: usize) -> Token<'static> {
    Token { key: Cow::Borrowed(""), is_word: false, start, end }
}

fn chunk_from(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    rest.split(char::is_whitespace).next().unwrap_or_default()
}

fn is_address(chunk: &str) -> bool {
    chunk.contains("://") || chunk.starts_with("www.") || (chunk.contains('@') && chunk.contains('.'))
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_apostrophe_within(text: &str, at: usize, c: char) -> bool {
    matches!(c, '\'' | '’')
        && text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next()).is_some_and(char::is_alphabetic)
}

fn word_key(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return singular(word);
    }
    // "APIs" is the plural of an acronym; its lower-case form would look like "analysis".
    if let Some(acronym) = word.strip_suffix('s')
        && acronym.len() > 1
        && acronym.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        return Cow::Owned(acronym.to_ascii_lowercase());
    }
    let lower: String = if word.is_ascii() {
        word.bytes().filter(|b| *b != b'\'').map(|b| char::from(b.to_ascii_lowercase())).collect()
    } else {
        word.nfd()
            .filter(|c| !is_combining(*c) && *c != '’' && *c != '\'')
            .flat_map(char::to_lowercase)
            .collect()
    };
    Cow::Owned(singular(&lower).into_owned())
}

fn singular(word: &str) -> Cow<'_, str> {
    let Some(stem) = word.strip_suffix('s').filter(|stem| stem.len() > 2) else {
        return Cow::Borrowed(word);
    };
    if let Some(root) = stem.strip_suffix("ie").filter(|root| root.len() > 2) {
        return Cow::Owned(format!("{root}y"));
    }
    if let Some(root) = stem.strip_suffix('e')
        && ["ss", "sh", "ch", "x"].iter().any(|ending| root.ends_with(ending))
    {
        return Cow::Owned(root.to_owned());
    }
    if stem.ends_with(['s', 'u', 'i']) { Cow::Borrowed(word) } else { Cow::Owned(stem.to_owned()) }
}
