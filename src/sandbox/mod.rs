//! Reading of untrusted bytes in a guarded child process of the same binary.
