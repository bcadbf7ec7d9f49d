//! Why a posting was not fetched, each as a sentence for the person who gave its address.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a posting was not fetched. No message carries more of an address than its host.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntakeError {
    /// Not the address of a page, whatever the net says.
    #[error("This is not the address of a page on the web: {reason}; paste the posting's text instead.")]
    InvalidUrl {
        /// What is wrong, as half a sentence.
        reason: String,
    },
    /// A host, or one of its addresses, that is not public.
    #[error(
        "{host} is not on the public internet, and only public pages are fetched; paste the posting's text instead."
    )]
    AddressNotAllowed {
        /// The host of the address.
        host: String,
    },
    /// A redirect that leads where no address may.
    #[error("{host} sends on to an address that is not a public page; paste the posting's text instead.")]
    RedirectNotAllowed {
        /// The host that was asked; where it leads to is nobody's business.
        host: String,
    },
    /// 404 or 410.
    #[error(
        "{host} has no posting at this address (any more); check the address, or paste the posting's text instead."
    )]
    NotFound {
        /// The host of the address.
        host: String,
    },
    /// 401, 403 and the like: an account is asked for, or programs are kept out.
    #[error("{host} does not show this posting without signing in; paste the posting's text instead.")]
    Forbidden {
        /// The host of the address.
        host: String,
    },
    /// No answer, or half of one.
    #[error("{host} could not be reached: {reason}; try again later, or paste the posting's text instead.")]
    Unreachable {
        /// The host of the address.
        host: String,
        /// What happened, as half a sentence.
        reason: String,
    },
    /// Any other status than success.
    #[error("{host} answered with status {status} instead of the posting; paste the posting's text instead.")]
    Answered {
        /// The host of the address.
        host: String,
        /// The status code.
        status: u16,
    },
    /// More bytes than the limit, compressed or not.
    #[error(
        "The page at {host} is larger than {}, which is the limit; paste the posting's text instead.",
        size(*.limit)
    )]
    TooLarge {
        /// The host of the address.
        host: String,
        /// The most bytes taken.
        limit: usize,
    },
    /// A picture, a program, an archive …
    #[error(
        "{host} answered with {content_type}, not with a page, a text, a PDF, a DOCX, an ODT or an RTF; paste the posting's text instead."
    )]
    UnsupportedType {
        /// The host of the address.
        host: String,
        /// What it said that it is.
        content_type: String,
    },
    /// More redirects than the limit, or a circle of them.
    #[error("{host} sends on more than {limit} times; paste the posting's text instead.")]
    TooManyRedirects {
        /// The host of the address.
        host: String,
        /// The most redirects followed.
        limit: usize,
    },
    /// The settings of `[intake]` cannot be used. For the operator, at the start.
    #[error("Postings cannot be fetched: {0}.")]
    Setup(String),
}

impl IntakeError {
    /// The stable code of the error, as the API answers it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidUrl { .. } => "invalid_url",
            Self::AddressNotAllowed { .. } | Self::RedirectNotAllowed { .. } => "address_not_allowed",
            Self::NotFound { .. } => "posting_not_found",
            Self::Forbidden { .. } => "posting_forbidden",
            Self::Unreachable { .. } | Self::Answered { .. } => "posting_unreachable",
            Self::TooLarge { .. } => "posting_too_large",
            Self::UnsupportedType { .. } => "posting_unsupported_type",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::Setup(_) => "internal_error",
        }
    }

    /// Whether the same address may answer later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            // Too early, too many, or the server's own trouble; another refusal stays one.
            Self::Answered { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    pub(crate) fn unreachable(host: &str, reason: &str) -> Self {
        Self::Unreachable { host: host.to_owned(), reason: reason.to_owned() }
    }
}

/// A limit as people write it.
fn size(bytes: usize) -> String {
    const KIB: usize = 1 << 10;
    const MIB: usize = 1 << 20;
    match bytes {
        bytes if bytes >= MIB && bytes % MIB == 0 => format!("{} MiB", bytes / MIB),
        bytes if bytes >= KIB => format!("{} KiB", bytes / KIB),
        bytes => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use crate::intake::error::{IntakeError, size};

    #[test]
    fn a_limit_is_said_as_people_write_it() {
        assert_eq!(size(2 << 20), "2 MiB");
        assert_eq!(size(100 << 10), "100 KiB");
        assert_eq!(size(512), "512 bytes");
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        let answered = |status| IntakeError::Answered { host: "a.example".to_owned(), status };
        for status in [408, 429, 500, 503] {
            assert!(answered(status).is_transient(), "{status}");
        }
        for status in [400, 204, 418, 600] {
            assert!(!answered(status).is_transient(), "{status}");
        }
        assert!(IntakeError::unreachable("a.example", "it is away").is_transient());
        assert!(!IntakeError::NotFound { host: "a.example".to_owned() }.is_transient());
    }
}
