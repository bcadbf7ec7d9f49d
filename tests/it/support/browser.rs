//! A headless Chromium, driven as a person would.

use std::path::{Path, PathBuf};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

use crate::support::deadline::{PATIENCE, until};
use crate::support::guarded::{Guarded, find, folder, free_port};

/// A browser with a profile and a download folder of its own; it ends when this is dropped.
pub(crate) struct Browser {
    // Its end is the browser's end.
    _driver: Guarded,
    client: Client,
    downloads: tempfile::TempDir,
}

impl Browser {
    /// Starts one, as wide as a laptop's.
    pub(crate) async fn start() -> Self {
        let dir = folder(None);
        let port = free_port();
        let (driver, port_argument) = (find("chromedriver", &[]), format!("--port={port}"));
        let mut guarded = Guarded::start(&dir, None, &[driver.to_str().unwrap(), &port_argument]);
        until("the start of chromedriver", || {
            assert!(guarded.is_alive(), "{}", guarded.log());
            guarded.log().contains("started successfully").then_some(())
        });
        let downloads = tempfile::tempdir().unwrap();
        let options = json!({
            "binary": find("chromium", &[]),
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", "--window-size=1280,900", "--hide-scrollbars",
                format!("--user-data-dir={}", dir.join("profile").display()),
            ],
            "prefs": { "download.default_directory": downloads.path(), "download.prompt_for_download": false },
        });
        let mut capabilities = serde_json::map::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        // What the page's scripts log, so that a test can hold them to silence.
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let address = format!("http://127.0.0.1:{port}");
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let client =
            ClientBuilder::new(connector).capabilities(capabilities).connect(&address).await.unwrap();
        Self { _driver: guarded, client, downloads }
    }

    /// Opens a page.
    pub(crate) async fn open(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// The element that this selector finds, once it is there.
    pub(crate) async fn see(&self, selector: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE);
        match wait.for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => panic!("no {selector} ({error}) in:\n{}", self.client.source().await.unwrap()),
        }
    }

    /// Types into the field of that name.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        self.see(&format!("[name={name}]")).await.send_keys(text).await.unwrap();
    }

    /// Presses what this selector finds.
    pub(crate) async fn press(&self, selector: &str) {
        self.see(selector).await.click().await.unwrap();
    }

    /// The page's text.
    pub(crate) async fn text(&self) -> String {
        self.see("body").await.text().await.unwrap()
    }

    /// Where it is.
    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// What a script in the page answers.
    pub(crate) async fn ask(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The file that was downloaded under that ending.
    pub(crate) fn downloaded(&self, ending: &str) -> PathBuf {
        until("the end of the download", || {
            let files = std::fs::read_dir(self.downloads.path()).unwrap();
            files.map(|file| file.unwrap().path()).find(|path| path.to_str().unwrap().ends_with(ending))
        })
    }

    /// Does something in another tab, and comes back to this one.
    pub(crate) async fn in_another_tab(&self, does: impl Future<Output = ()>) {
        let here = self.client.window().await.unwrap();
        let there = self.client.new_window(true).await.unwrap().handle;
        self.client.switch_to_window(there).await.unwrap();
        does.await;
        self.client.close_window().await.unwrap();
        self.client.switch_to_window(here).await.unwrap();
    }

    /// Loads the page again, with what was sent for it.
    pub(crate) async fn load_again(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Keeps a picture of the whole page in `target/screenshots`, for people to look at.
    pub(crate) async fn picture(&self, name: &str) {
        let height = self.ask("return Math.max(document.documentElement.scrollHeight, 400)").await;
        let height = u32::try_from(height.as_u64().unwrap()).unwrap().min(6000);
        self.client.set_window_size(1280, height + 140).await.unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), self.client.screenshot().await.unwrap()).unwrap();
        self.client.set_window_size(1280, 900).await.unwrap();
    }

    /// Ends the session; the driver ends by itself.
    pub(crate) async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}
