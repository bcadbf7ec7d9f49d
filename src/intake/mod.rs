//! A posting by its address: guarded fetch, then the page as text.
