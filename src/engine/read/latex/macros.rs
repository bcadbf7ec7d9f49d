//! Definitions of a LaTeX document: macros, environments and switches, kept and expanded.

use std::rc::Rc;

use crate::engine::read::error::ReadError;
use crate::engine::read::latex::commands::heading;
use crate::engine::read::latex::lexer::{Act, Token};
use crate::engine::read::latex::machine::Machine;

/// Most arguments of a macro.
const MAX_ARGUMENTS: u8 = 9;

/// Commands whose meaning is ours: a document redefines how they look, not what they are.
const OURS: &[&str] = &[
    "begin",
    "end",
    "item",
    "section",
    "subsection",
    "subsubsection",
    "paragraph",
    "textbf",
    "textit",
    "emph",
    "href",
    "url",
    "par",
    "\\",
    "newline",
    "documentclass",
    "usepackage",
    "input",
    "include",
];

/// A macro.
#[derive(Debug, Clone)]
pub(crate) struct Macro {
    pub(crate) arguments: u8,
    /// What the first argument is when it is not given in brackets.
    default: Option<Rc<[Token]>>,
    pub(crate) body: Rc<[Token]>,
}

/// An environment.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    pub(crate) begin: Macro,
    pub(crate) end: Rc<[Token]>,
}

impl Machine {
    /// Takes a command that defines something or decides; `false` when it is none.
    pub(crate) fn definition(&mut self, command: &str) -> Result<bool, ReadError> {
        match command {
            "newcommand" | "renewcommand" | "providecommand" | "DeclareRobustCommand" | "newrobustcmd" => {
                self.new_command()?;
            }
            "NewDocumentCommand"
            | "RenewDocumentCommand"
            | "ProvideDocumentCommand"
            | "DeclareDocumentCommand" => {
                self.document_command()?;
            }
            "def" | "gdef" | "edef" | "xdef" => self.def()?,
            "let" => self.alias()?,
            "newenvironment" | "renewenvironment" => self.new_environment()?,
            "newif" => {
                if let Some(Token::Command(name)) = self.next() {
                    self.switches.insert(name.trim_start_matches("if").into(), false);
                }
            }
            "ifthenelse" | "ifstrempty" | "ifblank" | "notblank" | "ifstrequal" => self.choose(command)?,
            "ifx" => {
                let pair = (self.next(), self.next());
                self.branch(Some(pair.0 == pair.1));
            }
            "ifdefined" => {
                let is_known =
                    matches!(self.next(), Some(Token::Command(name)) if self.macros.contains_key(&name));
                self.branch(Some(is_known));
            }
            "iftrue" => self.branch(Some(true)),
            "iffalse" => self.branch(Some(false)),
            "ifnum" | "ifdim" | "ifodd" => {
                while !matches!(self.peek(), None | Some(Token::Space | Token::Command(_) | Token::Paragraph))
                {
                    self.next();
                }
                self.branch(None);
            }
            "else" | "or" => self.skip_branch(),
            "fi" => {}
            _ => return Ok(self.switch(command)),
        }
        Ok(true)
    }

    /// Takes `\iffoo`, `\footrue` and `\foofalse` of what `\newif` declared.
    fn switch(&mut self, command: &str) -> bool {
        if let Some(name) = command.strip_prefix("if")
            && let Some(value) = self.switches.get(name).copied()
        {
            self.branch(Some(value));
            return true;
        }
        for (ending, value) in [("true", true), ("false", false)] {
            if let Some(switch) = command.strip_suffix(ending).and_then(|name| self.switches.get_mut(name)) {
                *switch = value;
                return true;
            }
        }
        false
    }

    /// Goes on after a condition; of one that cannot be decided, the first branch is read.
    fn branch(&mut self, condition: Option<bool>) {
        if condition == Some(false) {
            self.skip_branch();
        }
    }

    /// Steps over a branch that is not taken, up to its `\else` or `\fi`.
    fn skip_branch(&mut self) {
        let mut depth = 0usize;
        while let Some(token) = self.next() {
            match token {
                Token::Command(name) => match &*name {
                    "fi" | "else" if depth == 0 => return,
                    "fi" => depth -= 1,
                    name if self.opens_branch(name) => depth += 1,
                    _ => {}
                },
                Token::Do(Act::EndMacro) => self.calls = self.calls.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn opens_branch(&self, command: &str) -> bool {
        matches!(
            command,
            "ifx"
                | "iftrue"
                | "iffalse"
                | "ifnum"
                | "ifdim"
                | "ifodd"
                | "if"
                | "ifcat"
                | "ifcase"
                | "ifdefined"
        ) || command.strip_prefix("if").is_some_and(|name| self.switches.contains_key(name))
    }

    /// Conditions whose branches are arguments.
    fn choose(&mut self, command: &str) -> Result<(), ReadError> {
        let test = self.argument()?;
        let holds = match command {
            "ifthenelse" => self.equals(&test),
            "ifstrequal" => {
                let other = self.argument()?;
                Some(self.plain(&test) == self.plain(&other))
            }
            "notblank" => Some(!self.plain(&test).is_empty()),
            _ => Some(self.plain(&test).is_empty()),
        };
        let (then, otherwise) = (self.argument()?, self.argument()?);
        match holds {
            Some(true) => self.put_back(then),
            Some(false) => self.put_back(otherwise),
            None => {
                self.put_back(otherwise)?;
                self.put_back(then)
            }
        }
    }

    /// Whether `\equal{a}{b}` holds, also turned round by `\not`.
    fn equals(&self, test: &[Token]) -> Option<bool> {
        let is_command =
            |token: &Token, name: &str| matches!(token, Token::Command(found) if **found == *name);
        let start = test.iter().position(|token| is_command(token, "equal"))?;
        let is_turned =
            test.iter().take(start).any(|token| is_command(token, "not") || is_command(token, "NOT"));
        let mut sides: Vec<Vec<Token>> = Vec::new();
        let mut depth = 0usize;
        for token in test.iter().skip(start + 1) {
            match token {
                Token::Open => {
                    depth += 1;
                    if depth == 1 {
                        sides.push(Vec::new());
                    }
                }
                Token::Close => depth = depth.saturating_sub(1),
                token if depth > 0 => sides.last_mut()?.push(token.clone()),
                _ => {}
            }
        }
        let [first, second, ..] = sides.as_slice() else { return None };
        Some((self.plain(first) == self.plain(second)) != is_turned)
    }

    /// The name that a definition gives: `\name` or `{\name}`.
    fn defined_name(&mut self) -> Result<Option<Rc<str>>, ReadError> {
        self.next_is(&Token::Char('*'));
        let name = self.argument()?.into_iter().find_map(|token| match token {
            Token::Command(name) => Some(name),
            _ => None,
        });
        Ok(name)
    }

    fn new_command(&mut self) -> Result<(), ReadError> {
        let name = self.defined_name()?;
        let found = self.macro_body()?;
        self.define(name, found);
        Ok(())
    }

    /// The number of arguments, the default of the first one, and the body.
    fn macro_body(&mut self) -> Result<Macro, ReadError> {
        self.skip_spaces();
        let count = self.option()?.map_or(0, |count| self.plain(&count).parse().unwrap_or(0));
        self.skip_spaces();
        let default = self.option()?.map(Rc::from);
        let body = self.argument()?.into();
        Ok(Macro { arguments: count.min(MAX_ARGUMENTS), default, body })
    }

    /// The arguments of this kind of definition are letters: `m` in braces, `O{…}` and `o` in brackets.
    fn document_command(&mut self) -> Result<(), ReadError> {
        let name = self.defined_name()?;
        let kinds = self.argument()?;
        let body = self.argument()?.into();
        let mut depth = 0usize;
        let mut letters = Vec::new();
        for token in &kinds {
            match token {
                Token::Open => depth += 1,
                Token::Close => depth = depth.saturating_sub(1),
                Token::Char(c) if depth == 0 && c.is_alphabetic() => letters.push(*c),
                _ => {}
            }
        }
        let count = u8::try_from(letters.len()).unwrap_or(MAX_ARGUMENTS).min(MAX_ARGUMENTS);
        let is_optional = letters.first().is_some_and(|letter| matches!(letter, 'o' | 'O'));
        let default = is_optional.then(|| Rc::from(Vec::new()));
        self.define(name, Macro { arguments: count, default, body });
        Ok(())
    }

    fn def(&mut self) -> Result<(), ReadError> {
        let Some(Token::Command(name)) = self.next() else { return Ok(()) };
        let mut count = 0;
        while !matches!(self.peek(), None | Some(Token::Open | Token::Close | Token::Paragraph)) {
            if let Some(Token::Parameter(number)) = self.next() {
                count = count.max(number);
            }
        }
        let body = self.argument()?.into();
        self.define(Some(name), Macro { arguments: count, default: None, body });
        Ok(())
    }

    fn alias(&mut self) -> Result<(), ReadError> {
        let name = self.defined_name()?;
        self.skip_spaces();
        self.next_is(&Token::Char('='));
        self.skip_spaces();
        let body: Rc<[Token]> = match self.peek() {
            Some(Token::Command(other)) => match self.macros.get(other) {
                Some(found) => {
                    let found = found.clone();
                    self.next();
                    self.define(name, found);
                    return Ok(());
                }
                None => self.next().into_iter().collect(),
            },
            Some(Token::Char(_)) => self.next().into_iter().collect(),
            _ => return Ok(()),
        };
        // A command that is kept under another name before it is redefined must not call itself.
        let is_itself = matches!((&*body, &name), ([Token::Command(other)], Some(name)) if other == name);
        if !is_itself {
            self.define(name, Macro { arguments: 0, default: None, body });
        }
        Ok(())
    }

    fn new_environment(&mut self) -> Result<(), ReadError> {
        self.next_is(&Token::Char('*'));
        let name = self.argument()?;
        let name = self.plain(&name);
        let begin = self.macro_body()?;
        let end = self.argument()?.into();
        self.environments.insert(name.into(), Environment { begin, end });
        Ok(())
    }

    fn define(&mut self, name: Option<Rc<str>>, found: Macro) {
        // What a section's heading looks like does not matter, that it is one does.
        let is_heading = |name: &str| found.arguments == 1 && heading(name).is_some();
        if let Some(name) = name.filter(|name| !OURS.contains(&&**name) && !is_heading(name)) {
            self.macros.insert(name, found);
        }
    }

    /// Puts a macro's text in its place, with the arguments that follow.
    pub(crate) fn expand(&mut self, found: &Macro) -> Result<(), ReadError> {
        let mut arguments: Vec<Vec<Token>> = Vec::new();
        if let Some(default) = &found.default
            && found.arguments > 0
        {
            arguments.push(self.option()?.unwrap_or_else(|| default.to_vec()));
        }
        while arguments.len() < usize::from(found.arguments) {
            let argument = self.argument()?;
            arguments.push(argument);
        }
        let mut text = Vec::with_capacity(found.body.len());
        for token in found.body.iter() {
            let argument = match token {
                Token::Parameter(number) => {
                    usize::from(*number).checked_sub(1).and_then(|at| arguments.get(at))
                }
                _ => None,
            };
            match argument {
                Some(argument) => text.extend_from_slice(argument),
                None => text.push(token.clone()),
            }
            // Checked on the way: an argument that is used a thousand times is large before it is put back.
            self.bear(text.len())?;
        }
        self.count_call(text.len())?;
        text.push(Token::Do(Act::EndMacro));
        self.put_back(text)
    }
}
