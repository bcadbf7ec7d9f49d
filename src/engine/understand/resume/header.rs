//! The head of a resume: name, label, contacts, introduction.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::{Basics, Location, Profile};
use crate::engine::understand::resume::contacts::{Found, emails, handles, phones, profile, urls};
use crate::engine::understand::resume::evidence::title;
use crate::engine::understand::resume::keep::{Bag, missing};
use crate::engine::understand::resume::name::choose_name;
use crate::engine::understand::resume::name_labels::is_part_of;
use crate::engine::understand::resume::places::{is_address, is_place, is_postal_town, is_street};
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

/// Reads the head rows (and those of contact sections) into `basics`; the rest comes back as printed. `labelled` is the name
/// that stood behind a label.
pub(crate) fn read_basics(rows: &[Row], labelled: Option<String>) -> (Basics, Vec<String>) {
    let rows: Vec<Row> = rows.iter().filter(|row| !is_furniture(row)).cloned().collect();
    let mut basics = Basics::default();
    let mut pieces: Vec<Piece> = Vec::new();
    for (nth, row) in rows.iter().enumerate() {
        let prose = row.is_prose() && !is_barred(row);
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
    if let Some(name) = &labelled {
        pieces.retain(|piece| !is_part_of(name, &piece.text));
    }
    basics.name = labelled.or_else(|| choose_name(&mut pieces, &local));
    set_label(&mut basics, &mut pieces);
    join_addresses(&mut pieces);
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

/// A street and its town, which stand on two lines or with a mark between them, are one address.
fn join_addresses(pieces: &mut Vec<Piece>) {
    let is_one = |pair: &[Piece]| match pair {
        [street, town] => {
            !street.prose
                && town.row <= street.row + 1
                && is_street(&street.text)
                && (is_postal_town(&town.text) || is_address(&street.text) && is_place(&town.text))
        }
        _ => false,
    };
    if let Some(at) = pieces.windows(2).position(is_one) {
        let town = pieces.remove(at + 1);
        if let Some(street) = pieces.get_mut(at) {
            street.text = format!("{}, {}", street.text, town.text);
        }
    }
}

/// Whether a row is a list of contacts with bars between them, however long it is.
fn is_barred(row: &Row) -> bool {
    let text = row.text();
    let bars = ["|", "·", "•"].map(|mark| text.matches(mark).count());
    bars.into_iter().any(|count| count >= 2) && (text.contains('@') || !phones(&text).is_empty())
}

/// Digits of the shortest telephone number.
const MIN_PHONE: usize = 7;

/// Whether a mark between blanks stands inside of a number: "0561 / 98 76 54". Between two whole ones it parts them.
fn is_inside_number(before: &str, after: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')' | '+' | '-' | '.');
    let count = |run: &str| run.chars().filter(char::is_ascii_digit).count();
    let start = before.trim_end_matches(is_number).len();
    let end = after.len() - after.trim_start_matches(is_number).len();
    let (left, right) =
        (count(before.get(start..).unwrap_or_default()), count(after.get(..end).unwrap_or_default()));
    let touches = before.ends_with(|c: char| c.is_ascii_digit() || c == ')')
        && after.starts_with(|c: char| c.is_ascii_digit());
    touches && left + right >= MIN_PHONE && (left < MIN_PHONE || right < MIN_PHONE)
}

/// A text with a tab for each mark that parts it.
fn with_tabs(text: &str, mark: &str) -> String {
    let mut spaced = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        spaced.push_str(before);
        spaced.push_str(if mark.starts_with(' ') && is_inside_number(before, after) { mark } else { "\t" });
        rest = after;
    }
    spaced.push_str(rest);
    spaced
}

/// "Jane Doe - Product Manager": a short dash parts a name from what the person is, and much else that is one.
fn with_name_apart(text: &str) -> String {
    match text.split_once(" - ") {
        Some((name, rest))
            if title(name) <= 0.0
                && title(rest) >= 1.5
                && (2..=4).contains(&name.split_whitespace().count())
                && name.split_whitespace().all(|word| word.starts_with(char::is_uppercase))
                && !rest.contains(['@', '\t']) =>
        {
            format!("{name}\t{rest}")
        }
        _ => text.to_owned(),
    }
}

fn parts(row: &Row) -> Vec<String> {
    let marks = ['|', '·', '•', '∙', '⋅', '⋄', '◇', '‖', '¦', '\u{f0b7}', '/', '–', '—'];
    let mut parts = Vec::new();
    for cell in row.cells.iter().chain(&row.asides) {
        let mut spaced = with_name_apart(cell);
        for mark in marks {
            // A slash or dash parts only between blanks: addresses and names have them inside.
            let between =
                if matches!(mark, '/' | '–' | '—') { format!(" {mark} ") } else { mark.to_string() };
            spaced = with_tabs(&spaced, &between);
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    #[track_caller]
    fn check(head: &str, phone: &str, place: &str) {
        let text = format!(
            "Jana Testova\n{head}\n\nEXPERIENCE\n\nClerk, Vireo Labs, 2012 – 2014\n- Kept the books\n"
        );
        let resume = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap());
        let basics = resume.basics.unwrap();
        let address = basics.location.and_then(|place| place.address.or(place.city)).unwrap_or_default();
        assert_eq!([basics.phone.unwrap_or_default(), address], [phone, place], "{head}");
        assert!(resume.sections.is_empty(), "{:?}", resume.sections);
    }

    #[test]
    fn numbers_are_whole_whatever_parts_their_digits() {
        check("Tel: 0561 / 98 76 54\njt81@example.com\n34117 Kassel", "0561 / 98 76 54", "34117 Kassel");
        check(
            "Tel: (+34) 654 321 098\njt81@example.com\nMadrid, España",
            "(+34) 654 321 098",
            "Madrid, España",
        );
        check("jt81@example.com / 030 1234567 / Berlin", "030 1234567", "Berlin");
    }

    #[test]
    fn a_street_and_its_town_are_one_address() {
        check("Am Mühlbach 5\n72622 Nürtingen\njt81@example.com", "", "Am Mühlbach 5, 72622 Nürtingen");
        check("12 rue des Tanneurs · 69005 Lyon · jt81@example.com", "", "12 rue des Tanneurs, 69005 Lyon");
        check(
            "Fjord University, 8000 Aarhus C, Denmark | jt81@example.com | +45 87 15 00 00 | ORCID: 0000-0002-1825-0097",
            "+45 87 15 00 00",
            "Fjord University, 8000 Aarhus C, Denmark",
        );
    }
}
