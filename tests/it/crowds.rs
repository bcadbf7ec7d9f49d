//! Many at once: what one request holds must not be what another one waits for.

use std::io::{Cursor, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::support::api::Api;
use crate::support::deadline::until_async;
use crate::support::documents::{POSTING, RESUME, expected};
use crate::support::service::World;

/// Requests sent together; more than the service has connections to its database.
const CROWD: usize = 30;

async fn ask(api: &Api, file_id: &str) -> Value {
    let body = json!({ "file_id": file_id, "posting_text": POSTING });
    api.post("/jobs", &body).await.expect(202).json()
}

on_both! {
    async fn one_key_sent_by_many_hands_makes_one_job(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let key = api.with_header("idempotency-key", "the-same-for-all");
        let jobs = join_all((0..CROWD).map(|_| ask(&key, &file))).await;
        assert!(jobs.iter().all(|job| job["id"] == jobs[0]["id"]), "{jobs:#?}");
        assert_eq!(api.items("/jobs").await.len(), 1);
    }

    async fn jobs_can_be_called_off_and_deleted_while_workers_are_at_them(world) {
        let world = world.with("RESUME_OPTIMIZER__TIERS__FREE__JOBS_PER_DAY", "0");
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let jobs = join_all((0..CROWD).map(|_| async {
            let job = ask(&api, &file).await;
            let id = job["id"].as_str().unwrap().to_owned();
            // Wherever the worker is by now: before it, at it, or done.
            let called_off = api.post(&format!("/jobs/{id}/cancel"), &json!({})).await;
            assert!(matches!(called_off.status.as_u16(), 202 | 409), "{}", called_off.text());
            let again = api.post(&format!("/jobs/{id}/retry"), &json!({})).await;
            assert!(matches!(again.status.as_u16(), 202 | 409), "{}", again.text());
            api.delete(&format!("/jobs/{id}")).await.expect(204);
        }))
        .await;
        assert_eq!(jobs.len(), CROWD);
        assert!(api.items("/jobs").await.is_empty());
        let troubles: Vec<Value> =
            service.log().into_iter().filter(|line| line.to_string().contains("deadlock")).collect();
        assert!(troubles.is_empty(), "{troubles:#?}");
    }

    async fn nobody_keeps_the_others_from_watching(world) {
        let world = world.with("RESUME_OPTIMIZER__SERVER__MAX_EVENT_STREAMS_PER_USER", "2");
        // Nobody works, so that every job goes on waiting.
        let service = world.serve(&["--api"]);
        let (mira, nils) = (service.api().register("mira@example.org").await, service.api().register("nils@example.org").await);
        let id = |job: Value| job["id"].as_str().unwrap().to_owned();
        let job = id(ask(&mira, &mira.upload_resume().await).await);
        let watched = [mira.watch(&job).await, mira.watch(&job).await];
        let third = mira.get(&format!("/jobs/{job}/events")).await;
        assert!(third.headers.contains_key("retry-after"));
        third.refused(429, "rate_limited", &["close another page"]);
        let theirs = id(ask(&nils, &nils.upload_resume().await).await);
        let _watched = nils.watch(&theirs).await;
        drop(watched);
        until_async("a place for another stream", || async {
            (mira.start_watching(&job).await == 200).then_some(())
        })
        .await;
    }

    async fn a_file_that_many_ask_for_at_once_is_read_by_one(world) {
        let service = world.serve(&["--api"]);
        let api = service.api().register("mira@example.org").await;
        let file = api.upload_resume().await;
        let path = format!("/files/{file}/resume");
        let answers = join_all((0..CROWD).map(|_| api.get(&path))).await;
        let read: Vec<Value> = answers.into_iter().map(|answer| answer.expect(200).json()).collect();
        assert!(read.iter().all(|resume| *resume == read[0]));
        let metrics = service.api().outside("/metrics").await.expect(200).text();
        let misses = metrics.lines().find(|line| line.starts_with("cache_requests_total") && line.contains("miss"));
        assert!(misses.is_some_and(|line| line.ends_with(" 1")), "{misses:?}");
        api.delete(&format!("/files/{file}")).await.expect(204);
        api.get(&path).await.refused(404, "not_found", &[]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_keeps_the_others_from_uploading() {
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__FILES__UPLOADS_AT_ONCE", "2")
        .with("RESUME_OPTIMIZER__FILES__UPLOADS_AT_ONCE_PER_CLIENT", "1")
        .with("RESUME_OPTIMIZER__SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    // Two that begin to send a file and then send nothing.
    let slow = [0, 1].map(|_| {
        let mut connection = TcpStream::connect(authority(service.address())).unwrap();
        write!(
            connection,
            "POST /api/v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nx-forwarded-for: 203.0.113.1\r\n\
             content-type: multipart/form-data; boundary=b\r\ncontent-length: 5000\r\n\r\n--b\r\n",
            mira.token()
        )
        .unwrap();
        connection
    });
    let other = mira.with_header("x-forwarded-for", "203.0.113.2");
    other.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(201);
    drop(slow);
    let same = mira.with_header("x-forwarded-for", "203.0.113.1");
    same.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_a_file_analyzed_holds_a_turn_until_it_is_read() {
    let posting = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = posting.local_addr().unwrap().to_string();
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__FILES__UPLOADS_AT_ONCE_PER_CLIENT", "1")
        .with("RESUME_OPTIMIZER__INTAKE__ALLOW_PRIVATE_HOSTS", &authority);
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    let url = format!("http://{authority}/");
    let fields = [("job_url", url.as_str())];
    let mut analyzed = pin!(mira.upload("/analyze", "resume.md", RESUME.as_bytes(), &fields));
    let mut asked = spawn_blocking(move || posting.accept().unwrap().0);
    // Its page is asked for, and does not come.
    let connection = tokio::select! {
        answer = &mut analyzed => panic!("{}", answer.status),
        connection = &mut asked => connection.unwrap(),
    };
    let mut other = pin!(mira.upload("/files", "resume.md", RESUME.as_bytes(), &[]));
    let waited = tokio::time::timeout(Duration::from_secs(1), async {
        tokio::select! {
            answer = &mut analyzed => answer.status,
            answer = &mut other => answer.status,
        }
    });
    assert!(waited.await.is_err(), "the only turn is taken");
    drop(connection);
    analyzed.await.refused(422, "posting_unreachable", &[]);
    other.await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_an_answer_is_not_waited_for() {
    let world = World::on_sqlite()
        .with("RESUME_OPTIMIZER__SERVER__UNREAD_SECONDS", "1")
        .with("RESUME_OPTIMIZER__FILES__DOWNLOADS_AT_ONCE", "1");
    let service = world.serve(&["--api"]);
    let mira = service.api().register("mira@example.org").await;
    let large = large_docx();
    let file = mira.upload("/files", "resume.docx", &large, &[]).await.expect(201).json();
    let path = format!("/files/{}/content", file["id"].as_str().unwrap());
    assert!(mira.get(&path).await.expect(200).bytes == large);
    // The system would keep all of it for a while.
    let idle = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    idle.set_recv_buffer_size(4096).unwrap();
    let address: SocketAddr = authority(service.address()).parse().unwrap();
    idle.connect(&address.into()).unwrap();
    let mut idle = TcpStream::from(idle);
    write!(idle, "GET /api/v1{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", mira.token())
        .unwrap();
    // Its answer has begun, and with it its turn.
    idle.read_exact(&mut [0]).unwrap();
    // The only turn is free again as soon as the connection is closed.
    let next = tokio::time::timeout(Duration::from_secs(20), mira.get(&path));
    assert!(next.await.unwrap().expect(200).bytes == large);
    let mut taken = Vec::new();
    let _ = idle.read_to_end(&mut taken);
    assert!(taken.len() < large.len(), "{} bytes", taken.len());
}

/// A resume with more in it than the system keeps for a connection.
fn large_docx() -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(&expected().documents["docx"])).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        to.raw_copy_file(from.by_index_raw(index).unwrap()).unwrap();
    }
    let as_it_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    to.start_file("word/media/photo.bin", as_it_is).unwrap();
    to.write_all(&vec![7; 10_000_000]).unwrap();
    to.finish().unwrap().into_inner()
}

/// Host and port of an address.
fn authority(address: &str) -> &str {
    address.trim_start_matches("http://")
}
