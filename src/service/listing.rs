//! Which page of a list is wanted, as a caller says it.

use crate::service::ServiceError;
use crate::store::{Cursor, PageRequest};

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// Entries wanted, 1 to 100.
    pub limit: u32,
    /// Where the page before ended, as it was told.
    pub cursor: Option<&'a str>,
}

impl Listing<'_> {
    pub(crate) fn page(self) -> Result<PageRequest, ServiceError> {
        let after = self.cursor.map(|text| Cursor::parse(text).ok_or_else(refused)).transpose()?;
        Ok(PageRequest { limit: self.limit, after })
    }
}

fn refused() -> ServiceError {
    ServiceError::invalid_field("cursor", "This is not the next_cursor of a page; begin without one.")
}
