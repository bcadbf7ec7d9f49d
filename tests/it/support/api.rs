//! A client of the API that remembers who it is.

use std::sync::Once;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::deadline::{PATIENCE, until_async};
use crate::support::documents::{POSTING, RESUME};

static TLS: Once = Once::new();

/// A client of one service, signed in or not.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    address: String,
    token: Option<String>,
    headers: Vec<(String, String)>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: reqwest::header::HeaderMap,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

/// What every client needs once in a process, be it only for plain HTTP.
pub(crate) fn ready_for_tls() {
    TLS.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

impl Api {
    /// Nobody yet.
    pub(crate) fn new(address: &str) -> Self {
        ready_for_tls();
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(PATIENCE);
        let client = client.build().unwrap();
        Self { client, address: address.to_owned(), token: None, headers: Vec::new() }
    }

    /// The same client with this access token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The access token of whoever is signed in.
    pub(crate) fn token(&self) -> String {
        self.token.clone().unwrap()
    }

    /// The same client, sending this header with everything.
    pub(crate) fn with_header(&self, name: &str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.push((name.to_owned(), value.to_owned()));
        Self { headers, ..self.clone() }
    }

    /// Registers `email` and goes on as its owner.
    pub(crate) async fn register(&self, email: &str) -> Self {
        let body = json!({ "email": email, "password": "a long enough passphrase 42" });
        let answer = self.post("/auth/register", &body).await.expect(201);
        self.with_token(answer.json()["access_token"].as_str().unwrap())
    }

    /// `GET` below `/api/v1`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request).await
    }

    /// `POST` of JSON below `/api/v1`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, |request| request.json(body)).await
    }

    /// `PATCH` of JSON below `/api/v1`.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, |request| request.json(body)).await
    }

    /// `PUT` of JSON below `/api/v1`.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, |request| request.json(body)).await
    }

    /// `DELETE` below `/api/v1`.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, |request| request).await
    }

    /// `POST` of a file and text fields below `/api/v1`.
    pub(crate) async fn upload(
        &self,
        path: &str,
        filename: &str,
        bytes: &[u8],
        fields: &[(&str, &str)],
    ) -> Answer {
        let part = Part::bytes(bytes.to_vec()).file_name(filename.to_owned());
        let form = fields.iter().fold(Form::new().part("file", part), |form, (name, value)| {
            form.text((*name).to_owned(), (*value).to_owned())
        });
        self.send(Method::POST, path, |request| request.multipart(form)).await
    }

    /// Any method with any body below `/api/v1`.
    pub(crate) async fn raw(&self, method: Method, path: &str, kind: &str, body: &str) -> Answer {
        self.send(method, path, |request| request.header("content-type", kind).body(body.to_owned())).await
    }

    /// The same path outside `/api/v1`: `/health`, `/metrics`.
    pub(crate) async fn outside(&self, path: &str) -> Answer {
        self.go(self.client.get(format!("{}{path}", self.address))).await
    }

    /// `HEAD` of a path outside `/api/v1`.
    pub(crate) async fn head(&self, path: &str) -> Answer {
        self.go(self.client.head(format!("{}{path}", self.address))).await
    }

    /// Uploads our resume; its id.
    pub(crate) async fn upload_resume(&self) -> String {
        let answer = self.upload("/files", "resume.md", RESUME.as_bytes(), &[]).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Asks for a job with our resume and our posting; its id.
    pub(crate) async fn ask(&self) -> String {
        let body = json!({ "file_id": self.upload_resume().await, "posting_text": POSTING });
        let job = self.post("/jobs", &body).await.expect(202).json();
        job["id"].as_str().unwrap().to_owned()
    }

    /// Entries of a list.
    pub(crate) async fn items(&self, path: &str) -> Vec<Value> {
        self.get(path).await.expect(200).json()["items"].as_array().unwrap().clone()
    }

    /// Follows the job's events to their end, from after the event `last` where one is given.
    pub(crate) async fn events(&self, id: &str, last: Option<i64>) -> Vec<Seen> {
        let from = last.map(|last| self.with_header("last-event-id", &last.to_string()));
        let answer = from.as_ref().unwrap_or(self).get(&format!("/jobs/{id}/events")).await.expect(200);
        assert_eq!(answer.headers["content-type"], "text/event-stream");
        answer.text().split("\n\n").filter_map(Seen::parse).collect()
    }

    /// Opens the job's events, to be read as they come.
    pub(crate) async fn watch(&self, id: &str) -> Watch {
        Watch { answer: self.open(id).await.error_for_status().unwrap(), read: String::new() }
    }

    /// The status of an attempt to watch a job, which is given up at once.
    pub(crate) async fn start_watching(&self, id: &str) -> u16 {
        self.open(id).await.status().as_u16()
    }

    async fn open(&self, id: &str) -> reqwest::Response {
        let request = self.client.get(format!("{}/api/v1/jobs/{id}/events", self.address));
        request.bearer_auth(self.token()).send().await.unwrap()
    }

    /// Waits until the job `id` has ended; the job.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        until_async("the end of the job", || async {
            let job = self.get(&format!("/jobs/{id}")).await.expect(200).json();
            matches!(job["status"].as_str(), Some("completed" | "failed" | "cancelled")).then_some(job)
        })
        .await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Answer {
        self.go(fill(self.client.request(method, format!("{}/api/v1{path}", self.address)))).await
    }

    async fn go(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, bytes: answer.bytes().await.unwrap().to_vec() }
    }
}

/// An event of a job, as a browser sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// Its number.
    pub(crate) id: i64,
    /// `progress` or `done`.
    pub(crate) name: String,
    /// What it says.
    pub(crate) data: Value,
}

/// A stream of events that is being read.
pub(crate) struct Watch {
    answer: reqwest::Response,
    read: String,
}

impl Watch {
    /// The next event; nothing when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Seen> {
        loop {
            while let Some((block, rest)) = self.read.split_once("\n\n") {
                let seen = Seen::parse(block);
                self.read = rest.to_owned();
                if seen.is_some() {
                    return seen;
                }
            }
            let chunk = self.answer.chunk().await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

impl Seen {
    fn parse(block: &str) -> Option<Self> {
        let field = |name| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let data = serde_json::from_str(field("data")?).unwrap();
        Some(Self { id: field("id")?.parse().unwrap(), name: field("event")?.to_owned(), data })
    }
}

impl Answer {
    /// A header as text; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The answer has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The answer is a problem with this status and this code, in a sentence that holds every one of `parts`.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str, parts: &[&str]) {
        let body = self.expect(status).json();
        assert_eq!(body["code"], code, "{body}");
        for part in parts {
            assert!(body["detail"].as_str().unwrap().contains(part), "{part:?} is missing in: {body}");
        }
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}
