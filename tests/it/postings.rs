//! Postings by their address: fetched from public pages alone, and a clear sentence when there is none.

use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::documents::{POSTING, RESUME, timeless};
use crate::support::service::World;
use crate::support::site::{Page, Site};

const SIGN_IN: &str = "<html><head><title>Sign in</title></head><body><h1>Sign in</h1><p>Sign in to see this job. \
    New here? Join now to find people and jobs near you, follow companies and get messages from recruiters. We keep \
    your data safe and never post without asking.</p><form action='/login'><label>Email <input name='email'></label>\
    <label>Password <input type='password' name='password'></label><button>Sign in</button><a href='/forgot'>Forgot \
    password?</a></form></body></html>";

/// Our posting as a page that says what it is.
fn page() -> String {
    let items = POSTING.lines().filter_map(|line| line.strip_prefix("- "));
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    let description =
        format!("<p>Havbris Energy plans and runs wind farms.</p><h3>What you bring</h3><ul>{items}</ul>");
    let data = json!({
        "@context": "https://schema.org", "@type": "JobPosting", "title": "Senior Platform Engineer",
        "hiringOrganization": { "@type": "Organization", "name": "Havbris Energy" },
        "jobLocation": { "address": { "addressLocality": "Stavanger", "addressCountry": "NO" } },
        "description": description,
    });
    format!(
        "<html><head><title>Careers</title><script type=\"application/ld+json\">{data}</script></head>\
         <body><nav>Home Jobs About</nav><main>{description}</main><footer>Cookies</footer></body></html>"
    )
}

/// The posting as the job board Lever gives it.
fn lever() -> String {
    let items = POSTING.lines().filter_map(|line| line.strip_prefix("- "));
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    let lists = json!([{ "text": "What you bring", "content": items }]);
    json!({ "id": "4711", "text": "Senior Platform Engineer", "description": "<p>We run wind farms.</p>", "lists": lists })
        .to_string()
}

fn site() -> Site {
    Site::start(|path| {
        let html = |body: &str| Page::Body("200 OK", "text/html; charset=utf-8", body.to_owned());
        Some(match path {
            "/careers/42" => html(&page()),
            "/nul" => html(&page().replace("Havbris Energy\"", "Havbris\\u0000Energy\"")),
            "/plain" => Page::Body("200 OK", "text/plain", POSTING.to_owned()),
            "/moved" => Page::Redirect("/careers/42".to_owned()),
            "/login" => html(SIGN_IN),
            "/short" => html("<p>Engineer wanted now</p>"),
            "/broken" => Page::Body("500 Internal Server Error", "text/html", "<p>Oh no</p>".to_owned()),
            "/members" => Page::Body("403 Forbidden", "text/html", "<p>Members</p>".to_owned()),
            "/picture" => Page::Body("200 OK", "image/png", "x".repeat(500)),
            "/endless" => Page::Redirect("/endless".to_owned()),
            "/inward" => Page::Redirect("http://127.0.0.2/admin".to_owned()),
            "/large" => html(&"<p>A platform engineer is wanted.</p>".repeat(80_000)),
            "/silent" => Page::Silence,
            "/v0/postings/havbris-energy/4711?mode=json" => Page::Body("200 OK", "application/json", lever()),
            _ => return None,
        })
    })
}

/// A world in which that site alone may be visited of all private ones.
fn reaching(world: World, site: &Site) -> World {
    let authority = &site.authority;
    world.file(
        "config.toml",
        format!(
            "[intake]\nallow_private_hosts = [\"{authority}\"]\ntimeout_seconds = 1\n\
             [intake.board_base_urls]\nlever = \"http://{authority}\"\n\
             [queue]\nmax_attempts = 2\nretry_base_seconds = 0\npoll_ms = 50\n"
        ),
    );
    world.file("resume.md", RESUME);
    world
}

/// Asks for a job with the posting at this address; the job when it has ended.
async fn job(api: &Api, url: &str) -> Value {
    let body = json!({ "file_id": api.upload_resume().await, "job_url": url });
    let job = api.post("/jobs", &body).await.expect(202).json();
    api.ended(job["id"].as_str().unwrap()).await
}

/// An address is refused in the same words everywhere: by an analysis, by a job, on the command line.
async fn refuses(world: &World, api: &Api, url: &str, code: &str, says: &[&str], attempts: u32) {
    let file = api.upload_resume().await;
    let answer = api.post("/analyze", &json!({ "file_id": file, "job_url": url })).await;
    let sentence = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
    answer.refused(422, code, says);
    let job = job(api, url).await;
    assert_eq!((&job["status"], &job["error_message"]), (&json!("failed"), &json!(sentence)), "{job}");
    assert_eq!(job["attempts"], attempts, "{job}");
    for command in [["optimize", "--out=out"], ["analyze", "--json"]] {
        let args = ["resume.md", "--posting", url];
        world.program().args(command).args(args).run().refused(1, &[&sentence]);
    }
    assert!(!world.dir().join("out").exists());
}

on_both! {
    async fn a_posting_by_its_address_is_understood_like_any_other(world) {
        let site = site();
        let world = reaching(world, &site);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let odd = job(&api, &site.url("/nul")).await;
        assert_eq!((&odd["status"], &odd["company_name"]), (&json!("completed"), &json!("Havbris Energy")), "{odd}");
        for path in ["/careers/42", "/moved"] {
            let job = job(&api, &site.url(path)).await;
            assert_eq!(job["status"], "completed", "{job}");
            assert_eq!((&job["company_name"], &job["job_title"]), (&json!("Havbris Energy"), &json!("Senior Platform Engineer")));
            assert_eq!(job["job_url"], site.url(path), "as it was given");
            let path = format!("/jobs/{}/result", job["id"].as_str().unwrap());
            let result = api.get(&path).await.expect(200).json();
            assert_eq!(result["posting"]["url"], site.url("/careers/42"), "where it was found");
            let same = world.program()
                .args(["optimize", "resume.md", "--json", "--format", "md", "--posting", &site.url("/moved")])
                .run()
                .json();
            assert_eq!(timeless(result), timeless(same));
        }
        let job = job(&api, &site.url("/plain")).await;
        assert_eq!((&job["status"], &job["company_name"]), (&json!("completed"), &json!("Havbris Energy")));
        let body = json!({ "file_id": job["file_id"], "job_url": site.url("/careers/42") });
        let analysis = api.post("/analyze", &body).await.expect(200).json();
        assert_eq!(analysis["posting"]["company"], "Havbris Energy");
    }

    async fn a_posting_on_a_board_comes_from_the_boards_data(world) {
        let site = site();
        let world = reaching(world, &site);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let job = job(&api, "https://jobs.lever.co/havbris-energy/4711").await;
        assert_eq!((&job["status"], &job["job_title"]), (&json!("completed"), &json!("Senior Platform Engineer")), "{job}");
        assert_eq!(job["company_name"], "Havbris Energy");
        assert_eq!(site.visits("/v0/postings/havbris-energy/4711?mode=json"), 1);
    }

    async fn an_address_without_a_posting_is_one_sentence_everywhere(world) {
        let site = site();
        let world = reaching(world, &site);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let check = async |path: &str, code: &str, says: &[&str], attempts: u32| {
            refuses(&world, &api, &site.url(path), code, says, attempts).await;
        };
        let paste = "paste the posting's text instead";
        check("/nothing", "posting_not_found", &["127.0.0.1", paste], 1).await;
        check("/broken", "posting_unreachable", &["500", paste], 2).await;
        check("/silent", "posting_unreachable", &["1 seconds", paste], 2).await;
        check("/members", "posting_forbidden", &["signing in", paste], 1).await;
        check("/login", "posting_is_login_page", &["sign-in page", paste], 1).await;
        check("/short", "posting_too_short", &["25 words", "3"], 1).await;
        check("/picture", "posting_unsupported_type", &["image/png", paste], 1).await;
        check("/large", "posting_too_large", &["2 MiB", paste], 1).await;
        check("/endless", "too_many_redirects", &["5 times", paste], 1).await;
        assert_eq!(api.items("/jobs?status=failed").await.len(), 9);
    }

    async fn nothing_private_is_ever_visited(world) {
        let (site, secret) = (site(), site());
        let world = reaching(world, &site);
        let service = world.serve(&["--all"]);
        let api = service.api().register("mira@example.org").await;
        let port = secret.authority.rsplit(':').next().unwrap();
        let not_allowed = "address_not_allowed";
        for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "[::ffff:127.0.0.1]"] {
            let url = format!("http://{host}:{port}/careers/42");
            refuses(&world, &api, &url, not_allowed, &["not on the public internet"], 1).await;
        }
        refuses(&world, &api, "http://169.254.169.254/latest/meta-data", not_allowed, &["169.254.169.254"], 1).await;
        refuses(&world, &api, &site.url("/inward"), not_allowed, &["sends on"], 1).await;
        assert_eq!(secret.visits("/careers/42"), 0);
    }
}
