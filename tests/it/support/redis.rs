//! A private Redis server.

use std::io::{BufRead, BufReader, Read, Write};
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
        self.ask(&["KEYS", pattern]).0 != "*0"
    }

    /// Keeps something under this key.
    pub(crate) fn put(&self, key: &str) {
        assert_eq!(self.ask(&["SET", key, "kept"]).0, "+OK");
    }

    /// How often it was asked for this command, in small letters.
    pub(crate) fn calls(&self, command: &str) -> u64 {
        let (length, mut rest) = self.ask(&["INFO", "commandstats"]);
        let mut text = vec![0; length.strip_prefix('$').unwrap().parse().unwrap()];
        rest.read_exact(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let begin = format!("cmdstat_{command}:calls=");
        let calls = text.lines().find_map(|line| line.strip_prefix(&begin)?.split(',').next());
        calls.map_or(0, |calls| calls.parse().unwrap())
    }

    /// The first line of its answer, and what follows.
    fn ask(&self, words: &[&str]) -> (String, BufReader<TcpStream>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let text: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
        write!(stream, "*{}\r\n{text}", words.len()).unwrap();
        let (mut answer, mut line) = (BufReader::new(stream), String::new());
        answer.read_line(&mut line).unwrap();
        (line.trim_end().to_owned(), answer)
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
