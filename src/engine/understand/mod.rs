//! `SourceText` into a resume or a posting.
