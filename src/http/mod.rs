//! HTTP: the JSON API, the web pages and the events. Translates; decides nothing.
