//! Rich Text written by hand, and what must hold for it however it is broken.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]

use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::fixtures::{broken, texts};
use crate::engine::read::tests::ada::is_adas_resume;
use crate::engine::read::{Limits, ReadError, read};

const HEAD: &str = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset2 Symbol;}}{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}{\s1\outlinelevel0{\*\keycode \b}heading 1;}{\*\cs10 Default;}}";

fn read_rtf(body: &str) -> SourceText {
    read(format!("{HEAD}{body}}}").as_bytes(), "resume.rtf", &Limits::default()).unwrap()
}

#[track_caller]
fn check(body: &str, expected: &[(&str, LineKind)]) {
    let source = read_rtf(body);
    let lines: Vec<(String, LineKind)> = source.lines.iter().map(|line| (line.text(), line.kind)).collect();
    let lines: Vec<(&str, LineKind)> = lines.iter().map(|(text, kind)| (text.as_str(), *kind)).collect();
    assert_eq!(lines, expected);
}

#[track_caller]
fn says(body: &str, expected: &str) {
    assert_eq!(texts(&read_rtf(body)), [expected]);
}

#[test]
fn characters_come_in_every_way_that_programs_write_them() {
    says(r"Zo\'eb M\u252?ller", "Zoë Müller");
    says(r"\uc0 M\u252 ller", "Müller");
    says(r"\uc2 \u24037\'8d\'48 x", "工 x");
    says(r"{\f1\'cc\'ee\'f1\'ea\'e2\'e0}, Moscow", "Москва, Moscow");
    says(r"\u-10179?\u-9080?Ada", "Ada");
    says(r"A\endash B\emdash C \lquote x\rquote  \ldblquote y\rdblquote", "A–B—C ‘x’ “y”");
    says(r"a\~b\_c\-d \{e\} \\f", "a b\u{2011}cd {e} \\f");
    says("one\r\n two\ttwo", "one two\ttwo");
    says(r"Acme      2019", "Acme\t2019");
}

#[test]
fn paragraphs_have_styles_lists_and_breaks() {
    check(
        r"\pard\s1 Work\par\pard Acme\tab 2019\line Berlin\par
          {\listtext\pard\plain \'b7\tab}\ls1\ilvl0 Led a team\line of five\par
          {\listtext\pard o\tab}\ls1\ilvl1 and its budget\par
          \pard{\pntext\f2\'B7\tab}{\*\pn\pnlvlblt{\pntxtb\'B7}}Old list\par
          \pard{\f2\'b7} Typed item\par\pard\outlinelevel1 Deeper\par",
        &[
            ("Work", LineKind::Heading(1)),
            ("Acme\t2019", LineKind::Text),
            ("Berlin", LineKind::Text),
            ("Led a team", LineKind::ListItem(0)),
            ("of five", LineKind::Continuation),
            ("and its budget", LineKind::ListItem(1)),
            ("Old list", LineKind::ListItem(0)),
            ("Typed item", LineKind::ListItem(0)),
            ("Deeper", LineKind::Heading(2)),
        ],
    );
}

#[test]
fn runs_are_set_as_their_groups_say() {
    let source = read_rtf(r"{\b\fs40 Ada} {\i Lovelace\i0  here}\plain\fs20{\b0 x}\par");
    let spans: Vec<_> = source.lines[0]
        .spans
        .iter()
        .map(|span| (span.text.as_str(), span.bold, span.italic, span.size))
        .collect();
    assert_eq!(
        spans,
        [
            ("Ada ", true, false, 20.0),
            ("Lovelace", false, true, 12.0),
            (" here", false, false, 12.0),
            ("x", false, false, 10.0)
        ]
    );
}

#[test]
fn links_are_the_fields_of_their_text() {
    let source = read_rtf(
        r#"{\field{\*\fldinst{HYPERLINK "https://ada.example" }}{\fldrslt{\ul site}}} and {\field{\*\fldinst PAGE}{\fldrslt 1}}{\*\unknown gone}\par"#,
    );
    assert_eq!(texts(&source), ["site and 1"]);
    assert_eq!(source.lines[0].spans[0].link.as_deref(), Some("https://ada.example"));
    assert!(source.lines[0].spans[1].link.is_none());
}

#[test]
fn what_is_hidden_or_deleted_is_not_read() {
    let source = read_rtf(
        r"kept{\v abc}{\deleted gone}{\*\annotation comment}{\revised , added}\par{\info{\title My resume}{\author somebody}}",
    );
    assert_eq!(texts(&source), ["kept, added"]);
    assert_eq!(source.layout.hidden_characters, 3);
    assert_eq!(source.title.as_deref(), Some("My resume"));
}

#[test]
fn pictures_are_counted_and_their_bytes_are_not_read() {
    let picture = [HEAD.as_bytes(), br"a{\pict\pngblip\bin6 }}{{\\}b{\*\shppict{\pict 00ff}}{\nonshppict{\pict 00ff}}{\object{\*\objdata 00}{\result shown}}\par}"].concat();
    let source = read(&picture, "a.rtf", &Limits::default()).unwrap();
    assert_eq!(texts(&source), ["abshown"]);
    assert_eq!(source.layout.images, 2);
}

#[test]
fn tables_are_rows_and_layouts_are_columns() {
    let source = read_rtf(
        r"Before\par\trowd\cellx2000\cellx9000\pard\intbl Acme\cell 2019\cell\row
          \trowd\cellx2000\cellx9000\pard\intbl a\par b\par c\par d\par e\cell main\cell\row\pard After\par",
    );
    assert_eq!(texts(&source), ["Before", "Acme\t2019", "a", "b", "c", "d", "e", "main", "After"]);
    assert_eq!(source.lines[2].part, Part::Sidebar);
    assert_eq!(source.lines[7].part, Part::Body);
    assert_eq!((source.layout.tables, source.layout.columns), (1, 2));
}

#[test]
fn headers_notes_and_boxes_stand_where_they_belong() {
    let source = read_rtf(
        r"{\header\pard ada@example.org\par}{\headerf\pard ada@example.org\par}{\footer Page {\field{\*\fldinst PAGE}{\fldrslt 1}}\par}
          Name{\footnote a note}{\shp{\*\shpinst{\sp{\sn fill}{\sv 1}}{\shptxt\pard box\par}}{\shprslt{\*\do\dptxbxtext box}}} Surname\par end\par",
    );
    let lines: Vec<_> = source.lines.iter().map(|line| (line.text(), line.part)).collect();
    let lines: Vec<_> = lines.iter().map(|(text, part)| (text.as_str(), *part)).collect();
    assert_eq!(
        lines,
        [
            ("ada@example.org", Part::Header),
            ("Name Surname", Part::Body),
            ("box", Part::Body),
            ("end", Part::Body),
            ("Page 1", Part::Footer),
            ("a note", Part::Footer),
        ]
    );
    assert_eq!(source.layout.floating_characters, 3);
    assert_eq!(source.format, SourceFormat::Rtf);
}

#[test]
fn a_whole_resume_is_understood() {
    is_adas_resume(&read_rtf(
        r#"\pard{\b\fs40 Ada M\'fcller}\par
        ada@example.org | +49 30 1234567 | {\field{\*\fldinst{HYPERLINK "https://github.com/ada"}}{\fldrslt github.com/ada}}\par
        \pard\s1\b Experience\b0\par
        \pard{\b Senior Engineer}, Vireo Labs\tab Jan 2019 \endash  Mar 2023\par
        {\listtext\'b7\tab}\ls1 Led a team of five engineers\par
        {\listtext\'b7\tab}\ls1 Cut costs by 30% & more\par
        \pard{\b Data Engineer}, Coral Systems\tab Feb 2016 \u8211- Jan 2019\par
        {\listtext\'b7\tab}\ls1 Moved two pipelines to streams\par
        \pard\s1 Education\par\pard BSc in Computer Science, Ridge University\tab 2016\par
        \pard\s1 Skills\par\pard Languages: Rust, Python, PostgreSQL\par"#,
    ));
}

#[test]
fn endless_nesting_is_refused_and_a_cut_file_is_read() {
    let deep = format!("{HEAD}{}", "{".repeat(100_000));
    assert!(matches!(read(deep.as_bytes(), "a.rtf", &Limits::default()), Err(ReadError::TooComplex { .. })));
    let words = format!("{HEAD}{}", r"\b a\i b".repeat(600_000));
    assert!(matches!(read(words.as_bytes(), "a.rtf", &Limits::default()), Err(ReadError::TooComplex { .. })));
    let source = read(format!("{HEAD}Ada\\par Love").as_bytes(), "a.rtf", &Limits::default()).unwrap();
    assert_eq!(texts(&source), ["Ada", "Love"]);
}

#[test]
fn large_files_take_time_by_their_size_alone() {
    let long = "x".repeat(2000);
    let body = format!(
        r#"{{\field{{\*\fldinst HYPERLINK "https://a.example/{long}"}}{{\fldrslt {}}}}}\par"#,
        r"{\b a}{\i b}\line".repeat(5_000)
    );
    let source = read_rtf(&body);
    assert_eq!(source.lines.len(), 5_000);
    let headers: String = (0..5_000).map(|number| format!(r"{{\header h{number}\par}}")).collect();
    assert_eq!(read_rtf(&headers).lines.len(), 5_000);
    assert_eq!(
        texts(&read_rtf(&format!("{} x{}y\\row\\par", r"\cell".repeat(200_000), r"\cellx9".repeat(200_000))))
            .concat(),
        "xy"
    );
}

proptest! {
    #[test]
    fn broken_files_never_panic_and_read_alike_twice(keep in any::<usize>(), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..24)) {
        let whole = format!("{HEAD}{}", r#"\s1 Ada\par{\field{\*\fldinst HYPERLINK "a"}{\fldrslt b}}\trowd\cellx1\intbl x\cell\row{\shptxt y\par}\u228?}"#).into_bytes();
        let keep = if keep % 2 == 0 { whole.len() } else { keep };
        let bytes = broken(whole, keep, &changes);
        let (first, second) = (read(&bytes, "a.rtf", &Limits::default()), read(&bytes, "a.rtf", &Limits::default()));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn any_words_are_read(body in "(\\{|\\}|\\\\(par|line|tab|cell|row|trowd|cellx9|intbl|b|i0|v|s1|u228|u-10179|uc2|bin3|f2|pard|plain|header|footnote|shptxt|field|fldinst|fldrslt|upr|ud|pict|object|result|stylesheet|fonttbl|nestcell|nestrow|listtext|info|title) ?|\\\\\\*|\\\\'e4|\\\\~|Ada |• ){0,80}") {
        let _ = read(format!("{{\\rtf1{body}").as_bytes(), "a.rtf", &Limits::default());
    }
}
