//! HTTP: the JSON API, the web pages and the events. Translates; decides nothing.
//!
//! `server` is the readable list of what every request passes and where it goes; `api` has one file a route of
//! the JSON API, `web` one a page; `problem` alone turns errors into status codes. Sees `service`, never what is below it.

mod context;
mod problem;
mod edge;
mod limits;
mod extract;
mod form;
mod client;
mod caller;
mod download;
mod streams;
mod turns;
mod events;
mod assets;
mod operations;
pub mod openapi;
mod api;
mod web;
mod server;

pub use server::{serve, serve_operations};
