//! CommonMark, in which every character of the resume stands for itself.

use crate::engine::render::document::{Block, Document, Line, Run, Weight, join};
use crate::engine::render::template::one_line;

pub(crate) fn write(document: &Document) -> String {
    let mut out = String::new();
    let mut in_list = false;
    for block in &document.blocks {
        let is_bullet = matches!(block, Block::Bullet(_));
        let goes_on = out.is_empty() || (in_list && is_bullet);
        if !goes_on {
            out.push('\n');
        }
        in_list = is_bullet;
        let line = match block {
            Block::Name(line) => format!("# {}", inline(line, Weight::Strong)),
            Block::Heading(line) => format!("## {}", inline(line, Weight::Strong)),
            Block::Entry(entry) => format!("### {}", inline(&one_line(entry), Weight::Strong)),
            Block::Bullet(line) => format!("- {}", inline(line, Weight::Normal)),
            Block::Contacts(lines) => inline(&join(lines.iter().cloned(), " | "), Weight::Normal),
            Block::Label(line) | Block::Detail(line) | Block::Paragraph(line) => inline(line, Weight::Normal),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// A line with its emphasis and links; `around` is how its block is set anyway.
fn inline(line: &Line, around: Weight) -> String {
    let mut out = String::new();
    for run in line {
        let escaped = escape(&run.text, out.is_empty());
        let escaped = match &run.link {
            Some(link) => format!("[{escaped}](<{}>)", address(link)),
            None => escaped,
        };
        if run.weight == Weight::Strong && around == Weight::Normal && !is_empty(run) {
            out.push_str(&format!("**{escaped}**"));
        } else {
            out.push_str(&escaped);
        }
    }
    out
}

fn is_empty(run: &Run) -> bool {
    run.text.trim().is_empty()
}

/// Escapes what would be markup where it stands; what is harmless there stays readable.
fn escape(text: &str, mut at_start: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let within_word = before.is_alphanumeric() && after.is_alphanumeric();
        let is_markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '$' => true,
            '_' => !within_word,
            '&' => after == '#' || after.is_ascii_alphanumeric(),
            '#' => at_start || !before.is_alphanumeric(),
            '>' | '+' | '-' | '=' | '|' | ':' => at_start,
            // `1.` and `1)` open a list when nothing but digits stands before them.
            '.' | ')' => !out.is_empty() && out.len() <= 9 && out.bytes().all(|b| b.is_ascii_digit()),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        at_start = false;
        before = c;
    }
    out
}

/// An address as it may stand between `<` and `>`.
fn address(link: &str) -> String {
    link.chars()
        .map(|c| match c {
            '<' => "%3C".to_owned(),
            '>' => "%3E".to_owned(),
            '\\' => "%5C".to_owned(),
            '*' => "%2A".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Parser};

    use crate::engine::render::document::{Run, Weight};
    use crate::engine::render::markdown::inline;

    #[test]
    fn a_reader_of_markdown_sees_the_characters_of_the_resume() {
        for text in [
            "*bold* _under_ __init__ snake_case `code` ~30%~ $5k and $10k",
            "# not a heading",
            "1. not a list",
            "2019) not a list",
            "- not a list",
            "--- not a rule",
            "> not a quote",
            "C# and F# and #1 #",
            "<script>alert(1)</script> & &amp; AT&T R&D &#65;",
            "[not](a link) ![nor](a picture) https://example.org/a_b_c",
            "a \\ backslash \\* twice",
            "| not | a table",
            "Zoë 中文 🎉 العربية",
        ] {
            for run in [Run::plain(text), Run::strong(text), Run::plain(text).leading_to("https://e.org/<a>")]
            {
                let written = inline(&vec![run], Weight::Normal);
                let read: String = Parser::new(&written)
                    .filter_map(|event| match event {
                        Event::Text(text) => Some(text.to_string()),
                        Event::Code(_) | Event::Html(_) | Event::InlineHtml(_) => Some("MARKUP".to_owned()),
                        _ => None,
                    })
                    .collect();
                assert_eq!(read, text, "{written}");
            }
        }
    }
}
