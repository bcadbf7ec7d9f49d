//! `user`: accounts, for an operator.
//!
//! Works on the database beside whatever serves. Passwords come from standard input or are made up and shown once: on the
//! command line, every other user of the machine could read them.

use std::io::{self, BufRead as _};
use std::path::Path;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::migrate::refuse_behind;
use crate::cli::{output, settings};
use crate::domain::user::{Role, Tier, User};
use crate::service::auth::{Registration, random_token};
use crate::service::{ServiceError, operator};
use crate::shutdown::Shutdown;
use crate::store::{Db, migrate};

/// Bytes of a password on standard input: more is something else that was piped in.
const MAX_INPUT: u64 = 8192;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an account; without --password-stdin a password is made up and shown once
    Create {
        /// The address to sign in with
        email: String,
        /// Give it the role admin
        #[arg(long)]
        admin: bool,
        /// Take the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List all accounts, newest first
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Give an account another tier; its quotas hold at once
    SetTier {
        /// The account's address
        email: String,
        /// The tier
        #[arg(value_parser = tiers())]
        tier: Tier,
    },
    /// Let an account sign in again
    Activate {
        /// The account's address
        email: String,
    },
    /// Keep an account out, at once: sign-ins end, keys are refused, nothing is deleted
    Deactivate {
        /// The account's address
        email: String,
    },
    /// Give an account another password; its sign-ins end and its API keys are deleted
    ResetPassword {
        /// The account's address
        email: String,
        /// Take the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does it to the accounts in the configured database, which is set up where it is empty.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let runtime = settings::runtime()?;
    let done = runtime.block_on(async {
        let app = App::build(config, Shutdown::new()).await.map_err(Failure::failed)?;
        let done = match ready(&app.db).await {
            Ok(()) => execute(&app, &args.command).await,
            Err(behind) => Err(behind),
        };
        app.db.close().await;
        done
    });
    done.and_then(|text| output::text(&text))
}

/// Sets up an empty database, so that the first account can be made before anything is served; changes no other.
async fn ready(db: &Db) -> Result<(), Failure> {
    let steps = migrate::status(db).await.map_err(Failure::failed)?;
    if steps.iter().all(|step| !step.applied) {
        migrate::up(db).await.map_err(Failure::failed)?;
    }
    refuse_behind(db).await
}

async fn execute(app: &App, command: &Command) -> Result<String, Failure> {
    match command {
        Command::Create { email, admin, password_stdin, json } => {
            let password = Password::get(*password_stdin)?;
            let role = if *admin { Role::Admin } else { Role::User };
            let input = Registration {
                email: email.clone(),
                password: password.text.clone(),
                first_name: None,
                last_name: None,
            };
            let user = operator::create(app, input, role).await.map_err(Failure::failed)?;
            let said = format!("Made the account {}, {}.", user.email, user.role.as_str());
            Ok(password.tell(&user, said, *json))
        }
        Command::ResetPassword { email, password_stdin, json } => {
            let password = Password::get(*password_stdin)?;
            let user = operator::reset_password(app, email, &password.text)
                .await
                .map_err(|error| named(email, error))?;
            Ok(password.tell(&user, format!("The account {} has another password.", user.email), *json))
        }
        Command::List { json } => {
            let users = operator::list(app).await.map_err(Failure::failed)?;
            Ok(if *json { pretty(&json!({ "items": users })) } else { table(&users) })
        }
        Command::SetTier { email, tier } => {
            let user = operator::set_tier(app, email, *tier).await.map_err(|error| named(email, error))?;
            Ok(format!("{} has the tier {} now.\n", user.email, user.subscription_tier.as_str()))
        }
        Command::Activate { email } => {
            let user = operator::activate(app, email).await.map_err(|error| named(email, error))?;
            Ok(format!("{} may sign in.\n", user.email))
        }
        Command::Deactivate { email } => {
            let user = operator::deactivate(app, email).await.map_err(|error| named(email, error))?;
            Ok(format!("{} is out.\n", user.email))
        }
    }
}

/// A password, and whether its owner has yet to hear of it.
struct Password {
    text: String,
    made_up: bool,
}

impl Password {
    fn get(from_stdin: bool) -> Result<Self, Failure> {
        if !from_stdin {
            return Ok(Self { text: random_token(), made_up: true });
        }
        let mut line = String::new();
        let read = io::Read::take(io::stdin().lock(), MAX_INPUT).read_line(&mut line);
        read.map_err(|error| {
            Failure::failed(format!("The password could not be read from standard input: {error}."))
        })?;
        let text = line.trim_end_matches(['\r', '\n']).to_owned();
        if text.is_empty() {
            return Err(Failure::failed("There is no password on standard input; write it as one line."));
        }
        Ok(Self { text, made_up: false })
    }

    fn tell(&self, user: &User, said: String, as_json: bool) -> String {
        match (as_json, self.made_up) {
            (true, true) => pretty(&json!({ "user": user, "password": self.text })),
            (true, false) => pretty(&json!({ "user": user })),
            (false, true) => format!("{said}\nPassword, shown this once: {}\n", self.text),
            (false, false) => said + "\n",
        }
    }
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

fn table(users: &[User]) -> String {
    if users.is_empty() {
        return "There are no accounts; `resume-optimizer user create EMAIL --admin` makes one.\n".to_owned();
    }
    let widest = users.iter().map(|user| user.email.chars().count()).max().unwrap_or(0).max(5);
    let mut text = format!("{:widest$}  {:5}  {:10}  {:6}  MADE\n", "EMAIL", "ROLE", "TIER", "ACTIVE");
    for user in users {
        let active = if user.is_active { "yes" } else { "no" };
        text += &format!(
            "{:widest$}  {:5}  {:10}  {active:6}  {}\n",
            user.email,
            user.role.as_str(),
            user.subscription_tier.as_str(),
            user.created_at.format("%Y-%m-%d")
        );
    }
    text
}

fn named(email: &str, error: ServiceError) -> Failure {
    match error {
        ServiceError::NotFound { .. } => Failure::failed(format!(
            "There is no account {email}; `resume-optimizer user list` shows all of them."
        )),
        error => Failure::failed(error),
    }
}

fn tiers() -> impl TypedValueParser<Value = Tier> {
    PossibleValuesParser::new(["free", "pro", "enterprise"])
        .try_map(|name| Tier::parse(&name).ok_or("there is no such tier"))
}
