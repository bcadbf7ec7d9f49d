//! One self-contained HTML page: semantic, escaped, no script, nothing loaded from anywhere.

use crate::engine::render::document::{Block, Document, Line, Weight, text};
use crate::engine::render::template::{Template, facts};

const STYLE: &str = include_str!("../../../assets/templates/document.css");

pub(crate) fn write(document: &Document, template: &Template) -> String {
    let [red, green, blue] = template.accent;
    let style = STYLE
        .replace("FAMILY", template.web_family)
        .replace("ACCENT", &format!("#{red:02x}{green:02x}{blue:02x}"))
        .replace("ALIGN", if template.centred { "center" } else { "left" });
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n",
        document.language,
        escape(&document.title()),
    );
    let mut in_list = false;
    for block in &document.blocks {
        let is_bullet = matches!(block, Block::Bullet(_));
        if in_list != is_bullet {
            page.push_str(if is_bullet { "<ul>\n" } else { "</ul>\n" });
        }
        in_list = is_bullet;
        page.push_str(&element(block));
        page.push('\n');
    }
    if in_list {
        page.push_str("</ul>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn element(block: &Block) -> String {
    match block {
        Block::Name(line) => format!("<h1>{}</h1>", inline(line)),
        Block::Label(line) => format!("<p class=\"label\">{}</p>", inline(line)),
        Block::Heading(line) => format!("<h2>{}</h2>", inline(line)),
        Block::Detail(line) => format!("<p class=\"detail\">{}</p>", inline(line)),
        Block::Paragraph(line) => format!("<p>{}</p>", inline(line)),
        Block::Bullet(line) => format!("<li>{}</li>", inline(line)),
        Block::Contacts(lines) => {
            let contacts: Vec<String> = lines.iter().map(inline).collect();
            format!("<address>{}</address>", contacts.join(" | "))
        }
        Block::Entry(entry) => {
            let facts = facts(entry);
            let title = escape(&text(&entry.title));
            if facts.is_empty() {
                return format!("<h3>{title}</h3>");
            }
            format!("<h3>{title}</h3>\n<p class=\"facts\">{}</p>", inline(&facts))
        }
    }
}

fn inline(line: &Line) -> String {
    let mut out = String::new();
    for run in line {
        let mut html = escape(&run.text);
        if run.weight == Weight::Strong {
            html = format!("<strong>{html}</strong>");
        }
        if let Some(link) = &run.link {
            html = format!("<a href=\"{}\">{html}</a>", escape(link));
        }
        out.push_str(&html);
    }
    out
}

/// Text that stands for itself in HTML and XML, in content and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
