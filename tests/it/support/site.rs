//! A small web site of our own, for postings by address.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the site answers to a path.
#[derive(Clone)]
pub(crate) enum Page {
    /// Status line, content type and body.
    Body(&'static str, &'static str, String),
    /// Sent on to this address.
    Redirect(String),
    /// Nothing, for as long as the visitor waits.
    Silence,
}

/// A running site; it ends with the test process.
pub(crate) struct Site {
    /// `127.0.0.1:PORT`.
    pub(crate) authority: String,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Site {
    /// Starts one that answers each path, query included, with what `answer` has for it, else with 404.
    pub(crate) fn start(answer: impl Fn(&str) -> Option<Page> + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer)
    }

    /// Starts one that listens there.
    pub(crate) fn start_at(
        address: &str,
        answer: impl Fn(&str) -> Option<Page> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let connections = Arc::new(AtomicUsize::new(0));
        let (seen, count) = (Arc::clone(&asked), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                count.fetch_add(1, Ordering::SeqCst);
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { authority, asked, connections }
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    /// How many came, whatever they said.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How often a path was asked for.
    pub(crate) fn visits(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Option<Page>) {
    // A visitor that says nothing must not keep a thread.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(path) = lines.next().and_then(|line| Some(line.split(' ').nth(1)?.to_owned())) else {
        return;
    };
    while lines.next().is_some_and(|line| !line.is_empty()) {}
    seen.lock().unwrap().push(path.clone());
    let nothing = || Page::Body("404 Not Found", "text/html", "<p>There is nothing here.</p>".to_owned());
    let head = match answer(&path).unwrap_or_else(nothing) {
        Page::Body(status, kind, body) => {
            let length = body.len();
            format!("{status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
        }
        Page::Redirect(to) => format!("302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"),
        Page::Silence => {
            // Until the visitor hangs up.
            let _ = lines.next();
            return;
        }
    };
    let _ = write!(stream, "HTTP/1.1 {head}");
}
