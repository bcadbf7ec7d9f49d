//! Name, e-mail, telephone and links.

use resume_optimizer::domain::resume::{Basics, Resume};
use serde_json::Value;

use crate::normal::{normal, same};
use crate::score::{Metric, Score};
use crate::truth::Truth;

/// Scores what leads to the person.
pub(crate) fn score(score: &mut Score, truth: &Truth, resume: &Resume, json: &Value) {
    let none = Basics::default();
    let basics = resume.basics.as_ref().unwrap_or(&none);
    let shown = |had: &Option<String>| had.clone().unwrap_or_default();
    if let Some(expected) = &truth.full_name {
        let right = same(expected, basics.name.as_deref());
        score.check(Metric::FullName, right);
        if !right {
            score.miss("full name", expected, shown(&basics.name));
        }
    }
    if let Some(expected) = &truth.email {
        let right = basics.email.as_ref().is_some_and(|had| normal(had) == normal(expected));
        score.check(Metric::Email, right);
        if !right {
            score.miss("e-mail", expected, shown(&basics.email));
        }
    }
    if let Some(expected) = &truth.phone {
        let right = basics.phone.as_ref().is_some_and(|had| is_same_number(expected, had));
        score.check(Metric::Phone, right);
        if !right {
            score.miss("phone", expected, shown(&basics.phone));
        }
    }
    let had = links(json);
    for expected in truth.links.iter().flatten() {
        let right = had.contains(&address(expected));
        score.check(Metric::Links, right);
        if !right {
            score.miss("link", expected, had.join(" "));
        }
    }
}

/// Whether two numbers reach the same person: the same digits, or all digits of the shorter one at the end of the
/// longer, which has no more than a country code before them.
fn is_same_number(expected: &str, had: &str) -> bool {
    let (expected, had) = (digits(expected), digits(had));
    let (long, short) = if expected.len() >= had.len() { (&expected, &had) } else { (&had, &expected) };
    // The zero before a national number falls away behind a country code.
    let national = if long.len() > short.len() { short.trim_start_matches('0') } else { short };
    long == short || (national.len() >= 7 && long.ends_with(national) && long.len() - national.len() <= 3)
}

/// The digits, with the `x` of a masked number, which is kept as printed.
fn digits(phone: &str) -> String {
    let folded = normal(phone).replace("(0)", "");
    folded.chars().filter(|c| c.is_ascii_digit() || *c == 'x').collect()
}

/// Every address that the resume gives as one: the `url` of anything, and the accounts.
fn links(json: &Value) -> Vec<String> {
    let mut found = Vec::new();
    gather(json, &mut found);
    found.sort();
    found.dedup();
    found
}

fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            found.extend(text("url").map(address));
            if let (Some(network), Some(username)) = (text("network"), text("username")) {
                found.push(address(&format!("{network}:{username}")));
            }
            fields
                .iter()
                .filter(|(name, _)| *name != "x-provenance")
                .for_each(|(_, inner)| gather(inner, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An address without scheme, `www.` and the slash at its end; an account as `network:user`, however it is written.
fn address(link: &str) -> String {
    let link = normal(link);
    let link = link.strip_prefix("https://").or(link.strip_prefix("http://")).unwrap_or(&link);
    let link = link.strip_prefix("www.").unwrap_or(link).trim_end_matches('/');
    for (host, network) in [("linkedin.com/in/", "linkedin"), ("github.com/", "github")] {
        if let Some(user) = link.strip_prefix(host)
            && !user.contains('/')
        {
            return format!("{network}:{user}");
        }
    }
    link.to_owned()
}
