//! Bytes into `SourceText`: what a document says and where.
