//! `user`: accounts, by an operator beside the running service.

use serde_json::{Value, json};

fn password(stdout: &str) -> String {
    stdout.lines().find_map(|line| line.strip_prefix("Password, shown this once: ")).unwrap().to_owned()
}

on_both! {
    async fn the_first_account_is_made_before_anything_else_ran(world) {
        let made = world.program().args(["user", "create", "ada@example.org", "--admin"]).run().done();
        assert!(made.stdout.starts_with("Made the account ada@example.org, admin."), "{}", made.stdout);
        let service = world.serve(&["--api"]);
        let login = json!({ "email": "ada@example.org", "password": password(&made.stdout) });
        let session = service.api().post("/auth/login", &login).await.expect(200).json();
        assert_eq!(session["user"]["role"], "admin");

        world.program().args(["user", "create", "ADA@example.org"]).run().refused(1, &["already has an account"]);
        world.program().args(["user", "create", "ada"]).run().refused(1, &["e-mail address"]);
        world.program().args(["user", "set-tier", "nobody@example.org", "pro"]).run().refused(1, &["nobody@example.org", "user list"]);
        let weak = world.program().args(["user", "create", "eve@example.org", "--password-stdin"]).input("password\n").run();
        weak.refused(1, &["first that anyone would try"]);
    }

    async fn a_database_that_is_behind_is_left_as_it_is(world) {
        world.program().args(["migrate", "up"]).run().done();
        world.program().args(["migrate", "down", "1", "--yes"]).run().done();
        world.program().args(["user", "list"]).run().refused(1, &["1 migration pending", "migrate up"]);
        let status = world.program().args(["migrate", "status"]).run().done();
        assert!(status.stdout.contains("pending"), "{}", status.stdout);
    }

    async fn an_operator_changes_accounts_while_the_service_runs(world) {
        let service = world.serve(&["--api"]);
        let mira = service.api().register("mira@example.org").await;
        let key = mira.post("/me/api-keys", &json!({ "name": "script" })).await.expect(201).json();
        let script = mira.with_token(key["key"].as_str().unwrap());
        let user = |args: &[&str]| world.program().arg("user").args(args).run().done();
        user(&["set-tier", "mira@example.org", "enterprise"]);
        assert_eq!(mira.get("/me").await.expect(200).json()["subscription_tier"], "enterprise");
        let listed: Value = world.program().args(["user", "list", "--json"]).run().json();
        assert_eq!(listed["items"][0]["email"], "mira@example.org");
        assert!(user(&["list"]).stdout.contains("enterprise"));

        user(&["deactivate", "Mira@example.org"]);
        mira.get("/me").await.refused(401, "invalid_token", &[]);
        script.get("/me").await.refused(401, "invalid_token", &[]);
        user(&["activate", "mira@example.org"]);
        script.get("/me").await.expect(200);

        let new = "quite another long passphrase";
        let reset = world.program().args(["user", "reset-password", "mira@example.org", "--password-stdin"]);
        reset.input(format!("{new}\n")).run().done();
        script.get("/me").await.refused(401, "invalid_token", &[]);
        let login = json!({ "email": "mira@example.org", "password": new });
        service.api().post("/auth/login", &login).await.expect(200);
    }
}
