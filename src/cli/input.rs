//! What the commands work on: a resume and a posting, from files, the standard input or the web.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::Utc;

use crate::cli::failure::Failure;
use crate::config::Config;
use crate::engine::read::ReadError;
use crate::pipeline::{Hints, Order, PipelineError, PostingSource};

/// A resume and a posting, as arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Pair {
    /// The resume: a PDF, DOCX, ODT, RTF, HTML, Markdown, LaTeX, text or JSON Resume file
    resume: PathBuf,
    /// The posting: a file, the address of its page, or - for the standard input
    #[arg(long, value_name = "FILE|URL|-")]
    posting: String,
    /// The hiring organization [default: as the posting says]
    #[arg(long, value_name = "NAME")]
    company: Option<String>,
    /// The title of the position [default: as the posting says]
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
}

impl Pair {
    /// The resume's path.
    pub(crate) fn resume(&self) -> &Path {
        &self.resume
    }

    /// The path of the posting, when it is a file.
    pub(crate) fn posting_file(&self) -> Option<&Path> {
        let is_file = self.posting != "-" && !self.posting.contains("://");
        is_file.then(|| Path::new(&self.posting))
    }

    /// The company as given.
    pub(crate) fn company(&self) -> Option<&str> {
        self.company.as_deref()
    }

    /// Reads both.
    pub(crate) fn order(&self, config: &Config, template: Option<String>) -> Result<Order, Failure> {
        let resume = file(&self.resume, config.files.max_bytes)?;
        let posting = if self.posting == "-" {
            let bytes = bounded(io::stdin().lock(), config.files.max_bytes).map_err(|error| {
                Failure::failed(format!("The posting on the standard input cannot be read: {error}."))
            })?;
            PostingSource::Document { bytes: bytes.into(), filename: "posting.txt".to_owned() }
        } else if self.posting.trim().is_empty() {
            return Err(Failure::Usage("--posting takes a file, an address or -, and was empty.".to_owned()));
        } else if let Some(path) = self.posting_file() {
            PostingSource::Document { bytes: file(path, config.files.max_bytes)?, filename: name(path) }
        } else {
            PostingSource::Address { url: self.posting.clone(), again: false }
        };
        Ok(Order {
            resume,
            filename: name(&self.resume),
            corrected: None,
            posting,
            hints: Hints { company: self.company.clone(), title: self.title.clone() },
            template,
            as_of: Utc::now().date_naive(),
        })
    }

    /// What went wrong, with the input that it went wrong with.
    pub(crate) fn blame(&self, error: &PipelineError) -> Failure {
        match error.root() {
            PipelineError::Resume(_) => blame(&self.resume, error),
            PipelineError::PostingDocument(_) | PipelineError::Posting(_) if self.posting == "-" => {
                Failure::failed(format!("The standard input: {error}"))
            }
            PipelineError::PostingDocument(_) | PipelineError::Posting(_) => {
                Failure::failed(format!("{}: {error}", self.posting))
            }
            error => Failure::failed(error),
        }
    }
}

/// What went wrong with this file.
pub(crate) fn blame(path: &Path, error: &PipelineError) -> Failure {
    Failure::failed(format!("{}: {error}", path.display()))
}

/// A file's bytes.
pub(crate) fn file(path: &Path, limit: u64) -> Result<Bytes, Failure> {
    let read = File::open(path).and_then(|file| {
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        Ok((about.len(), bounded(file, limit)?))
    });
    let (size, bytes) = read.map_err(|error| {
        Failure::failed(format!(
            "{} cannot be read: {error}; check the path and its permissions.",
            path.display()
        ))
    })?;
    // Said here, where the whole size is known: the reader sees no more than it may.
    if size > limit {
        let error = ReadError::TooLarge { bytes: size, limit };
        return Err(Failure::failed(format!("{}: {error}", path.display())));
    }
    Ok(bytes.into())
}

/// A file's name, which decides between kinds of text.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// One byte more than allowed at most: the reader then says that it is too large.
fn bounded(input: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
