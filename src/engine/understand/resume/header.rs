//! The head of a resume: name, label, contacts, introduction.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::{Basics, Location, Profile};
use crate::engine::understand::resume::contacts::{Found, emails, handles, phones, profile, urls};
use crate::engine::understand::resume::evidence::title;
use crate::engine::understand::resume::keep::{Bag, missing};
use crate::engine::understand::resume::name::choose_name;
use crate::engine::understand::resume::places::is_address;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{add_paragraph, pattern, trim_marks, without};

static LABELS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\s)(?:e-?\s?mail(?:\s+address)?|mailto|courriel|correo(?:\s+electrónico)?|phone(?:\s+number)?|mobile|mobil|cell|tel(?:efon|éfono|efone|efono|\.)?|téléphone|handy|móvil|celular|fax|address|adresse|anschrift|dirección|endereço|indirizzo|adres|location|home\s?page|website|web\s?site|web|portfolio|url|linkedin|github|twitter|blog|电话|手机|邮箱|电子邮件|地址|所在地|住址|现居)\s*(?:\([a-z]\))?\s*[:：]\s*/{0,2}",
    )
});
static UPDATED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\s*(?:last\s+)?(?:updated|modified|revised|stand|zuletzt)\b.*$"));
static PAGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:page|seite|página|pagina|strona|第)?\s*\d{1,3}\s*(?:(?:/|of|von|de|sur|di|van|z|页)\s*\d{0,3})?\W*$",
    )
});

/// A piece of the head that is no contact.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// Its words.
    pub(crate) text: String,
    /// The row it stands in.
    pub(crate) row: usize,
    /// Type size of the row.
    pub(crate) size: f32,
    /// Bold throughout.
    pub(crate) bold: bool,
    /// Whether the row reads as running text.
    pub(crate) prose: bool,
}

/// Reads the head rows (and those of contact sections) into `basics`; the rest comes back as printed.
pub(crate) fn read_basics(rows: &[Row]) -> (Basics, Vec<String>) {
    let rows: Vec<Row> = rows.iter().filter(|row| !is_furniture(row)).cloned().collect();
    let mut basics = Basics::default();
    let mut pieces: Vec<Piece> = Vec::new();
    for (nth, row) in rows.iter().enumerate() {
        let prose = row.is_prose();
        let texts = if prose { vec![row.text()] } else { parts(row) };
        for text in texts {
            let rest = take_contacts(&mut basics, row, &text);
            let rest = if prose { rest } else { trim_marks(&LABELS.replace_all(&rest, " ")).to_owned() };
            if !rest.is_empty() {
                pieces.push(Piece { text: rest, row: nth, size: row.size, bold: row.bold, prose });
            }
        }
        add_links(&mut basics, row);
    }
    let local =
        basics.email.as_deref().and_then(|email| email.split('@').next()).unwrap_or_default().to_owned();
    if let Some(name) = choose_name(&mut pieces, &local) {
        basics.name = Some(name);
    }
    set_label(&mut basics, &mut pieces);
    for piece in pieces {
        if basics.location.is_none() && is_address(&piece.text) {
            basics.location = Some(location(&piece.text));
        } else if piece.prose {
            add_paragraph(&mut basics.summary, &piece.text);
        }
    }
    let mut bag = Bag::of(&basics);
    let rest = missing(&rows, &mut bag);
    (basics, rest)
}

/// Whether a text says nothing but which page it is.
pub(crate) fn is_page_number(text: &str) -> bool {
    PAGE.is_match(text)
}

/// Page numbers and "last updated": they say nothing about the person.
pub(crate) fn is_furniture(row: &Row) -> bool {
    let text = row.text();
    (UPDATED.is_match(&text) && text.split_whitespace().count() <= 8) || PAGE.is_match(&text)
}

fn parts(row: &Row) -> Vec<String> {
    let marks = ['|', '·', '•', '∙', '⋅', '⋄', '◇', '‖', '¦', '\u{f0b7}', '/', '–', '—'];
    let mut parts = Vec::new();
    for cell in row.cells.iter().chain(&row.asides) {
        let mut spaced = cell.clone();
        for mark in marks {
            // A slash or dash parts only between blanks: addresses and names have them inside.
            let between =
                if matches!(mark, '/' | '–' | '—') { format!(" {mark} ") } else { mark.to_string() };
            spaced = spaced.replace(&between, "\t");
        }
        parts.extend(spaced.split('\t').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()));
    }
    parts
}

fn take_contacts(basics: &mut Basics, row: &Row, text: &str) -> String {
    let mut rest = text.to_owned();
    for found in emails(text).into_iter().rev() {
        rest = without(&rest, found.start, found.end);
    }
    for found in emails(text) {
        add_email(basics, found.text);
    }
    let accounts = handles(&rest);
    for (found, _) in accounts.iter().rev() {
        rest = without(&rest, found.start, found.end);
    }
    for (_, account) in accounts {
        let link = row.links.iter().map(|(_, target)| target).find(|target| {
            account
                .username
                .as_deref()
                .is_some_and(|name| target.to_lowercase().contains(&name.to_lowercase()))
        });
        let url = link.filter(|link| link.starts_with("http")).cloned();
        add_profile(basics, Profile { url, ..account });
    }
    let addresses = urls(&rest);
    for Found { start, end, text } in addresses.iter().rev() {
        rest = without(&rest, *start, *end);
        let _ = text;
    }
    for found in addresses {
        add_url(basics, &whole(row, &found.text));
    }
    let numbers = phones(&rest);
    for found in numbers.iter().rev() {
        rest = without(&rest, found.start, found.end);
    }
    for found in numbers {
        if basics.phone.is_none() {
            basics.phone = Some(found.text);
        } else if basics.phone.as_deref() != Some(found.text.as_str()) {
            basics.profiles.push(Profile {
                network: Some("Phone".to_owned()),
                username: Some(found.text),
                url: None,
            });
        }
    }
    // The words of a link that is an account of its own: "rendercv" leading to a network.
    for (words, target) in &row.links {
        let account = profile(target);
        if !words.is_empty()
            && trim_marks(&rest) == trim_marks(words)
            && let Some(account) = account
        {
            let username = Some(trim_marks(words).to_owned());
            add_profile(basics, Profile { username, ..account });
            return String::new();
        }
    }
    rest
}

/// The first address is the person's; others stay beside it.
pub(crate) fn add_email(basics: &mut Basics, address: String) {
    if basics.email.is_none() {
        basics.email = Some(address);
    } else if basics.email.as_deref() != Some(address.as_str()) {
        basics.profiles.push(Profile {
            network: Some("Email".to_owned()),
            username: Some(address),
            url: None,
        });
    }
}

/// The address that a link has where a shorter form of it is printed.
fn whole(row: &Row, printed: &str) -> String {
    let targets = row.links.iter().map(|(_, target)| target).filter(|target| target.starts_with("http"));
    let same = |target: &&String| bare(Some(target)) == bare(Some(printed));
    targets.clone().find(same).map_or_else(|| printed.to_owned(), Clone::clone)
}

fn add_url(basics: &mut Basics, url: &str) {
    match profile(url) {
        Some(account) => add_profile(basics, account),
        None if basics.url.is_none() => basics.url = Some(url.to_owned()),
        None if basics.url.as_deref() != Some(url) => {
            add_profile(basics, Profile { url: Some(url.to_owned()), ..Profile::default() });
        }
        None => {}
    }
}

fn add_profile(basics: &mut Basics, account: Profile) {
    let key = |text: &Option<String>| {
        text.as_deref().map(|text| text.to_lowercase().replace(' ', "")).unwrap_or_default()
    };
    let known = basics.profiles.iter_mut().find(|known| {
        let same_name = key(&known.network) == key(&account.network)
            && (known.username.is_none()
                || account.username.is_none()
                || key(&known.username) == key(&account.username));
        (known.network.is_some() && same_name)
            || (known.url.is_some() && bare(known.url.as_deref()) == bare(account.url.as_deref()))
    });
    match known {
        Some(known) => {
            known.url = known.url.take().or(account.url);
            known.username = known.username.take().or(account.username);
        }
        None => basics.profiles.push(account),
    }
}

fn bare(url: Option<&str>) -> String {
    let url = url.unwrap_or_default().to_lowercase();
    url.trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_start_matches("www.")
        .trim_end_matches('/')
        .to_owned()
}

/// Links whose words do not show where they lead.
fn add_links(basics: &mut Basics, row: &Row) {
    for (_, target) in &row.links {
        if let Some(address) = target.strip_prefix("mailto:") {
            let address = address.split('?').next().unwrap_or_default();
            // What is printed counts more than what a template left in the link.
            if basics.email.is_none() && emails(&row.text()).is_empty() && address.contains('@') {
                basics.email = Some(address.to_owned());
            }
        } else if target.starts_with("http") {
            let printed = basics.url.as_deref().map(|url| bare(Some(url)));
            if printed.as_deref() != Some(bare(Some(target)).as_str()) {
                add_url(basics, target);
            }
        }
    }
}

fn set_label(basics: &mut Basics, pieces: &mut Vec<Piece>) {
    let short = |piece: &Piece| !piece.prose && piece.text.split_whitespace().count() <= 12;
    let Some(at) =
        pieces.iter().position(|piece| short(piece) && title(&piece.text) >= 1.5 && !is_address(&piece.text))
    else {
        return;
    };
    let row = pieces.get(at).map_or(0, |piece| piece.row);
    let mut label: Vec<String> = Vec::new();
    pieces.retain(|piece| {
        let mine = piece.row == row && short(piece) && !is_address(&piece.text);
        if mine {
            label.push(piece.text.clone());
        }
        !mine
    });
    basics.label = Some(label.join(" · "));
}

/// A place in its parts where they are plain, as printed otherwise.
pub(crate) fn location(text: &str) -> Location {
    let text = trim_marks(text);
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if let [city, region] = parts.as_slice()
        && region.chars().count() <= 3
        && region.chars().all(char::is_uppercase)
        && !city.chars().any(|c| c.is_ascii_digit())
    {
        return Location {
            city: Some((*city).to_owned()),
            region: Some((*region).to_owned()),
            ..Location::default()
        };
    }
    Location { address: Some(text.to_owned()), ..Location::default() }
}
