//! What operators watch: the dashboard and the alerts name metrics, and labels of them, that a running service has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

use crate::support::deadline::PATIENCE;
use crate::support::redis::Redis;
use crate::support::service::World;

/// Metrics by name, each with the labels that are asked for or that its series have.
type Metrics = BTreeMap<String, BTreeSet<String>>;

/// Labels that Prometheus itself gives, and bounds of histograms.
const NOT_OURS: [&str; 4] = ["job", "instance", "namespace", "le"];

/// What a query asks for: every name before a `{`, with the labels within. In a text, such as
/// "{{ $labels.job }}", stands no name; and two are Prometheus' own.
fn asked(query: &str, metrics: &mut Metrics) {
    let selector = Regex::new(r"([a-zA-Z_][a-zA-Z0-9_]*)\{([^{}]*)\}").unwrap();
    let label = Regex::new(r"([a-z_]+)\s*(=|!=|=~|!~)").unwrap();
    for found in selector.captures_iter(query).filter(|found| !["up", "ALERTS"].contains(&&found[1])) {
        let labels = metrics.entry(base(&found[1]).to_owned()).or_default();
        let named = label.captures_iter(&found[2]).map(|label| label[1].to_owned());
        labels.extend(named.filter(|label| !NOT_OURS.contains(&label.as_str())));
    }
}

/// Of a histogram's three kinds of series, its name.
fn base(name: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

fn queries(value: &Value, metrics: &mut Metrics) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(query) if name == "expr" || name == "query" => asked(query, metrics),
                    value => queries(value, metrics),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, metrics)),
        _ => {}
    }
}

/// What a running service says of itself.
fn shown(text: &str) -> Metrics {
    let mut metrics = Metrics::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, rest) = line.split_once(['{', ' ']).unwrap();
        let labels = metrics.entry(base(name).to_owned()).or_default();
        if line.contains('{') {
            let names = rest.split("=\"").map(|part| part.rsplit([',', '{', '"']).next().unwrap());
            labels.extend(names.filter(|name| !name.contains(['}', ' '])).map(ToOwned::to_owned));
        }
    }
    metrics
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_dashboard_and_the_alerts_ask_for_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wanted = Metrics::new();
    let dashboard = std::fs::read_to_string(root.join("ops/grafana/resume-optimizer.json")).unwrap();
    queries(&serde_json::from_str(&dashboard).unwrap(), &mut wanted);
    let from_dashboard = wanted.len();
    let alerts = std::fs::read_to_string(root.join("ops/prometheus/alerts.yaml")).unwrap();
    let code =
        alerts.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    asked(&code, &mut wanted);
    assert!(from_dashboard > 15 && wanted.len() >= from_dashboard, "{wanted:#?}");

    let redis = Redis::start();
    let world = World::on_postgresql().await.with("REDIS_URL", &redis.url());
    let service = world.serve(&["--all"]);
    let api = service.api().register("mira@example.org").await;
    let id = api.ask().await;
    assert_eq!(api.ended(&id).await["status"], "completed");
    api.get(&format!("/jobs/{id}/documents/md")).await.expect(200);
    api.get("/jobs/none").await.expect(404);
    let missing = async || {
        let shown = shown(&api.outside("/metrics").await.text());
        let is_missing = |(name, labels): &(&String, &BTreeSet<String>)| {
            shown.get(*name).is_none_or(|known| !labels.is_subset(known))
        };
        wanted.iter().filter(is_missing).map(|(name, labels)| format!("{name}{labels:?}")).collect::<Vec<_>>()
    };
    // Some are set by what is done each few seconds, or each minute.
    let began = Instant::now();
    while !missing().await.is_empty() && began.elapsed() < PATIENCE * 2 {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(missing().await, Vec::<String>::new());
    let text = api.outside("/metrics").await.text();
    for name in shown(&text).keys() {
        assert!(text.contains(&format!("# HELP {name} ")), "{name} says nothing of itself");
    }
}

/// Each alert leads to what to do about it.
#[test]
fn every_alert_has_its_page_in_the_runbook() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let alerts = std::fs::read_to_string(root.join("ops/prometheus/alerts.yaml")).unwrap();
    let runbook = std::fs::read_to_string(root.join("docs/operations.md")).unwrap();
    let headings: BTreeSet<String> = runbook
        .lines()
        .filter_map(|line| {
            Some(line.trim_start_matches('#').trim().to_lowercase()).filter(|_| line.starts_with('#'))
        })
        .collect();
    let lines = |start: &'static str| alerts.lines().filter_map(move |line| line.trim().strip_prefix(start));
    let names: Vec<&str> = lines("- alert: ").collect();
    let pages: Vec<&str> = lines("runbook_url: docs/operations.md#").collect();
    assert!(names.len() > 10 && names.len() == pages.len(), "{names:?}, {pages:?}");
    for (name, page) in names.iter().zip(pages) {
        assert_eq!(name.to_lowercase(), page);
        assert!(headings.contains(page), "docs/operations.md has no {page}");
    }
}
