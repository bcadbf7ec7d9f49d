//! The server: what every request passes, in one list, and where it goes.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Routes, HttpServer, web as actix};

use crate::app::App;
use crate::http::api::{self, at, get};
use crate::http::limits::{self, Limits};
use crate::http::problem::Problem;
use crate::http::{assets, client, edge, operations, web};

/// Connections to a process that only shows how it is.
const WATCHERS: usize = 64;

/// Serves the API and the pages on `listener` until the process is asked to stop; requests that are being
/// answered then have `server.shutdown_seconds` to end. It takes new ones for `server.leave_seconds` more.
///
/// # Errors
/// When the socket cannot be used.
pub async fn serve(app: App, listener: TcpListener) -> io::Result<()> {
    let config = app.config.clone();
    close_unread(&listener, Duration::from_secs(config.server.unread_seconds))?;
    let limits = actix::Data::new(Limits::new(&config));
    let proxies = actix::Data::new(client::networks(&config.server.trusted_proxies));
    let shared = actix::Data::new(app.clone());
    let threads = config.server.thread_count();
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(shared.clone())
            .app_data(limits.clone())
            .app_data(proxies.clone())
            .app_data(actix::PathConfig::default().error_handler(|_, _| Problem::no_such_object().into()))
            // From the inside out: the last one is the first that a request meets.
            .wrap(from_fn(limits::limit))
            .wrap(from_fn(edge::guard))
            .wrap(Compress::default())
            .wrap(from_fn(edge::secure))
            .wrap(from_fn(edge::observe))
            .configure(probes)
            .service(at("/openapi.json", "GET, HEAD").route(get().to(operations::document)))
            .service(at("/docs", "GET, HEAD").route(get().to(operations::docs_entry)))
            .service(at("/docs/{file:.*}", "GET, HEAD").route(get().to(operations::docs)))
            .service(at("/static/{name}", "GET, HEAD").route(get().to(assets::file)))
            .service(actix::scope("/api/v1").configure(api::configure))
            .configure(web::configure)
            .default_service(actix::to(|| async { Err::<&str, _>(Problem::no_such_route()) }))
    })
    .workers(threads)
    .max_connections((config.server.max_connections / threads.max(1)).max(1))
    .client_request_timeout(Duration::from_secs(config.server.request_head_seconds))
    .shutdown_timeout(config.server.shutdown_seconds)
    .disable_signals()
    .listen(listener)?
    .run();
    let leave = async {
        app.shutdown.tripped().await;
        tokio::time::sleep(Duration::from_secs(config.server.leave_seconds)).await;
    };
    until(server, leave).await
}

/// Answers the probes and the metrics of a process that serves nobody else, until `end`: whoever looks after it can see
/// that it ends.
///
/// # Errors
/// When the socket cannot be used.
pub async fn serve_operations(
    app: App,
    listener: TcpListener,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    let shared = actix::Data::new(app.clone());
    let head = Duration::from_secs(app.config.server.request_head_seconds);
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(shared.clone())
            .configure(probes)
            .default_service(actix::to(|| async { Err::<&str, _>(Problem::no_such_route()) }))
    })
    // Those who look after a process are few, and ask every few seconds.
    .workers(1)
    .max_connections(WATCHERS)
    .client_request_timeout(head)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)?
    .run();
    until(server, end).await
}

fn probes(routes: &mut actix::ServiceConfig) {
    routes
        .service(at("/health", "GET, HEAD").route(get().to(operations::live)))
        .service(at("/ready", "GET, HEAD").route(get().to(operations::ready)))
        .service(at("/metrics", "GET, HEAD").route(get().to(operations::metrics)));
}

async fn until(server: Server, end: impl Future<Output = ()>) -> io::Result<()> {
    let handle = server.handle();
    let mut server = std::pin::pin!(server);
    tokio::select! {
        served = &mut server => return served,
        () = end => {}
    }
    let (served, ()) = tokio::join!(server, handle.stop(true));
    served
}

/// Has the system close connections whose other end leaves what was sent to it unread for that long: no request is
/// waiting then that could be timed. Connections take this over from the socket that they come in by.
#[cfg(target_os = "linux")]
fn close_unread(listener: &TcpListener, after: Duration) -> io::Result<()> {
    socket2::SockRef::from(listener).set_tcp_user_timeout(Some(after))
}

/// Elsewhere they stay until they are left.
#[cfg(not(target_os = "linux"))]
fn close_unread(_: &TcpListener, _: Duration) -> io::Result<()> {
    Ok(())
}
