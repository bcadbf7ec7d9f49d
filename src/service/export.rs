//! Everything that the service has of an account, as one ZIP, written piece by piece while it is sent.

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::Stream;
use serde::Serialize;
use serde_json::json;
use tokio::task::spawn_blocking;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::app::App;
use crate::domain::audit::Action;
use crate::domain::id::{JobId, UserId};
use crate::domain::user::User;
use crate::service::ServiceError;
use crate::service::audit::{self, Origin};
use crate::service::jobs::{Event, events_since};
use crate::store::{
    PageRequest, StoreError, api_keys, audit as audit_log, corrections, files, jobs, refresh_tokens,
};

/// Rows of one look at a list.
const PAGE: u32 = 100;
/// Names in a file's folder that are ours.
const OURS: [&str; 3] = ["file.json", "correction.json", "missing.json"];

/// Everything of the account, piece by piece.
///
/// # Errors
/// When the database does not answer; what goes wrong later breaks the stream off.
pub async fn archive(
    app: &App,
    user: &User,
    origin: &Origin,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<>, ServiceError> {
    audit::note(app, &app.db, origin, Action::AccountExported, Some(user.id), None).await?;
    Ok(pieces(app.clone(), user.clone()))
}

fn pieces(app: App, user: User) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    async_stream::try_stream! {
        let mut archive = Archive::new();
        yield archive.json("account.json", &user).await?;
        yield archive.json("api_keys.json", &api_keys::list(&app.db, user.id).await.map_err(broken)?).await?;
        yield archive.json("sign_ins.json", &refresh_tokens::list(&app.db, user.id).await.map_err(broken)?).await?;
        yield archive.begin("audit_log.json").await?;
        let mut last = None;
        loop {
            let page = audit_log::list(&app.db, user.id, last.as_ref(), PAGE).await.map_err(broken)?;
            let mut lines = String::new();
            for event in &page {
                lines += if last.is_none() && lines.is_empty() { "[\n  " } else { ",\n  " };
                lines += &serde_json::to_string(event).map_err(broken)?;
            }
            yield archive.write(lines.into()).await?;
            let Some(event) = page.into_iter().next_back() else { break };
            last = Some(event);
        }
        yield archive.write(if last.is_none() { "[]" } else { "\n]" }.into()).await?;
        let mut next = None;
        loop {
            let page = files::list(&app.db, user.id, PageRequest { limit: PAGE, after: next }).await.map_err(broken)?;
            for file in page.items {
                let folder = format!("files/{}", file.id);
                yield archive.json(&format!("{folder}/file.json"), &file).await?;
                match corrections::find(&app.db, user.id, file.id).await {
                    Ok(Some(correction)) => yield archive.json(&format!("{folder}/correction.json"), &correction).await?,
                    Ok(None) => {}
                    // Nor must one that another version wrote otherwise.
                    Err(StoreError::Unreadable(what)) => {
                        let missing = json!({ "error": format!("{what} cannot be read by this version") });
                        yield archive.json(&format!("{folder}/correction.json"), &missing).await?;
                    }
                    Err(error) => Err(broken(error))?,
                }
                let Some(path) = files::find_path(&app.db, user.id, file.id).await.map_err(broken)? else {
                    continue;
                };
                // One whose bytes are lost must not keep the others back: it is said in its place. One that only cannot be
                // had now must: whoever gets the rest would take it for everything.
                match app.blobs.read(&path).await {
                    Err(error) if error.is_transient() => Err(broken(error))?,
                    Ok(bytes) => yield archive.file(&format!("{folder}/{}", safe(&file.filename)), bytes).await?,
                    Err(error) => {
                        let missing = json!({ "error": error.to_string() });
                        yield archive.json(&format!("{folder}/missing.json"), &missing).await?;
                    }
                }
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        for id in jobs::ids(&app.db, user.id).await.map_err(broken)? {
            let Some(job) = jobs::find(&app.db, user.id, id).await.map_err(broken)? else {
                continue;
            };
            yield archive.json(&format!("jobs/{id}/job.json"), &job).await?;
            yield archive.json(&format!("jobs/{id}/events.json"), &events(&app, user.id, id).await?).await?;
            match jobs::result(&app.db, user.id, id).await {
                Ok(Some(outcome)) => yield archive.json(&format!("jobs/{id}/result.json"), &outcome).await?,
                Ok(None) => {}
                // Nor must one that an earlier version wrote otherwise.
                Err(StoreError::Unreadable(what)) => {
                    let missing = json!({ "error": format!("{what} cannot be read by this version") });
                    yield archive.json(&format!("jobs/{id}/missing.json"), &missing).await?;
                }
                Err(error) => Err(broken(error))?,
            }
        }
        yield archive.finish().await?;
    }
}

/// Every event of a job that is kept; none of one that was deleted meanwhile.
async fn events(app: &App, owner: UserId, id: JobId) -> io::Result<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let last = events.last().map_or(0, |event| event.seq);
        let more = match events_since(app, owner, id, last).await {
            Err(ServiceError::NotFound { .. }) => return Ok(events),
            more => more.map_err(broken)?,
        };
        if more.last().is_none_or(|event| event.seq <= last) {
            return Ok(events);
        }
        events.extend(more);
    }
}

/// A name that unpacks as one file in its folder, wherever it is unpacked.
fn safe(filename: &str) -> String {
    let plain = |c: char| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '_' } else { c };
    let name: String = filename.chars().map(plain).collect();
    if name.trim_matches('.').is_empty() || OURS.contains(&name.as_str()) { format!("_{name}") } else { name }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

/// A ZIP of which only what was not yet sent is in memory.
struct Archive {
    zip: Option<ZipWriter<StreamWriter<Outbox>>>,
    outbox: Outbox,
}

/// What was written and not yet sent.
#[derive(Debug, Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl io::Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().map_err(|_| io::Error::other("the export broke off"))?;
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Outbox {
    fn take(&self) -> io::Result<Bytes> {
        let mut kept = self.0.lock().map_err(|_| io::Error::other("the export broke off"))?;
        Ok(std::mem::take(&mut *kept).into())
    }
}

impl Archive {
    fn new() -> Self {
        let outbox = Outbox::default();
        Self { zip: Some(ZipWriter::new_stream(outbox.clone())), outbox }
    }

    async fn json(&mut self, name: &str, value: &impl Serialize) -> io::Result<Bytes> {
        let bytes = serde_json::to_vec_pretty(value).map_err(broken)?;
        self.file(name, bytes.into()).await
    }

    /// Adds a file; gives what is to be sent of it.
    async fn file(&mut self, name: &str, bytes: Bytes) -> io::Result<Bytes> {
        let name = name.to_owned();
        self.change(move |zip| {
            start(zip, name)?;
            zip.write_all(&bytes)
        })
        .await
    }

    /// Begins a file whose bytes follow.
    async fn begin(&mut self, name: &str) -> io::Result<Bytes> {
        let name = name.to_owned();
        self.change(move |zip| start(zip, name)).await
    }

    /// Adds bytes to the file that was begun.
    async fn write(&mut self, bytes: Bytes) -> io::Result<Bytes> {
        self.change(move |zip| zip.write_all(&bytes)).await
    }

    async fn change(
        &mut self,
        change: impl FnOnce(&mut ZipWriter<StreamWriter<Outbox>>) -> io::Result<()> + Send + 'static,
    ) -> io::Result<Bytes> {
        let mut zip = self.zip.take().ok_or_else(|| io::Error::other("the export broke off"))?;
        let zip = spawn_blocking(move || change(&mut zip).map(|()| zip));
        self.zip = Some(zip.await.map_err(broken)??);
        self.outbox.take()
    }

    async fn finish(&mut self) -> io::Result<Bytes> {
        let zip = self.zip.take().ok_or_else(|| io::Error::other("the export broke off"))?;
        spawn_blocking(move || zip.finish().map(|_| ()).map_err(broken)).await.map_err(broken)??;
        self.outbox.take()
    }
}

fn start(zip: &mut ZipWriter<StreamWriter<Outbox>>, name: String) -> io::Result<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file(name, options).map_err(broken)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::io::{Cursor, Read as _};

    use bytes::Bytes;

    use crate::service::export::{Archive, safe};

    #[tokio::test]
    async fn what_is_sent_piece_by_piece_is_one_archive() {
        let (mut archive, mut sent) = (Archive::new(), Vec::new());
        sent.extend(archive.json("a.json", &[1, 2]).await.unwrap());
        sent.extend(archive.file("b/c.txt", Bytes::from_static(b"text")).await.unwrap());
        sent.extend(archive.finish().await.unwrap());
        let mut zip = zip::ZipArchive::new(Cursor::new(sent)).unwrap();
        let mut text = String::new();
        zip.by_name("b/c.txt").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((zip.len(), text.as_str()), (2, "text"));
    }

    #[test]
    fn a_name_unpacks_in_its_folder() {
        for (name, expected) in
            [("Jane.pdf", "Jane.pdf"), ("../x", ".._x"), ("..", "_.."), ("file.json", "_file.json")]
        {
            assert_eq!(safe(name), expected);
        }
    }
}
