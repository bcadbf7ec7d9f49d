//! The rig: private servers, the real program, a client, and documents of our own.

pub(crate) mod api;
pub(crate) mod browser;
pub(crate) mod collector;
pub(crate) mod deadline;
pub(crate) mod documents;
pub(crate) mod ground;
pub(crate) mod guarded;
pub(crate) mod inside;
pub(crate) mod model;
pub(crate) mod postgres;
pub(crate) mod program;
pub(crate) mod redis;
pub(crate) mod s3;
pub(crate) mod service;
pub(crate) mod site;

/// Writes a service test once and runs it twice: `name::on_sqlite` and `name::on_postgresql`.
///
/// The body gets a [`service::World`]: a folder and a fresh database that no other test sees.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            async fn check($world: crate::support::service::World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                check(crate::support::service::World::on_sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                check(crate::support::service::World::on_postgresql().await).await;
            }
        }
    )*};
}
