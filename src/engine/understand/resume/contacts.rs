//! E-mail addresses, telephone numbers, web addresses and accounts on networks.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::Profile;
use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::text::pattern;

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[\p{L}\p{N}._%+'-]+\s?@\s?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,24}\b")
});
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:\(?\+|\b00|\(|\b)\d[\d\s().\-–‐‑/·xX*]{5,20}[\dxX*]|\bxxx-xxx-xxxx\b"));
static PHONE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:phone|tele?phone|tel|cell|cellular|mobile|mobil|telefon|tél|téléphone|portable|handy|móvil|movil|celular|teléfono|telefone|telefono|cellulare|telefoon|komórka|gsm|电话|手机)(?:\s+(?:number|no))?\W{0,6}$",
    )
});
static URL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:https?://|www\.)[^\s|,;<>]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|me|ai|app|co|edu|gov|info|tech|page|site|xyz|de|fr|es|it|nl|pl|pt|br|uk|us|ca|ch|at|be|eu|in|cn|jp|kr|se|no|dk|fi|ie|au|nz|ru|blog|design|portfolio|cc|gg|so|sh)(?:\.[a-z]{2})?\b(?:/[^\s|,;<>]*)?",
    )
});
static HANDLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(linkedin|github|gitlab|twitter|facebook|youtube|quora|stackoverflow|stack\s?overflow|medium|behance|dribbble|kaggle|leetcode|instagram|xing|skype|telegram|orcid|google\s?scholar|researchgate|mastodon|bluesky|hackerrank|codeforces|bitbucket|devto|dev\.to|wechat|微信|qq|blog)\s*(?::\s*/{0,2}|//|/)\s*@?((?:/?in/)?[\p{L}\p{N}][\p{L}\p{N}._/-]*)",
    )
});

/// Hosts of networks and the part of the path before the name there.
const NETWORKS: &[(&str, &str, &str)] = &[
    ("linkedin.com", "LinkedIn", "in/"),
    ("github.com", "GitHub", ""),
    ("gitlab.com", "GitLab", ""),
    ("bitbucket.org", "Bitbucket", ""),
    ("twitter.com", "Twitter", ""),
    ("x.com", "X", ""),
    ("facebook.com", "Facebook", ""),
    ("fb.com", "Facebook", ""),
    ("fb.co", "Facebook", ""),
    ("instagram.com", "Instagram", ""),
    ("youtube.com", "YouTube", ""),
    ("medium.com", "Medium", ""),
    ("stackoverflow.com", "Stack Overflow", "users/"),
    ("kaggle.com", "Kaggle", ""),
    ("leetcode.com", "LeetCode", ""),
    ("hackerrank.com", "HackerRank", ""),
    ("behance.net", "Behance", ""),
    ("dribbble.com", "Dribbble", ""),
    ("xing.com", "XING", "profile/"),
    ("orcid.org", "ORCID", ""),
    ("scholar.google.com", "Google Scholar", ""),
    ("researchgate.net", "ResearchGate", "profile/"),
    ("quora.com", "Quora", "profile/"),
    ("dev.to", "DEV", ""),
    ("t.me", "Telegram", ""),
    ("bsky.app", "Bluesky", "profile/"),
];

/// A thing found in a text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// First byte.
    pub(crate) start: usize,
    /// Byte after the last.
    pub(crate) end: usize,
    /// As printed, cleaned of blanks that the layout put in.
    pub(crate) text: String,
}

/// The e-mail addresses of a text.
pub(crate) fn emails(text: &str) -> Vec<Found> {
    EMAIL
        .find_iter(text)
        .map(|found| {
            // `mailto:` and `E-mail:` end in a colon, so they never run into the address.
            let address: String = found.as_str().chars().filter(|c| !c.is_whitespace()).collect();
            Found {
                start: found.start(),
                end: found.end(),
                text: address.trim_start_matches(['.', '-', '\'']).to_owned(),
            }
        })
        .collect()
}

/// The telephone numbers of a text: 7 to 15 digits that are no dates.
pub(crate) fn phones(text: &str) -> Vec<Found> {
    PHONE
        .find_iter(text)
        .filter_map(|found| {
            let printed = found.as_str();
            let digits =
                printed.chars().filter(|c| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*')).count();
            let real = printed.chars().filter(char::is_ascii_digit).count();
            let dated = find_dates(printed)
                .iter()
                .any(|dates| dates.range || dates.start_at == 0 && printed.len() == dates.end_at);
            let word = text.get(found.end()..).is_some_and(|after| after.starts_with(char::is_alphabetic));
            let masked = printed.starts_with("xxx-");
            let fits = (7..=15).contains(&digits) && real >= 6 && !dated && !word || masked;
            fits.then(|| Found { start: found.start(), end: found.end(), text: printed.trim().to_owned() })
        })
        .collect()
}

/// The first telephone number that its label stands before: "Cell: 918-555-0112".
pub(crate) fn labelled_phone(text: &str) -> Option<Found> {
    phones(text)
        .into_iter()
        .find(|found| text.get(..found.start).is_some_and(|before| PHONE_LABEL.is_match(before)))
}

/// The web addresses of a text, e-mail addresses left out.
pub(crate) fn urls(text: &str) -> Vec<Found> {
    let mails = emails(text);
    URL.find_iter(text)
        .filter(|found| mails.iter().all(|mail| found.end() <= mail.start || found.start() >= mail.end))
        .filter(|found| text.get(..found.start()).is_none_or(|before| !before.ends_with(['@', '.'])))
        .map(|found| {
            let printed = found.as_str().trim_end_matches(['.', ')', ']', ':', '"', '\'']);
            Found { start: found.start(), end: found.start() + printed.len(), text: printed.to_owned() }
        })
        // "Node.js", "B.Sc" and "ASP.NET" look like hosts; a host has two letters before its dot and lower case.
        .filter(|found| {
            found.text.contains('/')
                || found.text.starts_with("www.")
                || found.text.chars().any(char::is_lowercase) && !found.text.to_lowercase().ends_with(".net")
                || found.text.matches('.').count() > 1
        })
        .collect()
}

/// Accounts written as `GitHub: name` or `LinkedIn:// name`.
pub(crate) fn handles(text: &str) -> Vec<(Found, Profile)> {
    HANDLE
        .captures_iter(text)
        .filter_map(|found| {
            let (whole, network, name) = (found.get(0)?, found.get(1)?, found.get(2)?);
            if name.as_str().contains('.') && name.as_str().contains('/') {
                return None;
            }
            let profile = Profile {
                network: Some(network.as_str().to_owned()),
                username: Some(name.as_str().trim_start_matches('/').trim_start_matches("in/").to_owned()),
                url: None,
            };
            Some((Found { start: whole.start(), end: whole.end(), text: whole.as_str().to_owned() }, profile))
        })
        .collect()
}

/// The account that a web address leads to; `None` for a site that is no network.
pub(crate) fn profile(url: &str) -> Option<Profile> {
    let bare =
        url.trim().trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = host.to_lowercase();
    let (_, network, before) =
        NETWORKS.iter().find(|(known, _, _)| host == *known || host.ends_with(&format!(".{known}")))?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.strip_prefix(before).unwrap_or(path).trim_matches('/').trim_start_matches('@');
    let name = name.split('/').next().unwrap_or_default();
    Some(Profile {
        network: Some((*network).to_owned()),
        username: (!name.is_empty()).then(|| name.to_owned()),
        url: Some(url.trim().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::{emails, handles, labelled_phone, phones, profile, urls};

    #[test]
    fn contacts_are_found_as_printed() {
        let text = |found: Vec<super::Found>| {
            found.into_iter().map(|found| found.text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(emails("email: mailto:ada@example.org | x")), "ada@example.org");
        assert_eq!(text(phones("(555) 123-4567 or +49 170 1234567")), "(555) 123-4567 +49 170 1234567");
        assert_eq!(text(phones("Tel: 0561 / 98 76 54")), "0561 / 98 76 54");
        assert_eq!(text(phones("(+34) 654 321 098")), "(+34) 654 321 098");
        assert_eq!(
            text(labelled_phone("Since 2019, Cell: 918-555-0112").into_iter().collect()),
            "918-555-0112"
        );
        assert_eq!(text(labelled_phone("Order 918-555-0112").into_iter().collect()), "");
        assert_eq!(text(phones("2013 - 2017, 06/2018 - 08/2019")), "");
        assert_eq!(text(urls("ada@example.org, example.org/me and Node.js, ASP.NET")), "example.org/me");
    }

    #[test]
    fn accounts_are_named() {
        let found =
            profile("https://www.linkedin.com/in/ada/").map(|profile| (profile.network, profile.username));
        assert_eq!(found, Some((Some("LinkedIn".to_owned()), Some("ada".to_owned()))));
        let found: Vec<_> = handles("Github:// ada | LinkedIn: /in/ada")
            .into_iter()
            .filter_map(|(_, profile)| profile.username)
            .collect();
        assert_eq!(found, ["ada", "ada"]);
    }
}
