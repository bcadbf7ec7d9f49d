//! A resume into documents.
