//! `serve`: the API and the pages, the workers, or both, until the process is asked to stop.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use metrics::gauge;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::settings;
use crate::config::{Config, Flag};
use crate::shutdown::Shutdown;
use crate::store::migrate;
use crate::telemetry::metrics::{DB_CONNECTIONS, upkeep};
use crate::{http, telemetry, worker};

/// Seconds between two looks at what the process holds.
const LOOK_SECONDS: u64 = 5;
/// How long the end of the process waits for threads that compute.
const LAST_WORK: Duration = Duration::from_secs(2);
/// The environment's way to choose a role.
const ROLE: &str = "RESUME_OPTIMIZER_ROLE";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Both the API and the workers, as without any of these
    #[arg(long, conflicts_with_all = ["api", "worker"])]
    all: bool,
    /// The API and the pages alone
    #[arg(long, conflicts_with = "worker")]
    api: bool,
    /// The workers alone
    #[arg(long)]
    worker: bool,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// TCP port to listen on; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// Leave the schema as it is; whoever is behind it is not ready
    #[arg(long)]
    no_migrate: bool,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    All,
    Api,
    Worker,
}

/// Serves.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let role = args.role()?;
    let config = settings::config(file, &args.flags())?;
    config.ready_to_serve()?;
    let _telemetry = telemetry::start(&config.log, &config.telemetry).map_err(Failure::failed)?;
    let runtime = settings::runtime()?;
    let served = runtime.block_on(serve(role, args.no_migrate, config));
    // Work on threads cannot be stopped; what still runs there belongs to nobody by now.
    runtime.shutdown_timeout(LAST_WORK);
    if let Err(Failure::Failed(sentence) | Failure::Usage(sentence)) = &served {
        tracing::error!("{sentence}");
    }
    served
}

async fn serve(role: Role, no_migrate: bool, config: Config) -> Result<(), Failure> {
    let shutdown = Shutdown::on_signals()
        .map_err(|error| Failure::failed(format!("The system does not pass signals on: {error}.")))?;
    // Before anything is made or migrated: of two processes that are started by mistake, one changes nothing.
    let listener = listener(role, &config)?;
    let app = App::build(config, shutdown.clone()).await.map_err(Failure::failed)?;
    look_at_files(&app).await?;
    if !no_migrate {
        let applied = migrate::up(&app.db).await.map_err(Failure::failed)?;
        if applied > 0 {
            tracing::info!(migrations = applied, "the schema was brought up to date");
        }
    }
    let looking = tokio::spawn(look(app.clone()));
    let worked_off = CancellationToken::new();
    let working = async {
        if role == Role::Api {
            return Ok(());
        }
        let worked = worker::run(app.clone()).await;
        // Without workers, a process that should have them is to be started again.
        shutdown.trip();
        worked_off.cancel();
        worked
    };
    let answering = async {
        let Some(listener) = listener else {
            return Ok(());
        };
        tracing::info!("listening on {}", address(&listener));
        let answered = if role == Role::Worker {
            http::serve_operations(app.clone(), listener, worked_off.cancelled()).await
        } else {
            http::serve(app.clone(), listener).await
        };
        // Whichever way the server ended, the workers end too.
        shutdown.trip();
        answered
    };
    let (worked, answered) = tokio::join!(working, answering);
    looking.abort();
    app.db.close().await;
    tracing::info!("stopped");
    answered.map_err(|error| Failure::failed(format!("The server cannot go on: {error}.")))?;
    worked.map_err(|error| Failure::failed(format!("The worker cannot go on: {error}.")))
}

/// That a bucket is closed to us is said now, and not when the first file comes. One that is away may come back, and
/// until then everything else can be answered.
async fn look_at_files(app: &App) -> Result<(), Failure> {
    match app.blobs.look().await {
        Err(error) if error.is_for_operator() => Err(Failure::failed(error)),
        Err(error) => {
            tracing::warn!(exception = %error, "the file store gives no sign of life; serving without it for now");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn listener(role: Role, config: &Config) -> Result<Option<TcpListener>, Failure> {
    if role == Role::Worker {
        let address = config.worker.listen.as_str();
        return if address.is_empty() { Ok(None) } else { listen(address, "worker.listen").map(Some) };
    }
    listen(&config.server_address(), "server.host (--host) and server.port (--port)").map(Some)
}

fn listen(address: &str, setting: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        let mend = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("another program listens there: stop it, or change {setting}")
            }
            std::io::ErrorKind::PermissionDenied => {
                format!("ports below 1024 are root's: change {setting}")
            }
            _ => format!("set {setting} to an address of this machine"),
        };
        Failure::failed(format!("{address} cannot be listened on ({error}); {mend}."))
    })
}

fn address(listener: &TcpListener) -> String {
    listener.local_addr().map_or_else(|_| "a socket".to_owned(), |address| format!("http://{address}"))
}

/// Looks at what the process holds, for the metrics.
async fn look(app: App) {
    let folding = upkeep();
    let counting = async {
        loop {
            let (open, idle) = app.db.connections();
            gauge!(DB_CONNECTIONS, "state" => "idle").set(idle);
            gauge!(DB_CONNECTIONS, "state" => "used").set(open.saturating_sub(idle));
            tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)).await;
        }
    };
    tokio::join!(folding, counting, worker::watch_database(&app), app.cache.follow());
}

impl Args {
    fn role(&self) -> Result<Role, Failure> {
        match (self.all, self.api, self.worker) {
            (true, _, _) => return Ok(Role::All),
            (_, true, _) => return Ok(Role::Api),
            (_, _, true) => return Ok(Role::Worker),
            _ => {}
        }
        match std::env::var(ROLE) {
            Ok(role) if !role.is_empty() => Role::from_str(&role, true)
                .map_err(|_| Failure::Usage(format!("{ROLE} takes all, api or worker, not {role:?}."))),
            _ => Ok(Role::All),
        }
    }

    fn flags(&self) -> Vec<Flag> {
        let host = self.host.clone().map(|value| Flag { key: "server.host", value, name: "--host" });
        let port = self.port.clone().map(|value| Flag { key: "server.port", value, name: "--port" });
        host.into_iter().chain(port).collect()
    }
}
