//! The fact gate: no edit claims what the source does not support.
