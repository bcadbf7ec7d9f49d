//! How well bullets are written: the third number.
