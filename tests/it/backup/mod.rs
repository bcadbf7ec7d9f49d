//! Everything in one archive, and back: beside a working service, on both databases and from one to the other.

mod archive;
mod exact;
mod load;
mod parts;
mod refusals;
mod restore;
