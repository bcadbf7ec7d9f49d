//! What a person can ask for: one function, one use case, one transaction.
