//! A client of the API that remembers who it is.

use std::sync::Once;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::deadline::until_async;

static TLS: Once = Once::new();

/// A client of one service, signed in or not.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    address: String,
    token: Option<String>,
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

impl Api {
    /// Nobody yet.
    pub(crate) fn new(address: &str) -> Self {
        TLS.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { client, address: address.to_owned(), token: None }
    }

    /// Registers `email` and goes on as its owner.
    pub(crate) async fn register(&self, email: &str) -> Self {
        let body = json!({ "email": email, "password": "a long enough passphrase 42" });
        let answer = self.post("/auth/register", &body).await.expect(201);
        Self { token: answer.json()["access_token"].as_str().map(ToOwned::to_owned), ..self.clone() }
    }

    /// `GET` below `/api/v1`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request).await
    }

    /// `POST` of JSON below `/api/v1`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, |request| request.json(body)).await
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

    /// The same path outside `/api/v1`: `/health`, `/metrics`.
    pub(crate) async fn outside(&self, path: &str) -> Answer {
        self.go(self.client.get(format!("{}{path}", self.address))).await
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
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, bytes: answer.bytes().await.unwrap().to_vec() }
    }
}

impl Answer {
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
