//! LaTeX source to tokens: comments go, blank lines are paragraphs, what stands verbatim stays so.

use std::iter::Peekable;
use std::rc::Rc;
use std::str::Chars;

use crate::domain::source::{LineKind, Part};

/// Environments whose text is shown as it stands.
const SHOWN_VERBATIM: &[&str] = &["verbatim", "verbatim*", "Verbatim", "lstlisting", "alltt"];
/// Environments whose text is not shown at all.
const LEFT_OUT: &[&str] = &["comment", "filecontents", "filecontents*"];
/// Commands whose first argument is an address, in which `%` is a percent sign.
const ADDRESSES: &[&str] = &["href", "url", "nolinkurl", "path"];

/// A piece of the source, or an order that the reader gave to itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A command by its name: `\textbf`, `\&`.
    Command(Rc<str>),
    /// A character of the text.
    Char(char),
    /// White space.
    Space,
    /// A blank line.
    Paragraph,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `#1` in a definition.
    Parameter(u8),
    /// `&`
    Align,
    /// `$`
    Math,
    /// `~`
    Tie,
    /// `^`
    Raised,
    /// `_`
    Lowered,
    /// A line that is shown as it stands.
    Verbatim(Rc<str>),
    /// Something to do once the tokens before it are done.
    Do(Act),
}

/// What the reader does between tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Act {
    /// Opens a group in bold.
    OpenBold,
    /// Opens a group whose text leads to this one of the links.
    OpenLink(usize),
    /// Closes a group that was opened like this.
    Close,
    /// Ends the line.
    EndLine,
    /// Ends the line, which is of this kind.
    EndLineAs(LineKind),
    /// The next line stands apart.
    EndBlock,
    /// The list item is over.
    EndItem,
    /// What follows belongs to this part of the page.
    Enter(Part),
    /// A macro is expanded to its end.
    EndMacro,
    /// The environment's own end is done.
    EndEnvironment,
}

/// All tokens of a source.
pub(crate) fn lex(source: &str) -> Vec<Token> {
    let mut lexer =
        Lexer { chars: source.chars().peekable(), tokens: Vec::new(), address: Address::None, depth: 0 };
    while let Some(c) = lexer.chars.next() {
        lexer.take(c);
    }
    lexer.tokens
}

/// Whether an address is being read.
enum Address {
    None,
    /// Its brace comes next.
    Expected,
    /// Until the braces are as deep as this again.
    Inside(usize),
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    tokens: Vec<Token>,
    address: Address,
    depth: usize,
}

impl Lexer<'_> {
    fn take(&mut self, c: char) {
        let token = match c {
            '\\' => return self.command(),
            '%' if !matches!(self.address, Address::Inside(_)) => return self.comment(),
            '{' => {
                if matches!(self.address, Address::Expected) {
                    self.address = Address::Inside(self.depth);
                }
                self.depth += 1;
                Token::Open
            }
            '}' => {
                self.depth = self.depth.saturating_sub(1);
                if matches!(self.address, Address::Inside(depth) if depth >= self.depth) {
                    self.address = Address::None;
                }
                Token::Close
            }
            '#' => return self.parameter(),
            '&' => Token::Align,
            '$' => Token::Math,
            '~' => Token::Tie,
            '^' => Token::Raised,
            '_' => Token::Lowered,
            c if c.is_whitespace() => {
                let lines = self.white_space() + usize::from(c == '\n');
                if lines > 1 { Token::Paragraph } else { Token::Space }
            }
            c => Token::Char(c),
        };
        self.tokens.push(token);
    }

    /// Steps over white space; how many line ends were in it.
    fn white_space(&mut self) -> usize {
        let mut lines = 0;
        while let Some(c) = self.chars.next_if(|c| c.is_whitespace()) {
            lines += usize::from(c == '\n');
        }
        lines
    }

    fn comment(&mut self) {
        while self.chars.next_if(|c| *c != '\n').is_some() {}
        if self.white_space() > 1 {
            self.tokens.push(Token::Paragraph);
        }
    }

    /// `#1`; also `##1`, which a definition inside a definition has.
    fn parameter(&mut self) {
        while self.chars.next_if_eq(&'#').is_some() {}
        let number = self.chars.next_if(|c| ('1'..='9').contains(c)).and_then(|c| c.to_digit(10));
        let number = number.and_then(|number| u8::try_from(number).ok());
        self.tokens.push(number.map_or(Token::Char('#'), Token::Parameter));
    }

    fn command(&mut self) {
        let mut name = String::new();
        while let Some(c) = self.chars.next_if(|c| c.is_ascii_alphabetic() || *c == '@') {
            name.push(c);
        }
        if name.is_empty() {
            name.extend(self.chars.next());
            // A line end after a backslash is a space.
            let name = if name == "\n" || name == "\t" { " " } else { name.as_str() };
            self.tokens.push(Token::Command(name.into()));
            return;
        }
        if name == "verb" {
            self.chars.next_if_eq(&'*');
            return self.verb();
        }
        if ADDRESSES.contains(&name.as_str()) {
            self.address = Address::Expected;
        }
        let begins = name == "begin";
        self.tokens.push(Token::Command(name.into()));
        if begins {
            self.verbatim();
        } else if self.white_space() > 1 {
            self.tokens.push(Token::Paragraph);
        }
    }

    fn verb(&mut self) {
        let Some(mark) = self.chars.next() else { return };
        while let Some(c) = self.chars.next_if(|c| *c != mark && *c != '\n') {
            self.tokens.push(if c == ' ' { Token::Space } else { Token::Char(c) });
        }
        self.chars.next_if_eq(&mark);
    }

    /// The text of an environment that is no LaTeX; nothing when this one is.
    fn verbatim(&mut self) {
        let ahead: String = self.chars.clone().take(32).collect();
        let Some((name, _)) = ahead.trim_start().strip_prefix('{').and_then(|rest| rest.split_once('}'))
        else {
            return;
        };
        let is_shown = SHOWN_VERBATIM.contains(&name);
        if !is_shown && !LEFT_OUT.contains(&name) {
            return;
        }
        // The `\begin` itself goes with the text that is taken here.
        self.tokens.pop();
        while self.chars.next_if(|c| *c != '}').is_some() {}
        self.chars.next();
        let end = format!("\\end{{{name}}}");
        let mut line = String::new();
        for c in self.chars.by_ref() {
            line.push(c);
            let is_over = line.ends_with(&end);
            if c == '\n' || is_over {
                let text = line.strip_suffix(&end).unwrap_or(&line);
                if is_shown {
                    self.tokens.push(Token::Verbatim(text.trim_end().into()));
                }
                line.clear();
            }
            if is_over {
                return;
            }
        }
        if is_shown {
            self.tokens.push(Token::Verbatim(line.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::read::latex::lexer::{Token, lex};

    #[track_caller]
    fn check(source: &str, expected: &[Token]) {
        assert_eq!(lex(source), expected, "{source}");
    }

    #[test]
    fn comments_go_and_blank_lines_part() {
        check("a% b\n  c", &[Token::Char('a'), Token::Char('c')]);
        check("a% b\n\nc", &[Token::Char('a'), Token::Paragraph, Token::Char('c')]);
        check("a\n \nb", &[Token::Char('a'), Token::Paragraph, Token::Char('b')]);
        check("5\\% b", &[Token::Char('5'), Token::Command("%".into()), Token::Space, Token::Char('b')]);
    }

    #[test]
    fn an_address_may_have_percent_signs() {
        check(
            "\\url{a%20}%b",
            &[
                Token::Command("url".into()),
                Token::Open,
                Token::Char('a'),
                Token::Char('%'),
                Token::Char('2'),
                Token::Char('0'),
                Token::Close,
            ],
        );
    }

    #[test]
    fn what_is_verbatim_stays_as_it_is() {
        check(
            "\\begin{verbatim}\\a{\n\\end{verbatim}",
            &[Token::Verbatim("\\a{".into()), Token::Verbatim("".into())],
        );
        check("\\begin{comment}x\\end{comment}b", &[Token::Char('b')]);
        check("\\verb|a_b|", &[Token::Char('a'), Token::Char('_'), Token::Char('b')]);
    }
}
