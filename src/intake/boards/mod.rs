//! Job boards that give a posting as data: cleaner than their pages, which often are programs for browsers.
//!
//! A board is one file: which pages are its own, where their data is, and how the data becomes an [`Advert`].
//! Every field of an answer may be missing. To add a board, write its file and name it in `BOARDS`.

mod advert;
mod ashby;
mod greenhouse;
mod lever;
mod recruitee;
mod smartrecruiters;
mod workable;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use tracing::warn;
use url::Url;

use crate::intake::boards::advert::Advert;
use crate::intake::error::IntakeError;
use crate::intake::guard::parse;

/// All boards, in the order in which a page is offered to them.
static BOARDS: &[&Board] = &[
    &greenhouse::BOARD,
    &lever::BOARD,
    &ashby::BOARD,
    &smartrecruiters::BOARD,
    &workable::BOARD,
    &recruitee::BOARD,
];

/// Longest name of a company or posting in an address.
const MAX_NAME_BYTES: usize = 120;

/// A board.
pub(crate) struct Board {
    /// Its key in `intake.board_base_urls`.
    name: &'static str,
    /// The posting that a page of this board shows.
    find: fn(&Url) -> Option<Posting>,
    /// The posting out of the board's answer; none when it is not in there or says nothing.
    read: fn(&Value, &Posting) -> Option<Advert>,
}

/// A posting as its board knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posting {
    /// Scheme and host of the data, where the settings name no other.
    base: String,
    path: String,
    query: &'static str,
    /// The company's name in addresses.
    company: String,
    id: String,
    /// Whether a 404 is about this very posting, and not about a company that hides its list.
    is_alone: bool,
}

/// A posting together with its board.
pub(crate) struct Found {
    board: &'static Board,
    posting: Posting,
}

/// The boards with the addresses that the settings give them.
#[derive(Debug)]
pub(crate) struct Boards {
    bases: BTreeMap<String, Url>,
}

impl Boards {
    /// The boards, some of them at other addresses than the public ones.
    pub(crate) fn new(base_urls: &BTreeMap<String, String>) -> Result<Self, IntakeError> {
        let mut bases = BTreeMap::new();
        for (name, address) in base_urls {
            let base = parse(address).map_err(|_| {
                IntakeError::Setup(format!(
                    "intake.board_base_urls.{name} has to be an http or https address without a password"
                ))
            })?;
            if !BOARDS.iter().any(|board| board.name == name) {
                warn!(board = %name, "intake.board_base_urls names a board that is not known");
            }
            bases.insert(name.clone(), base);
        }
        Ok(Self { bases })
    }

    /// The address of a posting's data.
    pub(crate) fn address(&self, found: &Found) -> Option<Url> {
        let Posting { base, path, query, .. } = &found.posting;
        let mut address = match self.bases.get(found.board.name) {
            Some(base) => base.clone(),
            None => Url::parse(base).ok()?,
        };
        // A base may hold the beginning of the path already.
        let prefix = address.path().trim_end_matches('/');
        let path =
            if path.starts_with(&format!("{prefix}/")) { path.clone() } else { format!("{prefix}{path}") };
        address.set_path(&path);
        address.set_query(Some(query).filter(|query| !query.is_empty()).copied());
        Some(address)
    }
}

impl Found {
    /// Whether a 404 says that this posting is gone.
    pub(crate) fn is_alone(&self) -> bool {
        self.posting.is_alone
    }

    /// A page out of the board's answer: the posting as JSON-LD, and its description to read.
    pub(crate) fn page(&self, answer: &[u8]) -> Option<Bytes> {
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let advert = (self.board.read)(&answer, &self.posting)?;
        advert.says_anything().then(|| Bytes::from(advert.to_page()))
    }
}

/// The posting on a board that this address shows.
pub(crate) fn find(page: &Url) -> Option<Found> {
    // Another port is another server, whatever its name.
    if page.port().is_some() {
        return None;
    }
    BOARDS.iter().find_map(|board| (board.find)(page).map(|posting| Found { board, posting }))
}

/// The posting on a board that a company's own page shows in a frame.
pub(crate) fn embedded(page: &Url, html: &[u8]) -> Option<Found> {
    let posting = greenhouse::embedded(page, html)?;
    Some(Found { board: &greenhouse::BOARD, posting })
}

/// The parts of an address's path.
fn segments(page: &Url) -> Vec<&str> {
    page.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).collect()
}

/// A part of an address that can go into another one and stay one part there.
fn is_name(segment: &str) -> bool {
    let plain = segment.replace("%20", "");
    !plain.is_empty()
        && segment.len() <= MAX_NAME_BYTES
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && plain.bytes().any(|byte| byte != b'.')
}

/// The text at this place, if there is any.
fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn is_true(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
}

/// The list at this place; nothing counts as an empty one.
fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether a place of work that is one word says "remote".
fn is_remote_word(value: &Value, pointer: &str) -> bool {
    text(value, pointer).is_some_and(|word| word.eq_ignore_ascii_case("remote"))
}

/// Several texts of one place, such as city, region and country.
fn place(value: &Value, pointers: &[&str]) -> Option<String> {
    let parts: Vec<String> = pointers.iter().filter_map(|pointer| text(value, pointer)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests;
