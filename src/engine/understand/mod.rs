//! `SourceText` into a resume or a posting.

pub mod posting;
