//! HTML pages to lines, with the structured data that they carry.

mod blocks;
mod content;
mod guard;
mod json_ld;

use scraper::Html;
use serde_json::Value;

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::error::ReadError;
use crate::engine::read::html::blocks::Writer;
use crate::engine::read::page::{Draft, Style};
use crate::engine::read::tidy::tidy_folded;
use crate::engine::read::{Limits, Purpose};

/// Fewest characters of a structured description that is taken for the whole posting.
const MIN_DESCRIPTION: usize = 200;

/// Reads an HTML page: of a posting the part that holds it, of a resume all that a visitor sees.
pub(crate) fn read(purpose: Purpose, text: &str, limits: &Limits) -> Result<SourceText, ReadError> {
    let size = text.len() as u64;
    if size > limits.max_html_bytes {
        return Err(ReadError::TooLarge { bytes: size, limit: limits.max_html_bytes });
    }
    guard::check(text)?;
    let page = Html::parse_document(text);

    let mut draft = Draft::new(SourceFormat::Html);
    draft.source().title = content::first(&page, "title")
        .map(|title| tidy_folded(&title.text().collect::<String>()))
        .filter(|t| !t.is_empty());
    match purpose {
        Purpose::Resume => Writer::new(purpose, &mut draft).write(content::body(&page)),
        Purpose::Posting => read_posting(&page, &mut draft)?,
    }
    Ok(draft.finish())
}

fn read_posting(page: &Html, draft: &mut Draft) -> Result<(), ReadError> {
    let structured = json_ld::objects(page);
    let root = content::place_of_posting(page);
    let seen = content::text_length(root);
    match json_ld::posting(&structured).filter(|posting| says_enough(posting, seen)) {
        Some(posting) => write_posting(draft, posting)?,
        None => {
            // The heading above a known place is the posting's title.
            if let Some(heading) = content::first(page, "h1")
                .filter(|heading| !heading.ancestors().any(|node| node.id() == root.id()))
            {
                draft.push(&heading.text().collect::<String>(), &Style::default());
                draft.end_line(LineKind::Heading(1), Part::Body);
            }
            Writer::new(Purpose::Posting, draft).write(root);
        }
    }
    draft.source().structured = structured;
    Ok(())
}

/// A structured description is the cleanest text there is, unless it is only a teaser of the page.
fn says_enough(posting: &Value, seen: usize) -> bool {
    let length = json_ld::description(posting).map_or(0, str::len);
    length >= MIN_DESCRIPTION && length * 2 >= seen.min(4000)
}

fn write_posting(draft: &mut Draft, posting: &Value) -> Result<(), ReadError> {
    if let Some(title) = posting.get("title").and_then(Value::as_str) {
        draft.push(title, &Style::default());
        draft.end_line(LineKind::Heading(1), Part::Body);
    }
    for pointer in [
        "/hiringOrganization/name",
        "/jobLocation/address/addressLocality",
        "/jobLocation/0/address/addressLocality",
    ] {
        if let Some(text) = posting.pointer(pointer).and_then(Value::as_str) {
            draft.push(text, &Style::default());
            draft.end_line(LineKind::Text, Part::Body);
        }
    }
    draft.end_block();
    for field in [
        "description",
        "responsibilities",
        "qualifications",
        "skills",
        "experienceRequirements",
        "educationRequirements",
    ] {
        let Some(text) = posting.get(field).and_then(Value::as_str) else { continue };
        draft.end_block();
        write_fragment(draft, text)?;
    }
    Ok(())
}

/// Descriptions are HTML, HTML with its tags escaped, or plain text with line breaks.
fn write_fragment(draft: &mut Draft, text: &str) -> Result<(), ReadError> {
    let escaped = text.contains("&lt;") && !text.contains("</");
    let unescaped;
    let text = if escaped {
        unescaped = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        unescaped.as_str()
    } else {
        text
    };
    if !text.contains('<') {
        let plain = crate::engine::read::text::read(text);
        let offset = draft.source().lines.last().map_or(0, |line| line.block + 1);
        draft.append(plain.lines, offset);
        return Ok(());
    }
    guard::check(text)?;
    let fragment = Html::parse_fragment(text);
    Writer::new(Purpose::Posting, draft).write(fragment.root_element());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test may panic; that is how it reports"
    )]

    use crate::domain::source::{LineKind, SourceText};
    use crate::engine::read::html::read;
    use crate::engine::read::{Limits, Purpose, ReadError};

    fn read_page(purpose: Purpose, body: &str) -> SourceText {
        let page = format!(
            "<!doctype html><html><head><title>Jobs at Acme</title></head><body>{body}</body></html>"
        );
        read(purpose, &page, &Limits::default()).unwrap()
    }

    fn page(body: &str) -> SourceText {
        read_page(Purpose::Posting, body)
    }

    #[track_caller]
    fn check(purpose: Purpose, body: &str, expected: &[(&str, LineKind)]) {
        let lines: Vec<(String, LineKind)> =
            read_page(purpose, body).lines.iter().map(|line| (line.text(), line.kind)).collect();
        let lines: Vec<(&str, LineKind)> = lines.iter().map(|(text, kind)| (text.as_str(), *kind)).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn blocks_are_lines_and_noise_is_not() {
        check(
            Purpose::Posting,
            "<nav><a href='/'>Home</a></nav><div class='cookie-banner'>We use cookies</div>
             <h1>Stoker</h1><p>Shovel <b>coal</b><br>at night</p><ul><li>Strong arms<ul><li>and legs</li></ul></li></ul>
             <script>var x = '<p>no</p>';</script><p style='display: none'>hidden words</p>",
            &[
                ("Stoker", LineKind::Heading(1)),
                ("Shovel coal", LineKind::Text),
                ("at night", LineKind::Text),
                ("Strong arms", LineKind::ListItem(0)),
                ("and legs", LineKind::ListItem(1)),
            ],
        );
        assert_eq!(page("<p>x</p>").title.as_deref(), Some("Jobs at Acme"));
    }

    #[track_caller]
    fn check_resume(body: &str, expected: &[&str]) {
        let source = read_page(Purpose::Resume, body);
        let lines: Vec<String> = source.lines.iter().map(crate::domain::source::Line::text).collect();
        assert_eq!(lines, expected, "{body}");
    }

    #[test]
    fn spans_side_by_side_are_cells() {
        check_resume(
            "<div><span>Harbor Foods</span><span>2019 &ndash; Present</span></div>\
             <div><span>Lean</span><span>sap</span><span>HACCP</span></div>\
             <p><b>W</b><span>eb</span></p><p><span>Java</span><span>script</span></p><p>Led <b>ten</b><i>!</i></p>\
             <p><b>Tools</b><span>: Rust</span></p>",
            &[
                "Harbor Foods\t2019 – Present",
                "Lean\tsap\tHACCP",
                "Web",
                "Javascript",
                "Led ten!",
                "Tools: Rust",
            ],
        );
    }

    #[test]
    fn a_resume_page_keeps_its_head() {
        for purpose in [Purpose::Resume, Purpose::Posting] {
            check(
                purpose,
                "<header><h1>Ada Lovelace</h1><a href='mailto:ada@example.org'>ada@example.org</a></header><section><p>Wrote programs</p></section>",
                &[
                    ("Ada Lovelace", LineKind::Heading(1)),
                    ("ada@example.org", LineKind::Text),
                    ("Wrote programs", LineKind::Text),
                ],
            );
        }
    }

    #[test]
    fn a_resume_page_is_read_as_a_whole() {
        let jobs =
            "Wrote programs for an engine that nobody had built yet, and proved them by hand. ".repeat(9);
        let jobs = jobs.trim();
        check_resume(
            &format!("<aside><p>ada@example.org</p><p>Rust, Go</p></aside><main><p>{jobs}</p></main>"),
            &["ada@example.org", "Rust, Go", jobs],
        );
        check_resume(
            &format!(
                "<h1>Ada</h1><article><p>{jobs}</p></article><article><p>Clerk at Vireo Labs</p></article>"
            ),
            &["Ada", jobs, "Clerk at Vireo Labs"],
        );
        check_resume(
            &format!("<header><p>ada@example.org</p></header><main><p>{jobs}</p></main>"),
            &["ada@example.org", jobs],
        );
        check_resume(
            &format!(
                "<div class='site-header'><p>Ada</p></div><div itemprop='description'><p>{jobs}</p></div>\
                 <div role='contentinfo' id='page-footer'><p>London</p></div><div class='modal sr-only'>Chess</div>"
            ),
            &["Ada", jobs, "London", "Chess"],
        );
        let links: String = ["a", "b", "c", "d"]
            .iter()
            .map(|name| format!("<li><a href='/{name}'>{name}</a></li>"))
            .collect();
        check_resume(
            &format!("<header role='banner'><ul>{links}</ul></header><p>{jobs}</p>"),
            &["a", "b", "c", "d", jobs],
        );
    }

    #[test]
    fn what_cannot_be_seen_of_a_resume_page_is_not_read() {
        check_resume(
            "<nav><a href='/'>Home</a><a href='/work'>Work</a></nav><ul><li><a href='#work'>Work</a></li><li><a \
             href='#skills'>Skills</a></li><li><a href='#contact'>Contact</a></li></ul><p>Ada</p><script>x</script>\
             <style>p {}</style><p hidden>gone</p><p style='font-size: 0px'>small</p><dialog>closed</dialog>",
            &["Ada"],
        );
        check_resume(
            "<nav><a href='mailto:ada@example.org'>ada@example.org</a></nav><p style='font-size: 0.9em'>Analyst</p>\
             <button>Clerk</button><svg><title>icon</title><g><text>Rust</text></g></svg><ul><li><a \
             href='#'>GitHub</a></li><li><a href='#'>Blog</a></li><li><a href='#'>Site</a></li></ul>",
            &["ada@example.org", "Analyst", "Clerk", "Rust", "GitHub", "Blog", "Site"],
        );
    }

    #[test]
    fn the_advertisement_on_a_resume_page_is_no_resume() {
        let text =
            "We run the boilers of the city and look for somebody who keeps the fire going. ".repeat(4);
        let json = serde_json::json!({ "@type": "JobPosting", "title": "Stoker", "description": text });
        let source = read_page(
            Purpose::Resume,
            &format!("<p>Ada Lovelace</p><script type='application/ld+json'>{json}</script>"),
        );
        assert_eq!((source.lines.len(), source.structured.len()), (1, 0));
        assert_eq!(source.lines[0].text(), "Ada Lovelace");
    }

    #[test]
    fn a_posting_that_is_only_structured_is_read() {
        let text =
            "We run the boilers of the city and look for somebody who keeps the fire going. ".repeat(4);
        let json = serde_json::json!({"@graph": [{"@type": ["JobPosting"], "title": "Stoker", "hiringOrganization": {"name": "Acme"},
            "description": format!("&lt;p&gt;{text}&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Strong arms&lt;/li&gt;&lt;/ul&gt;")}]});
        let source =
            page(&format!("<div id='root'></div><script type='application/ld+json'>{json}</script>"));
        assert_eq!(source.structured[0]["title"], "Stoker");
        assert_eq!(source.lines[0].text(), "Stoker");
        assert_eq!(source.lines[1].text(), "Acme");
        assert_eq!(source.lines.last().unwrap().kind, LineKind::ListItem(0));
    }

    #[test]
    fn structured_data_with_raw_line_breaks_is_mended() {
        let source = page(
            "<p>x</p><script type='application/ld+json'>[{\"@type\": \"Thing\", \"name\": \"one\ntwo\"}]</script>",
        );
        assert_eq!(source.structured[0]["name"], "one\ntwo");
    }

    #[test]
    fn pages_that_would_take_for_ever_are_refused() {
        let deep = "<div>".repeat(600);
        let wide =
            format!("<p {}>x</p>", (0..300).map(|number| format!("a{number}='1' ")).collect::<String>());
        for body in [deep, wide] {
            assert!(matches!(
                read(Purpose::Posting, &format!("<html>{body}"), &Limits::default()),
                Err(ReadError::TooComplex { .. })
            ));
        }
        let limits = Limits { max_html_bytes: 10, ..Limits::default() };
        assert!(matches!(
            read(Purpose::Posting, "<html>too long</html>", &limits),
            Err(ReadError::TooLarge { .. })
        ));
    }

    #[test]
    fn unclosed_items_and_tags_in_scripts_are_no_nesting() {
        let body = format!("<ul>{}</ul><script>{}</script>", "<li>one".repeat(700), "<div>".repeat(700));
        assert_eq!(page(&body).lines.len(), 700);
    }
}
