//! The configuration as the command line finds it: the named file or `config.toml` here, and the environment.

use std::env;
use std::path::Path;

use tokio::runtime::Runtime;

use crate::cli::failure::Failure;
use crate::config::{Config, Flag, Layers};

/// The layers in force for this process.
pub(crate) fn layers(file: Option<&Path>, flags: &[Flag]) -> Result<Layers, Failure> {
    let here = Path::new("config.toml");
    let file = file.or_else(|| here.is_file().then_some(here));
    // Names and values that are not Unicode cannot be ours.
    let env = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Layers::read(file, env, flags)?)
}

/// The configuration in force for this process.
pub(crate) fn config(file: Option<&Path>, flags: &[Flag]) -> Result<Config, Failure> {
    Ok(layers(file, flags)?.config()?)
}

/// What asynchronous work runs on.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new()
        .map_err(|error| Failure::failed(format!("The system gives no threads to work with: {error}.")))
}
