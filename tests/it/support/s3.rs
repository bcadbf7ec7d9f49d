//! A private server that speaks the protocol of Amazon S3 and checks signatures.

use std::net::TcpListener;
use std::path::PathBuf;
use std::pin::pin;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::sync::watch;

use crate::support::service::World;

const BUCKET: &str = "resumes";
const PREFIX: &str = "of/ours";
const KEY: &str = "AKIATESTS";
/// The secret half of the key.
pub(crate) const SECRET: &str = "a secret that only tests share";

/// A running server with one bucket; it ends when this is dropped.
pub(crate) struct S3 {
    dir: tempfile::TempDir,
    port: u16,
    is_here: watch::Sender<bool>,
}

impl S3 {
    /// Starts one with an empty bucket.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(dir.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (is_here, seen) = watch::channel(true);
        // On a thread of its own: tests wait on theirs.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listener, service, seen));
        });
        Self { dir, port, is_here }
    }

    /// Breaks every connection off and takes no further ones.
    pub(crate) fn leave(&self) {
        self.is_here.send(false).unwrap();
    }

    /// Answers again.
    pub(crate) fn come_back(&self) {
        self.is_here.send(true).unwrap();
    }

    /// A world whose files are in the bucket.
    pub(crate) fn in_use(&self, world: World) -> World {
        world
            .with("RESUME_OPTIMIZER__STORAGE__KIND", "s3")
            .with("RESUME_OPTIMIZER__STORAGE__S3_BUCKET", BUCKET)
            .with("RESUME_OPTIMIZER__STORAGE__S3_PREFIX", PREFIX)
            .with("RESUME_OPTIMIZER__STORAGE__S3_ENDPOINT", &format!("http://127.0.0.1:{}", self.port))
            .with("RESUME_OPTIMIZER__STORAGE__RETRIES", "1")
            .with("AWS_ACCESS_KEY_ID", KEY)
            .with("AWS_SECRET_ACCESS_KEY", SECRET)
    }

    /// Where the bucket has our files.
    pub(crate) fn folder(&self) -> PathBuf {
        self.dir.path().join(BUCKET).join(PREFIX)
    }

    /// What the names of our files in the bucket begin with.
    pub(crate) fn prefix(&self) -> &'static str {
        PREFIX
    }
}

async fn serve(listener: TcpListener, service: S3Service, mut is_here: watch::Receiver<bool>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let server = Builder::new(TokioExecutor::new());
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            changed = is_here.changed() => match changed {
                Ok(()) => continue,
                // The test is over.
                Err(_) => return,
            },
        };
        if !*is_here.borrow() {
            continue;
        }
        let connection = server.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
        let mut is_here = is_here.clone();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                _ = is_here.wait_for(|is_here| !is_here) => {}
            }
        });
    }
}
