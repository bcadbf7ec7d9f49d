//! Bytes of a Rich Text file to tokens; binary data is stepped over here, whatever stands in it.

/// Longest name of a control word; the specification says 32 letters.
const MAX_WORD: usize = 32;
/// Longest number after a control word.
const MAX_DIGITS: usize = 10;

/// A piece of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A control word with its number: `\fs24`.
    Word(&'a str, Option<i32>),
    /// A control symbol: `\~`.
    Symbol(u8),
    /// A byte in hexadecimal: `\'e9`.
    Hex(u8),
    /// Bytes of text without line ends, which mean nothing in this format.
    Text(&'a [u8]),
}

/// The tokens of a file, in order.
#[derive(Debug)]
pub(crate) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn cut(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn run_of(&self, most: usize, is_part: impl Fn(&u8) -> bool) -> usize {
        self.rest.iter().take(most).take_while(|byte| is_part(byte)).count()
    }

    /// What follows a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.first()?;
        if !first.is_ascii_alphabetic() {
            self.cut(1);
            return Some(if first == b'\'' { self.hex() } else { Token::Symbol(first) });
        }
        let letters = self.run_of(MAX_WORD, u8::is_ascii_alphabetic);
        let name = std::str::from_utf8(self.cut(letters)).unwrap_or_default();
        let number = self.number();
        if self.rest.first() == Some(&b' ') {
            self.cut(1);
        }
        if name == "bin" {
            self.cut(number.and_then(|count| usize::try_from(count).ok()).unwrap_or(0));
        }
        Some(Token::Word(name, number))
    }

    fn number(&mut self) -> Option<i32> {
        let sign = usize::from(self.rest.first() == Some(&b'-'));
        let digits =
            self.rest.iter().skip(sign).take(MAX_DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        let text = std::str::from_utf8(self.cut(sign + digits)).ok()?;
        // A number that does not fit says nothing more than that it is large.
        Some(text.parse().unwrap_or(i32::MAX))
    }

    fn hex(&mut self) -> Token<'a> {
        let digits = self.run_of(2, u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(self.cut(digits)).unwrap_or_default();
        u8::from_str_radix(text, 16).map_or(Token::Text(&[]), Token::Hex)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.first()?;
        match first {
            b'{' => {
                self.cut(1);
                Some(Token::Open)
            }
            b'}' => {
                self.cut(1);
                Some(Token::Close)
            }
            b'\\' => {
                self.cut(1);
                self.control()
            }
            b'\r' | b'\n' | 0 => {
                let ends = self.run_of(usize::MAX, |byte| matches!(byte, b'\r' | b'\n' | 0));
                self.cut(ends);
                Some(Token::Text(&[]))
            }
            _ => {
                let text =
                    self.run_of(usize::MAX, |byte| !matches!(byte, b'{' | b'}' | b'\\' | b'\r' | b'\n' | 0));
                Some(Token::Text(self.cut(text)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::read::rtf::tokens::{Token, Tokens};

    #[track_caller]
    fn check(text: &[u8], expected: &[Token<'_>]) {
        assert_eq!(Tokens::new(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn words_end_with_their_number_and_one_space() {
        check(b"\\b Ada", &[Token::Word("b", None), Token::Text(b"Ada")]);
        check(b"\\b0  Ada", &[Token::Word("b", Some(0)), Token::Text(b" Ada")]);
        check(b"\\u-3913?", &[Token::Word("u", Some(-3913)), Token::Text(b"?")]);
        check(b"{\\~\\'e9}", &[Token::Open, Token::Symbol(b'~'), Token::Hex(0xe9), Token::Close]);
        check(b"\\fs99999999999", &[Token::Word("fs", Some(i32::MAX)), Token::Text(b"9")]);
        check(b"\\", &[]);
    }

    #[test]
    fn binary_data_is_stepped_over() {
        check(b"\\bin4 }}{\\Ada", &[Token::Word("bin", Some(4)), Token::Text(b"Ada")]);
        check(b"\\bin999 }", &[Token::Word("bin", Some(999))]);
        check(b"\\bin-1 }", &[Token::Word("bin", Some(-1)), Token::Close]);
    }
}
