//! Content-addressed files over object_store.
