//! Names of hosts to addresses: by the system, or by whoever stands in for it.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;

use async_trait::async_trait;
use tokio::net::lookup_host;

/// Who knows the addresses of a name.
#[async_trait]
pub(crate) trait Names: Debug + Send + Sync {
    /// All addresses of a host, with this port; a dot ends a name that is not to be looked for below other names.
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// The resolver of the system.
#[derive(Debug)]
pub(crate) struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }
}
