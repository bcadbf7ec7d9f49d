//! Names of what is kept: whose it is, what it is, which version of the program made it.

use uuid::Uuid;

/// What is kept; each kind lives for its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What was read of an uploaded file.
    Reading,
    /// A rendered document.
    Document,
    /// What was read of a posting's page.
    Posting,
}

/// Whose it is. What is an account's is forgotten with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space(String);

/// The name of one thing that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(in crate::cache) kind: Kind,
    pub(in crate::cache) text: String,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Document => "document",
            Self::Posting => "posting",
        }
    }
}

impl Space {
    /// One account's.
    #[must_use]
    pub fn of_account(id: Uuid) -> Self {
        Self(format!("account/{id}/"))
    }

    /// What is the same for everybody.
    #[must_use]
    pub fn of_all() -> Self {
        Self("all/".to_owned())
    }

    /// The name of something in it. `version` is that of whatever makes the value: another one is another name, so that
    /// two versions of the program share a Redis and never each other's values.
    #[must_use]
    pub fn key(&self, kind: Kind, version: &str, name: &str) -> Key {
        Key { kind, text: format!("{}{}/{version}/{name}", self.0, kind.name()) }
    }

    /// How the names of everything in it begin.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0
    }
}

impl Key {
    /// The name as a text; those of which it is a beginning can be
    /// [forgotten together](crate::cache::Cache::forget_all).
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.text
    }
}
