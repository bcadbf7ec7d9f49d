//! `SourceText` into a resume or a posting.

pub mod posting;
pub mod readability;
pub mod resume;
