//! Checks of who the person is and how to reach them.

use crate::domain::report::Severity;
use crate::domain::resume::{Basics, Resume};
use crate::domain::source::{Line, Part, SourceText};
use crate::engine::understand::readability::{Checks, places};

/// Name, contacts, and whether they stand where readers look.
pub(crate) fn check(checks: &mut Checks, source: &SourceText, resume: &Resume) {
    let basics = resume.basics.clone().unwrap_or_default();
    checks.add(
        "missing_name",
        Severity::Error,
        basics.name.is_some(),
        [
            "The name was found.",
            "No name was found at the top.",
            "Put your name alone on the first line, in the largest type.",
        ],
    );
    check_contacts(checks, source, &basics);
    let contacts: Vec<&str> = [&basics.email, &basics.phone]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .filter(|contact| stands_apart(source, contact))
        .collect();
    checks
        .add(
            "header_footer_contact",
            Severity::Warning,
            contacts.is_empty(),
            [
                "Contacts stand in the body.",
                "Contacts stand only in the page header or footer, which many readers skip.",
                "Repeat your contacts in the body, below your name.",
            ],
        )
        .at(|| {
            places::of_lines(source, |line| {
                is_margin(line) && contacts.iter().any(|contact| line.text().contains(contact))
            })
        });
}

fn check_contacts(checks: &mut Checks, source: &SourceText, basics: &Basics) {
    checks.add(
        "missing_email",
        Severity::Error,
        basics.email.is_some(),
        [
            "An e-mail address was found.",
            "No e-mail address was found.",
            "Write your e-mail address as text below your name.",
        ],
    );
    let email = basics.email.as_deref().unwrap_or_default();
    checks
        .add(
            "malformed_email",
            Severity::Error,
            email.is_empty() || is_email(email),
            [
                "The e-mail address is well formed.",
                "The e-mail address is not well formed.",
                "Write the address as name@example.org, without blanks.",
            ],
        )
        .at(|| places::of_texts(source, [email]));
    checks.add(
        "missing_phone",
        Severity::Warning,
        basics.phone.is_some(),
        [
            "A telephone number was found.",
            "No telephone number was found.",
            "Write your telephone number as text below your name.",
        ],
    );
    checks.add(
        "missing_location",
        Severity::Info,
        basics.location.is_some(),
        ["The place was found.", "No place was found.", "Write your city and country below your name."],
    );
}

/// Whether a contact stands in a margin of the page and nowhere else.
fn stands_apart(source: &SourceText, contact: &str) -> bool {
    let stands = |margin: bool| {
        source.lines.iter().any(|line| is_margin(line) == margin && line.text().contains(contact))
    };
    !contact.is_empty() && stands(true) && !stands(false)
}

fn is_margin(line: &Line) -> bool {
    matches!(line.part, Part::Header | Part::Footer)
}

fn is_email(address: &str) -> bool {
    let Some((local, host)) = address.split_once('@') else {
        return false;
    };
    let labels: Vec<&str> = host.split('.').collect();
    let ending =
        labels.last().is_some_and(|end| end.chars().count() >= 2 && end.chars().all(char::is_alphabetic));
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty())
        && ending
        && !address.contains(char::is_whitespace)
}
