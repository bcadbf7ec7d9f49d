//! The engine: pure functions from typed values to typed values, stage after stage.
//!
//! No I/O, no clock, no async; time comes in as `as_of`. Imports `domain` alone. Stages import `domain`,
//! `lexicon`, `words`, `places`, `statement` and `titles`, never each other; only `optimize` sees them all.

pub mod lexicon;
pub mod words;
pub mod places;
pub mod statement;
pub mod titles;
pub mod read;
pub mod understand;
pub mod matching;
pub mod writing;
pub mod tailor;
pub mod verify;
pub mod render;
pub mod optimize;
