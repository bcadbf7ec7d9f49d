//! What operators deploy by: the image, compose files and manifests say what this program understands, and keep to its rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;
use resume_optimizer::config::Config;

/// A file of the repository with its text.
struct Text {
    path: String,
    text: String,
}

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The manifests, the compose files and the Dockerfile, without their comments.
fn all() -> Vec<Text> {
    fn walk(folder: PathBuf, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(path, found);
            } else {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    let root = format!("{}/", env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(PathBuf::from(format!("{root}k8s")), &mut paths);
    let mut paths: Vec<String> =
        paths.into_iter().map(|path| path.strip_prefix(&root).unwrap().to_owned()).collect();
    paths.extend(["Dockerfile", "compose.yaml", "compose.single.yaml"].map(ToOwned::to_owned));
    let text = |path: String| {
        let text = read(&path);
        let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        Text { text: code.collect::<Vec<_>>().join("\n"), path }
    };
    paths.into_iter().map(text).collect()
}

/// Each object of the manifests that runs something.
fn workloads() -> Vec<(String, String)> {
    let kind = Regex::new(r"(?m)^kind: (Deployment|StatefulSet|Job|CronJob)$").unwrap();
    let name = Regex::new(r"(?m)^  name: (\S+)$").unwrap();
    let manifests = all().into_iter().filter(|file| file.path.starts_with("k8s/"));
    let objects =
        manifests.flat_map(|file| file.text.split("\n---\n").map(ToOwned::to_owned).collect::<Vec<_>>());
    objects
        .filter(|object| kind.is_match(object))
        .map(|object| (name.captures(&object).unwrap()[1].to_owned(), object))
        .collect()
}

/// Asserts that this manifest, which `name` calls, says `rule`.
#[track_caller]
fn has(manifest: &str, name: &str, rule: &str) {
    assert!(manifest.contains(rule), "{name} lacks {rule}");
}

/// The version of the program, without which an image could not be gone back to.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn what_is_set_is_known_and_fits() {
    let set = Regex::new(r#"(RESUME_OPTIMIZER__[A-Z0-9_]+)(?:=|: |, value: )"?(\$\{[A-Z_]+:-)?([^"\s}]*)"#)
        .unwrap();
    let mut known = 0;
    for file in all() {
        let mut env = BTreeMap::new();
        for found in set.captures_iter(&file.text) {
            // A bucket and an address that are to be filled in are no values yet.
            env.insert(found[1].to_owned(), found[3].trim_end_matches(" \\").to_owned());
        }
        known += env.len();
        if let Err(error) = Config::load(None, env, &[]) {
            panic!("{}: {error}", file.path);
        }
    }
    assert!(known > 10, "{known} settings were found");
}

#[test]
fn every_image_has_a_version_and_ours_is_this_one() {
    let image = Regex::new(r"(?m)(?:^FROM|image:) (\S+)").unwrap();
    for file in all() {
        for found in image.captures_iter(&file.text) {
            let named = &found[1];
            let stages = ["dependencies", "resume-optimizer"];
            assert!(stages.contains(&named) || named.contains([':', '@']), "{}: {named}", file.path);
            assert!(!named.ends_with(":latest"), "{}: {named}", file.path);
            if let Some(version) = named.strip_prefix("resume-optimizer:") {
                assert_eq!(version, VERSION, "{}", file.path);
            }
        }
    }
    let release = read("k8s/components/release/kustomization.yaml");
    assert!(release.contains(&format!("newTag: {VERSION}\n")));
    assert!(release.contains(&format!("resume-optimizer-migrate-{}\n", VERSION.replace('.', "-"))));
    assert!(read("Dockerfile").contains(&format!("ARG VERSION={VERSION}\n")));
}

#[test]
fn the_image_has_a_stub_for_each_target_and_runs_as_nobody_in_particular() {
    let dockerfile = read("Dockerfile");
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    for bench in manifest["bench"].as_array().unwrap() {
        let name = bench["name"].as_str().unwrap();
        let path = bench.get("path").and_then(|path| path.as_str().map(ToOwned::to_owned));
        let path = path.unwrap_or_else(|| format!("benches/{name}.rs"));
        assert!(dockerfile.contains(&path), "the layer of dependencies lacks {path}");
    }
    for line in [
        "USER 10001:10001",
        "STOPSIGNAL SIGTERM",
        "VOLUME [\"/data\"]",
        "EXPOSE 8000",
        "ENTRYPOINT [\"resume-optimizer\"]",
        "CMD [\"serve\"]",
    ] {
        assert!(dockerfile.lines().any(|said| said == line), "the Dockerfile lacks {line}");
    }
    let health = dockerfile.lines().find(|line| line.starts_with("HEALTHCHECK")).unwrap();
    assert!(health.ends_with("CMD [\"resume-optimizer\", \"health\"]"), "{health}");
    assert!(dockerfile.contains("cargo build --release --locked --offline"));
}

#[test]
fn whatever_runs_in_a_cluster_may_do_little_and_is_watched() {
    let workloads = workloads();
    let secrets = Regex::new(r"(?i)(password|secret_key|database_url).*value:").unwrap();
    assert!(workloads.len() >= 5, "{:?}", workloads.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for (name, object) in workloads {
        for rule in [
            "automountServiceAccountToken: false",
            "runAsNonRoot: true",
            "runAsUser: 10001",
            "seccompProfile: { type: RuntimeDefault }",
            "readOnlyRootFilesystem: true",
            "allowPrivilegeEscalation: false",
            "capabilities: { drop: [ALL] }",
            "limits: { memory: ",
            "requests: { cpu: ",
        ] {
            has(&object, &name, rule);
        }
        let has_number = object.lines().any(|line| line.starts_with("  replicas:"));
        assert!(!has_number || object.contains("kind: StatefulSet"), "{name}: an autoscaler rules");
        let comes_to_an_end = ["kind: Job\n", "kind: CronJob\n"].iter().any(|kind| object.contains(kind));
        if !comes_to_an_end {
            for rule in [
                "startupProbe:",
                "livenessProbe:",
                "readinessProbe:",
                "path: /health",
                "path: /ready",
                "terminationGracePeriodSeconds: ",
            ] {
                has(&object, &name, rule);
            }
        }
        assert!(!secrets.is_match(&object), "{name}: a secret is referred to, never said");
    }
}

#[test]
fn the_cluster_scales_as_it_says() {
    let api = read("k8s/overlays/cluster/api.yaml");
    for rule in [
        "kind: HorizontalPodAutoscaler",
        "apiVersion: autoscaling/v2",
        "minReplicas: 3",
        "maxReplicas: 50",
        "name: cpu, target: { type: Utilization, averageUtilization: 70 }",
        "name: memory, target: { type: Utilization, averageUtilization: 80 }",
        "kind: PodDisruptionBudget",
        "args: [serve, --api, --no-migrate]",
    ] {
        has(&api, "the API", rule);
    }
    let worker = read("k8s/overlays/cluster/worker.yaml");
    for rule in [
        "kind: HorizontalPodAutoscaler",
        "kind: PodDisruptionBudget",
        "args: [serve, --worker, --no-migrate]",
    ] {
        assert!(worker.contains(rule), "the workers lack {rule}");
    }
    assert!(read("k8s/overlays/cluster/migrate.yaml").contains("args: [migrate, up]"));
    let service = read("k8s/base/service.yaml");
    assert!(service.contains("port: 80, targetPort: http"), "{service}");
    let example = read("k8s/overlays/cluster/secret.example.yaml");
    assert!(
        example.contains("DATABASE_URL")
            && example.contains("REDIS_URL")
            && example.contains("JWT_SECRET_KEY")
    );
    assert!(
        !read("k8s/overlays/cluster/kustomization.yaml")
            .lines()
            .any(|line| line.trim() == "- secret.example.yaml")
    );
}

#[test]
fn backups_are_made_by_the_clock_and_take_the_place_of_the_last_ones() {
    let nightly = read("k8s/components/backup/nightly/backup.yaml");
    for rule in [
        "kind: CronJob",
        "timeZone: Etc/UTC",
        "concurrencyPolicy: Forbid",
        "startingDeadlineSeconds: ",
        "activeDeadlineSeconds: ",
        "successfulJobsHistoryLimit: ",
        "failedJobsHistoryLimit: ",
        "restartPolicy: Never",
        "args: [backup, /backups/nightly.zip, --force]",
        "claimName: resume-optimizer-backups }",
    ] {
        has(&nightly, "the nightly backup", rule);
    }
    // The patches name their places by number.
    let weekly = read("k8s/components/backup/weekly/kustomization.yaml");
    assert!(weekly.contains("containers/0/args/1\n        value: /backups/weekly.zip"), "{weekly}");
    let web = read("k8s/base/network.yaml");
    let web = web.split("name: resume-optimizer-web\n").nth(1).unwrap();
    let second = web.split("- { key: ").nth(2).unwrap();
    assert!(second.starts_with("app.kubernetes.io/component, operator: In, values: ["), "{second}");
    // What is named after the release does not get its image.
    let cluster = read("k8s/overlays/cluster/kustomization.yaml");
    let line = |wanted: &str| cluster.lines().position(|line| line.ends_with(wanted)).unwrap();
    assert!(line("- ../../components/backup") < line("- ../../components/release"), "{cluster}");
}

#[test]
fn the_development_setup_waits_and_has_no_secret_of_its_own() {
    let compose = read("compose.yaml");
    for rule in [
        "condition: service_healthy",
        "condition: service_completed_successfully",
        "JWT_SECRET_KEY: ${JWT_SECRET_KEY:?",
        "${POSTGRES_PASSWORD:?",
        "read_only: true",
        "cap_drop: [ALL]",
        "127.0.0.1:8000:8000",
    ] {
        has(&compose, "compose.yaml", rule);
    }
    let single = read("compose.single.yaml");
    for rule in
        ["read_only: true", "cap_drop: [ALL]", "volumes: [\"data:/data\"]", "[CMD, resume-optimizer, health]"]
    {
        has(&single, "compose.single.yaml", rule);
    }
}
