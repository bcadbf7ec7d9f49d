//! A posting out of a page or a text: what is asked for, apart from everything else that it says.
//!
//! Imports `domain` and `engine::lexicon`. A posting's lines become items (headings, bullets, paragraphs), each
//! item gets a zone (asked for, welcome, duties, about us, benefits, legal …), and only what a zone or a phrase
//! asks for becomes a requirement.

mod clause;
mod facts;
mod html;
mod item;
mod json_ld;
mod phrase;
mod merge;
mod requirement;
mod salient;
mod words;
mod years;
mod zone;

use crate::domain::posting::{Posting, Requirement};
use crate::domain::source::SourceText;
use crate::engine::lexicon::{TermKind, lexicon};
use crate::engine::understand::posting::facts::Facts;
use crate::engine::understand::posting::item::{Item, items};
use crate::engine::understand::posting::phrase::Phrases;
use crate::engine::understand::posting::zone::{Zone, Zoned};

/// Fewer words than this tell nothing about a position.
const MIN_WORDS: usize = 25;
/// Terms that a posting names without asking for them; more would be noise.
const MAX_KEYWORDS: usize = 40;
/// Longest sign-in page; a posting that mentions an account is longer.
const MAX_LOGIN_WORDS: usize = 220;

/// What the user says about a posting; it wins over what the page says.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostingHints<'a> {
    /// The page that it came from.
    pub url: Option<&'a str>,
    /// The hiring organization.
    pub company: Option<&'a str>,
    /// The title of the position.
    pub title: Option<&'a str>,
}

/// Why a text is not taken for a posting, as a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostingError {
    /// Nothing to understand.
    #[error("A posting needs {MIN_WORDS} words or more to say what it asks for; this one has {words}.")]
    TooShort {
        /// Words found.
        words: usize,
    },
    /// The site wants an account before it shows the posting.
    #[error("This address leads to a sign-in page, not to a posting; paste the posting's text instead.")]
    LoginPage,
    /// The page is made by scripts in a browser.
    #[error(
        "This page shows its text only in a browser that runs scripts; paste the posting's text instead."
    )]
    NeedsBrowser,
    /// Words, but none about a position.
    #[error("Nothing in this text says what a position asks for; give the posting itself.")]
    NotAPosting,
}

impl PostingError {
    /// The stable name of this error in answers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "posting_too_short",
            Self::LoginPage => "posting_is_login_page",
            Self::NeedsBrowser | Self::NotAPosting => "posting_unreadable",
        }
    }
}

/// What a posting asks for.
///
/// # Errors
///
/// When the text is too short, a sign-in page, or not about a position at all.
pub fn understand(source: &SourceText, hints: &PostingHints<'_>) -> Result<Posting, PostingError> {
    let described = json_ld::job_posting(&source.structured);
    let items = match described.as_ref().map(|found| items_of_description(&found.description)) {
        Some(described_items) if words_in(&described_items) >= MIN_WORDS => described_items,
        _ => items(source),
    };
    refuse_other_pages(&items, described.is_some())?;
    let zoned = zone::zoned(&items);
    let requirements = requirement::requirements(&zoned);
    let facts = Facts::of(source, described.as_ref(), &items, hints);
    if requirements.is_empty() && facts.title.is_none() && !speaks_of_work(&items) {
        return Err(PostingError::NotAPosting);
    }
    let mut notes = Vec::new();
    if requirements.is_empty() {
        notes.push("The posting does not say what it asks for; its words were compared instead.".to_owned());
    }
    if facts.title.is_none() {
        notes.push("The posting does not name its position; give the title to compare it too.".to_owned());
    }
    Ok(Posting {
        keywords: keywords(&zoned, facts.title.as_deref(), &requirements),
        title: facts.title,
        company: facts.company,
        location: facts.location,
        employment_type: facts.employment_type,
        url: hints.url.map(str::to_owned),
        text: items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join("\n"),
        requirements,
        notes,
    })
}

fn items_of_description(description: &str) -> Vec<Item> {
    item::items_of_lines(&html::lines(description))
}

fn words_in(items: &[Item]) -> usize {
    items.iter().map(|item| item.text.split_whitespace().filter(|word| has_letter(word)).count()).sum()
}

fn has_letter(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

fn refuse_other_pages(items: &[Item], is_described: bool) -> Result<(), PostingError> {
    let words = words_in(items);
    let text: String = items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(" \n ");
    let phrases = Phrases::of(&text);
    if !is_described && words <= MAX_LOGIN_WORDS && is_login_page(&phrases) {
        return Err(PostingError::LoginPage);
    }
    if !is_described && words <= MAX_LOGIN_WORDS && needs_browser(&phrases) {
        return Err(PostingError::NeedsBrowser);
    }
    if words < MIN_WORDS { Err(PostingError::TooShort { words }) } else { Ok(()) }
}

fn is_login_page(page: &Phrases) -> bool {
    let asks_password = page.has_any(&["password", "passwort", "mot de passe", "contraseña"]);
    let signs = [
        page.has_any(&["sign in", "log in", "login", "signin", "anmelden", "se connecter", "iniciar sesión"]),
        page.has_any(&["forgot password", "forgot your password", "reset password", "reset your password"]),
        page.has_any(&["create account", "create an account", "sign up", "join now", "register", "new to"]),
        page.has_any(&["remember me", "keep me logged in", "stay signed in", "keep me signed in"]),
        page.has_any(&[
            "continue with google",
            "sign in with google",
            "sign in with apple",
            "continue with apple",
        ]),
        page.has_any(&[
            "email address",
            "email or phone",
            "e mail address",
            "username",
            "user name",
            "your email",
        ]),
    ];
    let signs = signs.into_iter().filter(|sign| *sign).count();
    let asks_to_enter = page.has_any(&[
        "sign in to view",
        "sign in to continue",
        "log in to continue",
        "log in to view",
        "login to continue",
        "please sign in",
        "please log in",
        "you must be logged in",
        "you need to sign in",
        "sign in to see",
    ]);
    (asks_password || asks_to_enter) && signs >= 2
}

fn needs_browser(page: &Phrases) -> bool {
    page.has_any(&[
        "enable javascript",
        "javascript is disabled",
        "javascript is required",
        "requires javascript",
        "javascript to run this app",
        "turn on javascript",
        "checking your browser",
        "verify you are human",
        "verify you are a human",
        "enable cookies",
        "unusual traffic",
        "are you a robot",
        "just a moment",
    ])
}

fn speaks_of_work(items: &[Item]) -> bool {
    items.iter().any(|item| {
        Phrases::of(&item.text).has_any(&[
            "job*",
            "position*",
            "role*",
            "candidate*",
            "applicant*",
            "hiring",
            "vacanc*",
            "salary",
            "career*",
            "responsibilit*",
            "stelle*",
            "poste",
            "puesto",
            "experience",
            "you will",
            "you'll",
            "recruit*",
        ])
    })
}

/// Terms of the posting that nothing asks for, in its order.
fn keywords(zoned: &[Zoned<'_>], title: Option<&str>, requirements: &[Requirement]) -> Vec<String> {
    let asked: Vec<&str> =
        requirements.iter().flat_map(|requirement| requirement.terms.iter().map(String::as_str)).collect();
    let told = zoned
        .iter()
        .filter(|item| {
            !matches!(item.zone, Zone::Benefits | Zone::Legal | Zone::Apply) && !item.is_boilerplate()
        })
        .map(|item| item.item.text.as_str());
    let mut found: Vec<String> = Vec::new();
    for text in title.into_iter().chain(told) {
        for mention in lexicon().mentions(text) {
            let name = lexicon().name(mention.term);
            let counts = matches!(
                lexicon().kind(mention.term),
                TermKind::Tool | TermKind::Skill | TermKind::Knowledge | TermKind::Certificate
            );
            if counts && !asked.contains(&name) && !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
    }
    found.truncate(MAX_KEYWORDS);
    found
}

#[cfg(test)]
mod tests;
