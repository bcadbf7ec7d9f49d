//! `health`: asks the service of this machine how it is, for whoever looks after a container.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::{output, settings};
use crate::config::Config;

/// How long it may take to connect, and to answer. Whether it is ready is found out within four seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer; ours has some hundred.
const ANSWER_BYTES: u64 = 16_384;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ask whether it takes requests, not only whether it lives
    #[arg(long)]
    ready: bool,
}

/// Asks the service that runs here with this configuration.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let path = if args.ready { "/ready" } else { "/health" };
    let addresses = addresses(&config);
    let mut problem = String::new();
    for address in &addresses {
        match ask(*address, path) {
            Ok(Answer { status: 200, .. }) => return output::text("ok\n"),
            Ok(answer) => return Err(Failure::failed(answer.complaint(*address, path))),
            Err(error) => problem = format!("http://{address}{path} does not answer: {error}"),
        }
    }
    if addresses.is_empty() {
        "There is no address to ask".clone_into(&mut problem);
    }
    Err(Failure::failed(format!(
        "{problem}; check that the service runs, and that server.host and server.port, or worker.listen for a worker, are \
         those that it was started with."
    )))
}

struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    /// What it says of itself, with its reasons.
    fn complaint(&self, address: SocketAddr, path: &str) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let reasons = body.get("reasons").and_then(Value::as_array).into_iter().flatten();
        let reasons: Vec<&str> = reasons.filter_map(Value::as_str).collect();
        if reasons.is_empty() {
            return format!("http://{address}{path} answers with status {}.", self.status);
        }
        format!("http://{address}{path} answers with status {}: {}", self.status, reasons.join(" "))
    }
}

/// Where a service with this configuration answers: the server, else what a worker by itself listens on.
fn addresses(config: &Config) -> Vec<SocketAddr> {
    let server = config.server_address().to_socket_addrs().into_iter().flatten();
    // A service that took any free port can't be found.
    let server = server.filter(|address| address.port() != 0);
    server.chain(config.worker.listen.parse().ok()).map(reachable).collect()
}

/// Who listens on every address of the machine answers on its own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// One request of our own server, which needs no more of HTTP than this: no TLS, nobody to be sent on to.
fn ask(address: SocketAddr, path: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("what listens there speaks no HTTP"))?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    Ok(Answer { status, body })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::cli::health::addresses;
    use crate::config::Config;

    #[track_caller]
    fn check(host: &str, port: u16, worker: &str, expected: &[&str]) {
        let mut config = Config::defaults().unwrap();
        host.clone_into(&mut config.server.host);
        config.server.port = port;
        worker.clone_into(&mut config.worker.listen);
        let found: Vec<String> = addresses(&config).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_service_is_asked_where_it_listens() {
        check("127.0.0.1", 8000, "", &["127.0.0.1:8000"]);
        check("0.0.0.0", 8000, "0.0.0.0:9000", &["127.0.0.1:8000", "127.0.0.1:9000"]);
        check("[::]", 8000, "", &["[::1]:8000"]);
        check("127.0.0.1", 0, "[::]:9000", &["[::1]:9000"]);
    }
}
