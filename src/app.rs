//! What a process shares, built once.
