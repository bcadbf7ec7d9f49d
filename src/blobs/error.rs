//! Why bytes could not be kept or read, in sentences that name the mend.

use std::error::Error;
use std::io;

/// What an operator looks at when a folder does not take files.
pub(in crate::blobs) const MEND_FOLDER: &str = "check that data_dir is mounted, may be written and has room";
/// The same when a bucket is not reached.
pub(in crate::blobs) const MEND_AWAY: &str =
    "check storage.s3_endpoint and the network and, where no key is set, the role of this machine";
/// The same when a bucket is closed to us.
const MEND_KEY: &str = "check storage.s3_access_key_id and storage.s3_secret_access_key, or the role of this machine, and \
                        what they may do in storage.s3_bucket";
/// The same when it is not there, or not as asked for.
const MEND_BUCKET: &str = "check storage.s3_bucket, storage.s3_region and storage.s3_endpoint";
/// Characters of what a store said that are repeated: it may be a page of somebody else's.
const MAX_REASON: usize = 600;

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder can't be made.
    #[error(
        "The folder {folder} for uploaded files can't be made: {source}; set data_dir to a folder that can be written."
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// What is configured can't be used.
    #[error("The file store can't be set up: {0}.")]
    Setup(String),
    /// There are no such bytes.
    #[error("The uploaded file is not in the store any more; upload it again.")]
    Missing,
    /// The bytes are not those that were uploaded.
    #[error("The uploaded file was damaged in the store; upload it again.")]
    Damaged,
    /// The bytes are encrypted, and the key is not here.
    #[error(
        "A stored file is encrypted with another key (number {key}) than storage.encryption_key and \
         storage.previous_encryption_key; set one of them to the key that it was encrypted with."
    )]
    Locked {
        /// By what the header tells the key from others.
        key: String,
    },
    /// The bytes are kept as this version can't read them.
    #[error("A stored file was encrypted by a newer version of this program; run that one.")]
    Newer,
    /// Bytes are to be kept at a path that no bytes of ours have.
    #[error("{path:?} is no path of an uploaded file; take it from where the file was listed.")]
    NotOurs {
        /// What was given.
        path: String,
    },
    /// Bytes are to be kept under the name of others.
    #[error(
        "The bytes for {path} are not those that its name says; take both from the same copy of the store."
    )]
    OtherBytes {
        /// Where they should be kept.
        path: String,
    },
    /// The store said no, and will say so until its operator has mended something.
    #[error("The file store refused: {reason}; {mend}.")]
    Refused {
        /// What it said.
        reason: String,
        /// What to look at.
        mend: &'static str,
    },
    /// The store did not answer, or could not do it now.
    #[error("The file store did not do it: {reason}; {mend}.")]
    Away {
        /// What is known of it.
        reason: String,
        /// What to look at.
        mend: &'static str,
    },
}

impl BlobError {
    /// Whether the same call may succeed later: once the store answers again, or its operator has mended what is wrong.
    /// No fault of the file.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.is_for_operator() || matches!(self, Self::Away { .. })
    }

    /// Whether it stays so until an operator does something.
    #[must_use]
    pub fn is_for_operator(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Locked { .. } | Self::Newer)
    }
}

/// What a folder said.
pub(in crate::blobs) fn of_folder(error: &(dyn Error + 'static)) -> BlobError {
    BlobError::Away { reason: reason(error), mend: MEND_FOLDER }
}

/// What a bucket said.
pub(in crate::blobs) fn of_bucket(error: &object_store::Error) -> BlobError {
    let reason = reason(error);
    let status = reason.split_once("status code: ").and_then(|(_, rest)| rest.get(..3)?.parse::<u16>().ok());
    match (error, status) {
        (object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. }, _) => {
            BlobError::Refused { reason, mend: MEND_KEY }
        }
        // Asked for too much at once, or too slowly.
        (_, Some(408 | 429)) => BlobError::Away { reason, mend: MEND_AWAY },
        (_, Some(300..=499)) => BlobError::Refused { reason, mend: MEND_BUCKET },
        _ => BlobError::Away { reason, mend: MEND_AWAY },
    }
}

/// Whether it says that there are no such bytes, rather than that there is no such bucket.
pub(in crate::blobs) fn is_missing(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { source, .. } if !source.to_string().contains("NoSuchBucket"))
}

/// What is known of an error, on one line, with its causes. Of an answer in XML the code and the message alone: the rest
/// repeats the request with the names of keys in it.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    let body = ["<?xml", "<Error"].iter().filter_map(|start| text.find(start)).min();
    let text = match body.and_then(|at| text.split_at_checked(at)) {
        Some((head, body)) => {
            let said: Vec<&str> = ["Code", "Message"].iter().filter_map(|name| element(body, name)).collect();
            format!("{}{}", head, said.join(": "))
        }
        None => text,
    };
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect();
    line.trim().trim_end_matches([':', '.']).to_owned()
}

/// What stands in an element of that name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use object_store::Error;

    use crate::blobs::BlobError;
    use crate::blobs::error::{is_missing, of_bucket};

    /// As Amazon answers a request with a wrong signature.
    const SIGNATURE: &str = "Error performing PUT https://s3.eu-north-1.amazonaws.com/b/k in 3ms - Server returned \
        non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code>\
        <Message>Check your key and signing method.</Message><AWSAccessKeyId>AKIAHUNTER</AWSAccessKeyId>\
        <StringToSign>AWS4-HMAC-SHA256\n20260101</StringToSign></Error>";

    fn status(status: &str) -> Error {
        let said = format!(
            "Error performing PUT http://s3/b/k in 3ms - Server returned non-2xx status code: {status}: "
        );
        Error::Generic { store: "S3", source: said.into() }
    }

    #[test]
    fn a_refusal_says_why_and_repeats_no_names_of_keys() {
        let error = of_bucket(&Error::PermissionDenied { path: "k".to_owned(), source: SIGNATURE.into() });
        let text = error.to_string();
        assert!(error.is_for_operator() && error.is_transient(), "{text}");
        assert!(
            text.contains("403 Forbidden: SignatureDoesNotMatch: Check your key and signing method"),
            "{text}"
        );
        assert!(text.contains("storage.s3_secret_access_key") && !text.contains('\n'), "{text}");
        assert!(!text.contains("AKIAHUNTER") && !text.contains("AWS4"), "{text}");
    }

    #[test]
    fn what_only_an_operator_mends_is_told_from_what_passes() {
        for (said, is_for_operator) in [
            ("400 Bad Request", true),
            ("301 Moved Permanently", true),
            ("404 Not Found", true),
            ("429 Too Many Requests", false),
            ("500 Internal Server Error", false),
            ("503 Service Unavailable", false),
        ] {
            let error = of_bucket(&status(said));
            assert_eq!(error.is_for_operator(), is_for_operator, "{error}");
            assert!(error.is_transient());
        }
        let away = of_bucket(&Error::Generic { store: "S3", source: "connection refused".into() });
        assert!(
            matches!(&away, BlobError::Away { reason, .. } if reason.contains("connection refused")),
            "{away}"
        );
    }

    #[test]
    fn a_bucket_that_is_not_there_is_no_file_that_is_missing() {
        let missing = |code: &str| {
            let said = format!("status code: 404 Not Found: <Error><Code>{code}</Code></Error>");
            Error::NotFound { path: "k".to_owned(), source: said.into() }
        };
        assert!(is_missing(&missing("NoSuchKey")) && !is_missing(&missing("NoSuchBucket")));
        let error = of_bucket(&missing("NoSuchBucket"));
        assert!(error.is_for_operator() && error.to_string().contains("storage.s3_bucket"), "{error}");
    }
}
