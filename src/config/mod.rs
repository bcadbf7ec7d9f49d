//! The effective configuration: a typed tree, defaults under `config.toml` under environment under flags.
