//! A private Redis server.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use crate::support::deadline::until;
use crate::support::guarded::{Guarded, find, folder, free_port};

/// A running server that nobody else uses; it ends when this is dropped.
pub(crate) struct Redis {
    // Its end is the server's end.
    server: Guarded,
    port: u16,
}

impl Redis {
    /// Starts one that keeps nothing on disk.
    pub(crate) fn start() -> Self {
        Self::start_at(free_port())
    }

    /// Starts one on this port.
    pub(crate) fn start_at(port: u16) -> Self {
        let dir = folder(None);
        let program = find("redis-server", &[]);
        let port_text = port.to_string();
        let command = [
            program.to_str().unwrap(),
            "--bind",
            "127.0.0.1",
            "--port",
            &port_text,
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            dir.to_str().unwrap(),
        ];
        let mut server = Guarded::start(&dir, None, &command);
        until("the start of Redis", || {
            assert!(server.is_alive(), "{}", server.log());
            server.log().contains("Ready to accept connections").then_some(())
        });
        Self { server, port }
    }

    /// Whether it has a key that this pattern of its own fits.
    pub(crate) fn has(&self, pattern: &str) -> bool {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "*2\r\n$4\r\nKEYS\r\n${}\r\n{pattern}\r\n", pattern.len()).unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        answer.trim() != "*0"
    }

    /// Has it stand still: connections stay open, and nothing is answered.
    pub(crate) fn freeze(&self) {
        self.server.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.server.signal("CONT");
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}
