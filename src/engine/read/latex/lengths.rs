//! Lengths, in braces and without.

use crate::engine::read::latex::lexer::Token;
use crate::engine::read::latex::machine::Machine;

/// Units of lengths, in points.
const UNITS: &[(&str, f32)] = &[
    ("pt", 1.0),
    ("em", 10.0),
    ("ex", 4.3),
    ("cm", 28.45),
    ("mm", 2.845),
    ("in", 72.27),
    ("pc", 12.0),
    ("bp", 1.004),
    ("sp", 0.0),
    ("mu", 0.55),
];

/// A length in points; a number alone is one.
pub(crate) fn points(text: &str) -> Option<f32> {
    let text = text.trim();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text.strip_prefix(number)?.trim();
    let scale = if unit.is_empty() { 1.0 } else { UNITS.iter().find(|(name, _)| *name == unit)?.1 };
    number.parse::<f32>().ok().map(|number| number * scale).filter(|points| points.is_finite())
}

impl Machine {
    /// A length after a register or a primitive, without braces: `=0pt plus 2pt`.
    pub(crate) fn skip_length(&mut self) {
        self.next_is(&Token::Space);
        let assigns = self.next_is(&Token::Char('='));
        let starts = |token: Option<&Token>| matches!(token, Some(Token::Char(c)) if c.is_ascii_digit() || "-+.".contains(*c));
        if assigns {
            self.next_is(&Token::Space);
        }
        if assigns && matches!(self.peek(), Some(Token::Command(_))) {
            self.next();
            return;
        }
        if !starts(self.peek()) {
            return;
        }
        while matches!(self.peek(), Some(Token::Char(c)) if c.is_ascii_digit() || "-+.".contains(*c)) {
            self.next();
        }
        self.next_is(&Token::Space);
        let unit: String = self.ahead(2);
        if matches!(self.peek(), Some(Token::Command(_))) {
            self.next();
        } else if UNITS.iter().any(|(name, _)| *name == unit) {
            self.next();
            self.next();
        }
        for word in [" plus", " minus", "plus", "minus"] {
            if self.ahead(word.len()) == word {
                word.chars().for_each(|_| {
                    self.next();
                });
                self.skip_length();
            }
        }
    }

    /// `\hrule height 1pt`.
    pub(crate) fn skip_rule(&mut self) {
        for _ in 0..3 {
            self.next_is(&Token::Space);
            let Some(word) =
                ["height", "width", "depth"].into_iter().find(|word| self.ahead(word.len()) == *word)
            else {
                return;
            };
            word.chars().for_each(|_| {
                self.next();
            });
            self.skip_length();
        }
    }
}
