//! Edits that would make a resume answer a posting better.
