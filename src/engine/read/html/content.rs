//! Where on a page its content is: of a posting in known places of job boards, then in the densest part, without the noise
//! around; of a resume everywhere.

use scraper::{ElementRef, Html, Selector};

use crate::engine::read::Purpose;

/// Places where job boards and career pages put the posting, the most telling first.
const PLACES: &[&str] = &[
    "#jobDescriptionText",
    "[data-automation-id='jobPostingDescription']",
    ".show-more-less-html__markup",
    ".jobs-description__content",
    "#job-details",
    "[itemprop='description']",
    ".posting-page .content",
    ".posting .content",
    ".job__description",
    ".job-post",
    ".job-sections",
    ".job-description",
    "#job-description",
    "[class*='_descriptionText']",
    "#job_description",
    "#app_body #content",
    "#grnhse_app",
];

/// Landmarks of any page.
const LANDMARKS: &[&str] = &["main", "[role='main']", "article"];

/// Fewest characters that a known place must hold.
const MIN_PLACE: usize = 250;

/// Parts of class names and ids of what is not content.
const NOISE: &[&str] = &[
    "cookie",
    "consent",
    "gdpr",
    "breadcrumb",
    "newsletter",
    "subscribe",
    "similar-job",
    "similarjob",
    "related-job",
    "relatedjob",
    "recommended",
    "share-",
    "social-share",
    "navbar",
    "nav-menu",
    "site-header",
    "site-footer",
    "page-footer",
    "skip-link",
    "skip-to",
    "sr-only",
    "visually-hidden",
    "advert",
    "modal",
    "popup",
    "job-alert",
    "jobalert",
    "sign-in",
    "signin-",
];

/// Fewest links of a list that is a menu.
const MIN_MENU: usize = 3;

/// All of the page.
pub(crate) fn body(page: &Html) -> ElementRef<'_> {
    first(page, "body").unwrap_or_else(|| page.root_element())
}

/// The element that holds the posting.
pub(crate) fn place_of_posting(page: &Html) -> ElementRef<'_> {
    let body = body(page);
    let known =
        PLACES.iter().filter_map(|place| first(page, place)).find(|place| text_length(*place) >= MIN_PLACE);
    if let Some(place) = known {
        return place;
    }
    let whole = text_length(body);
    let landmark = LANDMARKS
        .iter()
        .filter_map(|landmark| largest(page, landmark))
        .find(|landmark| text_length(*landmark) * 10 >= whole * 4);
    landmark.unwrap_or(body)
}

/// The first match of a selector.
pub(crate) fn first<'a>(page: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    page.select(&Selector::parse(selector).ok()?).next()
}

fn largest<'a>(page: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    page.select(&Selector::parse(selector).ok()?).max_by_key(|element| text_length(*element))
}

/// Elements that are never content, and what is none in a document of this purpose.
pub(crate) fn is_noise(element: ElementRef<'_>, purpose: Purpose) -> bool {
    let no_text = matches!(
        element.value().name(),
        "script"
            | "style"
            | "noscript"
            | "template"
            | "iframe"
            | "object"
            | "canvas"
            | "select"
            | "input"
            | "textarea"
            | "head"
            | "video"
            | "audio"
    );
    no_text
        || match purpose {
            Purpose::Resume => is_menu(element),
            Purpose::Posting => is_around_posting(element),
        }
}

/// What a resume's page has to get about in it, and says nothing more. Whatever else can be seen is the person's, whatever
/// it is called: the contacts stand in headers, columns and even in navigation.
fn is_menu(element: ElementRef<'_>) -> bool {
    let value = element.value();
    if value.name() == "nav" || value.attr("role") == Some("navigation") {
        let (mut links, mut inward) = (0_usize, 0_usize);
        for target in targets(element) {
            if target.starts_with("mailto:") || target.starts_with("tel:") {
                return false;
            }
            links += 1;
            inward += usize::from(!target.starts_with("http"));
        }
        return inward * 2 >= links;
    }
    // Places of this very page have a heading there, which says the same.
    matches!(value.name(), "ul" | "ol")
        && targets(element).all(|target| target.len() > 1 && target.starts_with('#'))
        && targets(element).count() >= MIN_MENU
        && text_length(element) <= links(element).map(text_length).sum::<usize>()
}

fn links(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendants().filter_map(ElementRef::wrap).filter(|inner| inner.value().name() == "a")
}

fn targets(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    links(element).map(|link| link.value().attr("href").unwrap_or_default())
}

/// The site that a posting stands on.
fn is_around_posting(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let name = value.name();
    if matches!(name, "svg" | "nav" | "button" | "dialog" | "math") {
        return true;
    }
    if matches!(
        value.attr("role"),
        Some("navigation" | "banner" | "contentinfo" | "search" | "dialog" | "alertdialog")
    ) {
        return true;
    }
    let named = [value.attr("class"), value.attr("id")].into_iter().flatten().any(|names| {
        let names = names.to_ascii_lowercase();
        NOISE.iter().any(|part| names.contains(part))
    });
    match name {
        // A resume's own head and foot carry the name and the contact; a site's carry its menu.
        "header" | "footer" | "aside" | "ul" | "ol" | "form" => named || is_mostly_links(element),
        "body" | "main" | "html" | "article" => false,
        _ => named,
    }
}

/// Whether an element cannot be seen by a visitor.
pub(crate) fn is_hidden(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let style: String = value.attr("style").unwrap_or_default().split_whitespace().collect();
    value.attr("hidden").is_some()
        || (value.name() == "dialog" && value.attr("open").is_none())
        || style.contains("display:none")
        || style.contains("visibility:hidden")
        || style.split("font-size:").skip(1).any(is_nothing)
}

/// Whether a length of CSS is nought: `0`, `0px`, `0.0em`, not `0.9em`.
fn is_nothing(length: &str) -> bool {
    let number = length.chars().take_while(|c| c.is_ascii_digit() || *c == '.');
    let mut digits = number.filter(char::is_ascii_digit).peekable();
    digits.peek().is_some() && digits.all(|digit| digit == '0')
}

/// Characters of the text that a visitor sees.
pub(crate) fn text_length(element: ElementRef<'_>) -> usize {
    let mut count = 0;
    for node in element.descendants() {
        let Some(text) = node.value().as_text() else { continue };
        let inside_code = node.parent().and_then(ElementRef::wrap).is_some_and(|parent| {
            matches!(parent.value().name(), "script" | "style" | "noscript" | "template")
        });
        if !inside_code {
            count += text.split_whitespace().map(|word| word.chars().count() + 1).sum::<usize>();
        }
    }
    count
}

/// Menus are links to other pages; contact lists are links to people.
fn is_mostly_links(element: ElementRef<'_>) -> bool {
    let Ok(selector) = Selector::parse("a") else { return false };
    let links: Vec<ElementRef<'_>> = element.select(&selector).collect();
    let linked: usize = links.iter().map(|link| text_length(*link)).sum();
    let inside = links.iter().filter(|link| {
        let target = link.value().attr("href").unwrap_or_default();
        !(target.starts_with("mailto:") || target.starts_with("tel:") || target.starts_with("http"))
    });
    links.len() >= 4 && linked * 10 >= text_length(element) * 7 && inside.count() * 2 >= links.len()
}
