//! `openapi`: the description of the API that the service answers at `/openapi.json`.

use crate::cli::failure::Failure;
use crate::cli::output;
use crate::http::openapi;

/// Prints the document.
pub(crate) fn run() -> Result<(), Failure> {
    output::text(&(openapi::document() + "\n"))
}
