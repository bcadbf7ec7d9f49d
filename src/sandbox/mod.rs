//! Reads documents in a child process of this same program, so that no file can take the service down.
//!
//! The parent side feeds the bytes, keeps the time and bounds the answer; the child side limits itself
//! before it looks at the first byte. A file that kills its reader is an error of that file alone.

mod child;
mod confine;
mod message;
mod parent;

pub use crate::sandbox::child::{child_main, is_child};
pub use crate::sandbox::parent::{Reader, SandboxError};
