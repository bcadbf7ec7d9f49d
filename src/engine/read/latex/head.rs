//! What resume classes are told about the person before the document begins: name, position, contacts.

use crate::domain::source::{LineKind, Part};
use crate::engine::read::error::ReadError;
use crate::engine::read::latex::lexer::{Act, Token};
use crate::engine::read::latex::machine::{Machine, is_blank};

/// The addresses of networks, before the person's name there.
const NETWORKS: &[(&str, &str)] = &[
    ("linkedin", "linkedin.com/in/"),
    ("github", "github.com/"),
    ("gitlab", "gitlab.com/"),
    ("bitbucket", "bitbucket.org/"),
    ("twitter", "twitter.com/"),
    ("x", "x.com/"),
    ("mastodon", ""),
    ("orcid", "orcid.org/"),
    ("stackoverflow", "stackoverflow.com/users/"),
    ("medium", "medium.com/@"),
    ("kaggle", "kaggle.com/"),
    ("googlescholar", "scholar.google.com/citations?user="),
    ("researchgate", "researchgate.net/profile/"),
    ("dblp", "dblp.org/pid/"),
    ("xing", "xing.com/profile/"),
];

/// What was said of the person, in the order that it is shown.
#[derive(Default)]
pub(crate) struct Head {
    headers: Vec<Vec<Token>>,
    names: Vec<Vec<Token>>,
    /// Positions, titles.
    labels: Vec<Vec<Token>>,
    contacts: Vec<Vec<Token>>,
}

/// Where a field of the head stands.
#[derive(Clone, Copy)]
enum Place {
    Header,
    Name,
    Label,
    Contact,
}

impl Machine {
    /// Takes a command that says something about the person; `false` when it is none.
    pub(crate) fn person(&mut self, name: &str) -> Result<bool, ReadError> {
        match name {
            "documentclass" => {
                self.skip_class(true)?;
            }
            "usepackage" | "RequirePackage" => {
                self.skip_class(false)?;
            }
            "name" | "cvname" | "firstname" | "familyname" | "lastname" | "author" => self.name(name)?,
            "title" | "position" | "tagline" | "jobtitle" | "cvtitle" | "headline" | "quote"
            | "cvtagline" => {
                let text = self.field()?;
                self.show(Place::Label, text)?;
            }
            "address" | "location" | "extrainfo" | "born" | "dateofbirth" | "nationality" | "mailaddress" => {
                let text = self.fields()?;
                self.show(Place::Contact, text)?;
            }
            "phone" | "mobile" | "telephone" | "fax" | "whatsapp" | "skype" => {
                let text = self.field()?;
                self.show(Place::Contact, text)?;
            }
            "email" => self.linked("mailto:")?,
            "homepage" | "website" | "webpage" => self.linked("https://")?,
            "social" => self.social()?,
            "lhead" | "chead" | "rhead" | "fancyhead" | "ihead" | "ohead" => {
                let text = self.field()?;
                self.show(Place::Header, text)?;
            }
            "lfoot" | "cfoot" | "rfoot" | "fancyfoot" | "ifoot" | "ofoot" => {
                let text = self.field()?;
                self.footers.push(text);
            }
            "fancyhf" | "fancyheadoffset" | "fancypagestyle" => {
                self.field()?;
            }
            _ => match NETWORKS.iter().find(|(network, _)| *network == name && name.len() > 1) {
                Some((_, address)) => self.profile(address)?,
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// The class and the packages say what some commands mean.
    fn skip_class(&mut self, is_class: bool) -> Result<(), ReadError> {
        self.skip_spaces();
        while let Some(options) = self.option()? {
            self.is_german |= self.plain(&options).contains("german");
        }
        let name = self.argument()?;
        self.is_awesome |= is_class && self.plain(&name).contains("awesome");
        Ok(())
    }

    fn field(&mut self) -> Result<Vec<Token>, ReadError> {
        self.next_is(&Token::Char('*'));
        self.skip_options()?;
        self.argument()
    }

    /// One field in several pairs of braces: street, city, country.
    fn fields(&mut self) -> Result<Vec<Token>, ReadError> {
        let mut text = self.field()?;
        while self.peek() == Some(&Token::Open) {
            let more = self.argument()?;
            if !is_blank(&more) {
                text.extend([Token::Char(','), Token::Space]);
                text.extend(more);
            }
        }
        Ok(text)
    }

    /// A name in one or two pairs of braces, or in two commands.
    fn name(&mut self, command: &str) -> Result<(), ReadError> {
        let mut text = self.field()?;
        while self.peek() == Some(&Token::Open) {
            text.push(Token::Space);
            text.extend(self.argument()?);
        }
        let last = self.head.names.last_mut().filter(|_| self.is_preamble);
        match last {
            Some(first) if matches!(command, "familyname" | "lastname") => {
                first.push(Token::Space);
                first.extend(text);
                Ok(())
            }
            _ => self.show(Place::Name, text),
        }
    }

    fn linked(&mut self, scheme: &str) -> Result<(), ReadError> {
        let text = self.field()?;
        let address = self.plain(&text);
        let address = if address.contains(':') { address } else { format!("{scheme}{address}") };
        self.show_link(address, text)
    }

    /// `\social[linkedin]{ada}`: the network is the option.
    fn social(&mut self) -> Result<(), ReadError> {
        let option = self.option()?.unwrap_or_default();
        let network = self.plain(&option).to_lowercase();
        match NETWORKS.iter().find(|(name, _)| *name == network) {
            Some((_, address)) => self.profile(address),
            None => {
                let text = self.fields()?;
                self.show(Place::Contact, text)
            }
        }
    }

    /// A profile as its address, which is what the class makes of the person's name there.
    fn profile(&mut self, site: &str) -> Result<(), ReadError> {
        let text = self.field()?;
        // Some networks have a number and a name to show for it.
        let shown = if self.peek() == Some(&Token::Open) { self.argument()? } else { Vec::new() };
        let account = self.plain(&text);
        let host = site.split('/').next().unwrap_or_default();
        let is_whole = site.is_empty() || account.contains(host) || account.contains("://");
        let address = if is_whole { account } else { format!("{site}{account}") };
        let mut words: Vec<Token> = address.chars().map(Token::Char).collect();
        if !is_blank(&shown) {
            words.extend([Token::Space, Token::Char('('), Token::Open]);
            words.extend(shown);
            words.extend([Token::Close, Token::Char(')')]);
        }
        let link = if address.contains("://") { address } else { format!("https://{address}") };
        self.show_link(link, words)
    }

    fn show_link(&mut self, address: String, text: Vec<Token>) -> Result<(), ReadError> {
        let link = self.writer.add_link(address);
        let mut linked = vec![Token::Do(Act::OpenLink(link))];
        linked.extend(text);
        linked.push(Token::Do(Act::Close));
        self.show(Place::Contact, linked)
    }

    /// Keeps a field for the head, or sets it right here once the document has begun.
    fn show(&mut self, place: Place, text: Vec<Token>) -> Result<(), ReadError> {
        if is_blank(&text) {
            return Ok(());
        }
        if !self.is_preamble {
            // On a line that has begun it is a part of that line.
            let is_inline = !matches!(place, Place::Header | Place::Name) && self.writer.is_open();
            return self.put_back(if is_inline { text } else { line(place, text) });
        }
        let field = match place {
            Place::Header => &mut self.head.headers,
            Place::Name => &mut self.head.names,
            Place::Label => &mut self.head.labels,
            Place::Contact => &mut self.head.contacts,
        };
        field.push(text);
        Ok(())
    }

    /// Sets what was said before the document began; classes do it by `\maketitle` and the like.
    pub(crate) fn show_head(&mut self) -> Result<(), ReadError> {
        self.is_preamble = false;
        let head = std::mem::take(&mut self.head);
        let places = [
            (Place::Header, head.headers),
            (Place::Name, head.names),
            (Place::Label, head.labels),
            (Place::Contact, head.contacts),
        ];
        let mut all: Vec<Token> = Vec::new();
        for (place, fields) in places {
            for text in fields {
                all.extend(line(place, text));
            }
        }
        if !all.is_empty() {
            all.push(Token::Do(Act::EndBlock));
        }
        self.put_back(all)
    }
}

/// A field as a line of its own.
fn line(place: Place, text: Vec<Token>) -> Vec<Token> {
    let mut out = match place {
        Place::Header => vec![Token::Do(Act::Enter(Part::Header)), Token::Open],
        _ => vec![Token::Do(Act::EndLine), Token::Open],
    };
    out.extend(text);
    out.push(Token::Close);
    match place {
        Place::Name => out.push(Token::Do(Act::EndLineAs(LineKind::Heading(1)))),
        Place::Header => out.push(Token::Do(Act::Enter(Part::Body))),
        Place::Label | Place::Contact => out.push(Token::Do(Act::EndLine)),
    }
    out
}
