//! The network between a worker and PostgreSQL, which can fail in the ways that networks do.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// What a client says to hear notifications.
const LISTEN: &[u8] = b"LISTEN ";

/// A port of this machine behind which PostgreSQL is, as long as the network works.
pub(crate) struct Proxy {
    port: u16,
    line: Arc<Line>,
}

#[derive(Default)]
struct Line {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Nothing arrives and nothing is lost, as when packets are dropped and sent again.
    held: bool,
    /// What a client says last before that.
    hold_at: Option<Vec<u8>>,
    /// Nobody is let in.
    refuses: bool,
    /// Nobody is let listen.
    deaf: bool,
    /// What the server must not answer, and how often it may before.
    swallow: Option<(Vec<u8>, usize)>,
    swallowed: usize,
    connections: Vec<Connection>,
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    /// It listens for notifications.
    ear: bool,
    /// Nothing that is said on it arrives any more.
    dead: bool,
}

impl Proxy {
    /// One to that port.
    pub(crate) fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(Line::default());
        let accepting = Arc::clone(&line);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if Arc::strong_count(&accepting) == 1 {
                    return;
                }
                let line = Arc::clone(&accepting);
                std::thread::spawn(move || connect(&line, &client, server));
            }
        });
        Self { port, line }
    }

    /// That address, through it.
    pub(crate) fn url(&self, url: &str) -> String {
        let (user, rest) = url.split_once("@127.0.0.1:").unwrap();
        let (_, database) = rest.split_once('/').unwrap();
        format!("{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Nothing arrives from now on, and nobody is told.
    pub(crate) fn hold(&self) {
        self.change(|state| state.held = true);
    }

    /// The same from the moment that a client says something that holds these bytes, which does not arrive any more.
    pub(crate) fn hold_at(&self, bytes: &[u8]) {
        self.change(|state| state.hold_at = Some(bytes.to_vec()));
    }

    /// Whether nothing arrives.
    pub(crate) fn holds(&self) -> bool {
        self.change(|state| state.held)
    }

    /// What was held arrives.
    pub(crate) fn release(&self) {
        self.change(|state| state.held = false);
    }

    /// Every connection breaks.
    pub(crate) fn cut(&self) {
        self.change(|state| {
            for connection in state.connections.drain(..) {
                connection.close();
            }
        });
    }

    /// Every connection breaks, and none comes up.
    pub(crate) fn refuse(&self) {
        self.change(|state| state.refuses = true);
        self.cut();
    }

    /// Connections that listen for notifications go on without a sound, and others break when they ask for that; how
    /// many the former are.
    pub(crate) fn deafen(&self) -> usize {
        self.change(|state| state.deaf = true);
        self.mute(|connection| connection.ear)
    }

    /// Every connection that is there goes on without a sound, and new ones work; how many those are.
    pub(crate) fn strand(&self) -> usize {
        self.mute(|_| true)
    }

    fn mute(&self, which: impl Fn(&Connection) -> bool) -> usize {
        self.change(|state| {
            let muted =
                state.connections.iter_mut().filter(|connection| !connection.dead && which(connection));
            muted.map(|connection| connection.dead = true).count()
        })
    }

    /// Whoever asks for notifications from now on hears them.
    pub(crate) fn let_hear(&self) {
        self.change(|state| state.deaf = false);
    }

    /// How many connections listen for notifications and may hear them.
    pub(crate) fn ears(&self) -> usize {
        self.change(|state| {
            state.connections.iter().filter(|connection| connection.ear && !connection.dead).count()
        })
    }

    /// The answer that holds these bytes, after so many that may pass, is lost, and its connection breaks.
    pub(crate) fn swallow(&self, bytes: &[u8], passes: usize) {
        self.change(|state| state.swallow = Some((bytes.to_vec(), passes)));
    }

    /// How many answers were lost.
    pub(crate) fn swallowed(&self) -> usize {
        self.change(|state| state.swallowed)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let changed = change(&mut self.line.state.lock().unwrap());
        self.line.changed.notify_all();
        changed
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.release();
        self.refuse();
        // Whoever accepts connections sees that it is alone.
        self.line = Arc::default();
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Connection {
    fn close(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }

    fn is(&self, client: &TcpStream) -> bool {
        self.client.peer_addr().ok().is_some_and(|address| client.peer_addr().ok() == Some(address))
    }
}

impl State {
    fn heard(&mut self, said: &[u8]) {
        if self.hold_at.as_ref().is_some_and(|marked| holds(said, marked)) {
            (self.hold_at, self.held) = (None, true);
        }
    }
}

impl Line {
    /// Waits until something may arrive.
    fn pass(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap();
        while state.held {
            state = self.changed.wait(state).unwrap();
        }
        state
    }
}

fn connect(line: &Arc<Line>, client: &TcpStream, server: u16) {
    {
        let mut state = line.pass();
        if state.refuses {
            return;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
            return;
        };
        let connection = Connection {
            client: client.try_clone().unwrap(),
            server: server.try_clone().unwrap(),
            ear: false,
            dead: false,
        };
        state.connections.push(connection);
        let (line, client, server) =
            (Arc::clone(line), client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || pump(&line, &client, &server, true));
        drop(state);
    }
    let server = {
        let state = line.state.lock().unwrap();
        let connection = state.connections.iter().find(|connection| connection.is(client));
        connection.map(|connection| connection.server.try_clone().unwrap())
    };
    if let Some(server) = server {
        pump(line, &server, client, false);
    }
    line.state.lock().unwrap().connections.retain(|connection| !connection.is(client));
}

/// Carries what one side says to the other, until either is gone.
fn pump(line: &Line, mut from: &TcpStream, mut to: &TcpStream, asks: bool) {
    let client = if asks { from } else { to };
    let mut bytes = [0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let said = &bytes[..length];
        if asks {
            line.state.lock().unwrap().heard(said);
        }
        let mut state = line.pass();
        let State { swallow, swallowed, connections, deaf, .. } = &mut *state;
        let Some(connection) = connections.iter_mut().find(|connection| connection.is(client)) else {
            break;
        };
        let listens = asks && holds(said, LISTEN);
        if connection.dead {
            continue;
        }
        if listens && *deaf {
            connection.close();
            break;
        }
        connection.ear |= listens;
        match swallow {
            Some((marked, passes)) if !asks && holds(said, marked) => {
                if *passes > 0 {
                    *passes -= 1;
                } else {
                    (*swallow, *swallowed) = (None, *swallowed + 1);
                    connection.close();
                    break;
                }
            }
            _ => {}
        }
        drop(state);
        if to.write_all(said).is_err() {
            break;
        }
    }
    let state = line.state.lock().unwrap();
    if state.connections.iter().any(|connection| connection.dead && connection.is(client)) {
        // That one side is gone does not arrive either: the other one waits on.
        return;
    }
    drop(state);
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

fn holds(said: &[u8], bytes: &[u8]) -> bool {
    said.windows(bytes.len()).any(|window| window == bytes)
}
