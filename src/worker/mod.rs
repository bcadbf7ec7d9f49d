//! The handlers of our task kinds.
