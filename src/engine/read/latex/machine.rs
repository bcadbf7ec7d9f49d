//! The reader of LaTeX: it takes token after token, and what a command yields is put back to be read next.

use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::source::{Part, SourceText};
use crate::engine::read::error::ReadError;
use crate::engine::read::latex::head::Head;
use crate::engine::read::latex::lexer::{Act, Token};
use crate::engine::read::latex::macros::{Environment, Macro};
use crate::engine::read::latex::symbols::{raised, symbol};
use crate::engine::read::latex::writer::{Look, Writer};

/// Deeper nesting holds no text that a person wrote.
const MAX_DEPTH: usize = 256;
/// Tokens that are moved: arguments are taken up and put back, a few times each.
const MAX_MOVED: usize = 16_000_000;
/// Macros that call each other; more is a circle.
const MAX_CALLS: usize = 100;
/// Tokens that macros may yield: a resume whose every line is a macro yields some fifty thousand.
const MAX_EXPANDED: usize = 1_000_000;
/// Characters of an address or a name that are looked at.
const MAX_PLAIN: usize = 4096;

/// The reader between two tokens.
pub(crate) struct Machine {
    /// What is still to be read, the next token last.
    input: Vec<Token>,
    pub(crate) writer: Writer,
    pub(crate) groups: Vec<Group>,
    pub(crate) look: Look,
    pub(crate) macros: HashMap<Rc<str>, Macro>,
    pub(crate) environments: HashMap<Rc<str>, Environment>,
    /// What `\newif` declared, and how it stands.
    pub(crate) switches: HashMap<Rc<str>, bool>,
    pub(crate) head: Head,
    /// Text of page margins and notes, for the end.
    pub(crate) footers: Vec<Vec<Token>>,
    moved: usize,
    expanded: usize,
    pub(crate) calls: usize,
    pub(crate) is_in_formula: bool,
    /// Whether this is before the document, where nothing is shown.
    pub(crate) is_preamble: bool,
    /// Whether `"a` is an umlaut.
    pub(crate) is_german: bool,
    /// Whether the class is awesome-cv.
    pub(crate) is_awesome: bool,
    /// Whether other files belong to this one.
    pub(crate) has_inputs: bool,
}

/// A group or an environment that is open.
pub(crate) struct Group {
    /// How text is set around it.
    pub(crate) outer: Look,
    pub(crate) kind: GroupKind,
}

/// What opened a group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GroupKind {
    /// A brace.
    Brace,
    /// `\begin` with this name.
    Environment(Rc<str>),
    /// A drawing, in which only what stands in braces is text.
    Drawing(Rc<str>),
}

impl Machine {
    pub(crate) fn new(mut tokens: Vec<Token>) -> Self {
        let begins =
            |pair: &[Token]| matches!(pair, [Token::Command(name), Token::Open] if **name == *"begin");
        let document: Vec<Token> = "document".chars().map(Token::Char).collect();
        let has_document = tokens.windows(2 + document.len()).any(|window| {
            window
                .split_at_checked(2)
                .is_some_and(|(start, rest)| begins(start) && rest == document.as_slice())
        });
        tokens.reverse();
        Self {
            input: tokens,
            writer: Writer::new(),
            groups: Vec::new(),
            look: Look { size: 10.0, ..Look::default() },
            macros: HashMap::new(),
            environments: HashMap::new(),
            switches: HashMap::new(),
            head: Head::default(),
            footers: Vec::new(),
            moved: 0,
            expanded: 0,
            calls: 0,
            is_in_formula: false,
            is_preamble: has_document,
            is_german: false,
            is_awesome: false,
            has_inputs: false,
        }
    }

    /// Reads everything.
    pub(crate) fn run(mut self) -> Result<SourceText, ReadError> {
        self.read_all()?;
        // What stood before a document that never came is all there is.
        self.show_head()?;
        self.read_all()?;
        let footers = std::mem::take(&mut self.footers);
        for footer in footers {
            self.put_back(footer)?;
            self.writer.enter(Part::Footer);
            self.read_all()?;
        }
        if self.has_inputs {
            self.writer.source().notes.push(
                "The document takes in other files (\\input or \\include), which were not sent and not read. \
                 Put their text into this one, or send the PDF that is made of it."
                    .to_owned(),
            );
        }
        Ok(self.writer.finish())
    }

    fn read_all(&mut self) -> Result<(), ReadError> {
        while let Some(token) = self.input.pop() {
            self.take(token)?;
        }
        Ok(())
    }

    /// Reads nothing more.
    pub(crate) fn stop(&mut self) {
        self.input.clear();
    }

    fn take(&mut self, token: Token) -> Result<(), ReadError> {
        match token {
            Token::Char(c) => self.character(c),
            Token::Space => self.text(" "),
            Token::Paragraph if !self.is_preamble => self.writer.end_paragraph(),
            Token::Open => self.open(GroupKind::Brace)?,
            Token::Close => self.close_brace(),
            Token::Align if self.is_shown() => self.writer.end_cell(self.look),
            Token::Paragraph | Token::Align => {}
            Token::Math => self.is_in_formula = !self.is_in_formula,
            Token::Tie => self.text("\u{a0}"),
            Token::Raised if self.is_in_formula => self.raise()?,
            Token::Raised => self.text("^"),
            Token::Lowered if self.is_in_formula => {}
            Token::Lowered => self.text("_"),
            Token::Parameter(number) => self.text(&format!("#{number}")),
            Token::Verbatim(line) => {
                self.text(&line);
                self.writer.end_line();
            }
            Token::Command(name) => self.command(&name)?,
            Token::Do(act) => self.act(act)?,
        }
        Ok(())
    }

    fn act(&mut self, act: Act) -> Result<(), ReadError> {
        match act {
            Act::OpenBold => {
                self.open(GroupKind::Brace)?;
                self.look.bold = true;
            }
            Act::OpenLink(link) => {
                self.open(GroupKind::Brace)?;
                self.look.link = Some(link);
            }
            Act::Close => self.close_brace(),
            Act::EndLine => self.writer.end_line(),
            Act::EndLineAs(kind) => self.writer.end_line_as(kind),
            Act::EndBlock => self.writer.end_block(),
            Act::EndItem => self.writer.end_item(),
            Act::Enter(part) => self.writer.enter(part),
            Act::EndMacro => self.calls = self.calls.saturating_sub(1),
            Act::EndEnvironment => self.close_environment(),
        }
        Ok(())
    }

    /// Whether text here is seen.
    pub(crate) fn is_shown(&self) -> bool {
        !self.is_preamble && !matches!(self.groups.last(), Some(Group { kind: GroupKind::Drawing(_), .. }))
    }

    pub(crate) fn text(&mut self, text: &str) {
        if self.is_shown() {
            self.writer.text(text, self.look);
        }
    }

    fn character(&mut self, c: char) {
        if !self.is_shown() {
            return;
        }
        if c == '"' && self.is_german {
            let next = match self.input.last() {
                Some(Token::Char(next)) => Some(*next),
                _ => None,
            };
            if let Some(text) = next.and_then(german) {
                self.input.pop();
                self.writer.text(text, self.look);
                return;
            }
        }
        self.writer.character(c, self.look);
    }

    /// A power: digits stay apart from the number before them, letters (`1^{st}`) do not.
    fn raise(&mut self) -> Result<(), ReadError> {
        let argument = self.argument()?;
        let digits: Option<String> = argument
            .iter()
            .map(|token| match token {
                Token::Char(c) => raised(*c),
                _ => None,
            })
            .collect();
        match digits {
            Some(digits) => self.text(&digits),
            None => self.put_back(argument)?,
        }
        Ok(())
    }

    pub(crate) fn open(&mut self, kind: GroupKind) -> Result<(), ReadError> {
        if self.groups.len() >= MAX_DEPTH {
            return Err(ReadError::too_complex("its groups are nested more than 256 levels deep"));
        }
        self.groups.push(Group { outer: self.look, kind });
        Ok(())
    }

    /// A brace closes a brace; one that is too many closes nothing.
    pub(crate) fn close_brace(&mut self) {
        if self.groups.last().is_some_and(|group| group.kind == GroupKind::Brace)
            && let Some(group) = self.groups.pop()
        {
            self.look = group.outer;
            // The words of a drawing stand apart from each other.
            if !self.is_shown() && !self.is_preamble {
                self.writer.end_line();
            }
        }
    }

    /// The next token, taken off.
    pub(crate) fn next(&mut self) -> Option<Token> {
        self.input.pop()
    }

    /// The next token, left where it is.
    pub(crate) fn peek(&self) -> Option<&Token> {
        self.input.last()
    }

    /// The next characters, as far as they are characters.
    pub(crate) fn ahead(&self, count: usize) -> String {
        let character = |token: &Token| match token {
            Token::Char(c) => Some(*c),
            Token::Space => Some(' '),
            _ => None,
        };
        self.input.iter().rev().take(count).map_while(character).collect()
    }

    /// Takes the next token off when it is this one.
    pub(crate) fn next_is(&mut self, token: &Token) -> bool {
        let is_next = self.input.last() == Some(token);
        if is_next {
            self.input.pop();
        }
        is_next
    }

    /// Puts tokens before everything that is still to be read.
    pub(crate) fn put_back(&mut self, tokens: Vec<Token>) -> Result<(), ReadError> {
        self.count(tokens.len())?;
        self.input.extend(tokens.into_iter().rev());
        Ok(())
    }

    fn count(&mut self, moved: usize) -> Result<(), ReadError> {
        self.moved += moved;
        if self.moved > MAX_MOVED {
            return Err(ReadError::too_complex("its commands are nested beyond all measure"));
        }
        Ok(())
    }

    /// Counts a macro's call and what it yields.
    pub(crate) fn count_call(&mut self, yielded: usize) -> Result<(), ReadError> {
        self.bear(yielded)?;
        self.calls += 1;
        self.expanded += yielded;
        if self.calls > MAX_CALLS {
            return Err(ReadError::too_complex("its macros call each other more than 100 levels deep"));
        }
        Ok(())
    }

    /// Refuses a macro that yields too much while it is still being put together.
    pub(crate) fn bear(&self, yielded: usize) -> Result<(), ReadError> {
        if self.expanded + yielded > MAX_EXPANDED {
            return Err(ReadError::too_complex("its macros grow beyond all measure when expanded"));
        }
        Ok(())
    }

    /// Steps over white space, and over orders to ourselves that stand in the way of an argument.
    pub(crate) fn skip_spaces(&mut self) {
        while self.next_is(&Token::Space) {}
        while self.next_is(&Token::Do(Act::EndMacro)) {
            self.calls = self.calls.saturating_sub(1);
            while self.next_is(&Token::Space) {}
        }
    }

    /// Whether an argument in braces comes next; white space before it is stepped over then.
    pub(crate) fn has_argument(&mut self) -> bool {
        let is_between = |token: &&Token| matches!(token, Token::Space | Token::Do(Act::EndMacro));
        let between = self.input.iter().rev().take_while(is_between).count();
        let is_next = self.input.iter().rev().nth(between) == Some(&Token::Open);
        if is_next {
            self.skip_spaces();
        }
        is_next
    }

    /// The next argument: what stands in braces, or one token.
    pub(crate) fn argument(&mut self) -> Result<Vec<Token>, ReadError> {
        self.skip_spaces();
        if !self.next_is(&Token::Open) {
            let single = match self.peek() {
                None | Some(Token::Close | Token::Paragraph | Token::Do(_)) => None,
                Some(_) => self.next(),
            };
            return Ok(single.into_iter().collect());
        }
        let mut depth = 0usize;
        self.until(|token| {
            match token {
                Token::Open => depth += 1,
                Token::Close if depth == 0 => return true,
                Token::Close => depth -= 1,
                _ => {}
            }
            false
        })
    }

    /// The option in brackets, when one comes right now.
    pub(crate) fn option(&mut self) -> Result<Option<Vec<Token>>, ReadError> {
        if self.peek() != Some(&Token::Char('[')) || !self.closes_bracket() {
            return Ok(None);
        }
        self.next();
        let mut depth = 0usize;
        self.until(|token| {
            match token {
                Token::Open => depth += 1,
                Token::Close => depth = depth.saturating_sub(1),
                Token::Char(']') if depth == 0 => return true,
                _ => {}
            }
            false
        })
        .map(Some)
    }

    /// A bracket that is never closed is a character; options are short.
    fn closes_bracket(&self) -> bool {
        self.input
            .iter()
            .rev()
            .take(500)
            .take_while(|token| **token != Token::Paragraph)
            .any(|token| *token == Token::Char(']'))
    }

    /// Everything up to the token that ends it, which is taken off as well.
    fn until(&mut self, mut is_end: impl FnMut(&Token) -> bool) -> Result<Vec<Token>, ReadError> {
        let mut taken = Vec::new();
        while let Some(token) = self.next() {
            if is_end(&token) {
                break;
            }
            if token == Token::Do(Act::EndMacro) {
                self.calls = self.calls.saturating_sub(1);
            } else {
                taken.push(token);
            }
        }
        self.count(taken.len())?;
        Ok(taken)
    }

    /// Steps over all options that come right now.
    pub(crate) fn skip_options(&mut self) -> Result<(), ReadError> {
        while self.option()?.is_some() {}
        Ok(())
    }

    /// Tokens as text without any setting, for addresses and names; macros without arguments are looked up.
    pub(crate) fn plain(&self, tokens: &[Token]) -> String {
        let mut out = String::new();
        let mut waiting: Vec<Token> = tokens.iter().rev().cloned().collect();
        let mut looked_up = 0;
        while let Some(token) = waiting.pop() {
            if out.len() > MAX_PLAIN {
                break;
            }
            match token {
                Token::Char(c) => out.push(c),
                Token::Space | Token::Paragraph => out.push(' '),
                Token::Align => out.push('&'),
                Token::Math => out.push('$'),
                Token::Tie => out.push('~'),
                Token::Raised => out.push('^'),
                Token::Lowered => out.push('_'),
                Token::Parameter(number) => out.push_str(&format!("#{number}")),
                Token::Verbatim(line) => out.push_str(&line),
                Token::Command(name) if *name == *"~" => out.push('~'),
                Token::Command(name) => match self.macros.get(&name) {
                    Some(found) if found.arguments == 0 && looked_up < MAX_CALLS => {
                        looked_up += 1;
                        waiting.extend(found.body.iter().take(MAX_PLAIN).rev().cloned());
                    }
                    _ => out.push_str(symbol(&name).unwrap_or_default()),
                },
                Token::Open | Token::Close | Token::Do(_) => {}
            }
        }
        out.trim().to_owned()
    }
}

/// Whether tokens have no text and no command in them.
pub(crate) fn is_blank(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| {
        matches!(token, Token::Space | Token::Paragraph | Token::Open | Token::Close | Token::Do(_))
    })
}

/// What `"` and the next character mean in German.
fn german(next: char) -> Option<&'static str> {
    Some(match next {
        'a' => "ä",
        'o' => "ö",
        'u' => "ü",
        'A' => "Ä",
        'O' => "Ö",
        'U' => "Ü",
        's' => "ß",
        '`' => "„",
        '\'' => "“",
        '-' | '"' | '|' => "",
        '=' | '~' => "-",
        _ => return None,
    })
}
