//! A posting from the lines of a page or file.
