//! LaTeX written by hand as people write it, and what must hold for it however it is broken.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic; that is how it reports")]

use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::fixtures::{broken, texts};
use crate::engine::read::tests::ada::is_adas_resume;
use crate::engine::read::{Limits, ReadError, detect, read};

fn read_latex(source: &str) -> SourceText {
    read(source.as_bytes(), "resume.tex", &Limits::default()).unwrap()
}

/// The body of a document.
fn document(body: &str) -> SourceText {
    read_latex(&format!(
        "\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}} never read"
    ))
}

#[track_caller]
fn check(body: &str, expected: &[(&str, LineKind)]) {
    let source = document(body);
    let lines: Vec<(String, LineKind)> = source.lines.iter().map(|line| (line.text(), line.kind)).collect();
    let lines: Vec<(&str, LineKind)> = lines.iter().map(|(text, kind)| (text.as_str(), *kind)).collect();
    assert_eq!(lines, expected, "{body}");
}

#[track_caller]
fn says(body: &str, expected: &[&str]) {
    assert_eq!(texts(&document(body)), expected, "{body}");
}

#[track_caller]
fn refused(source: &str) {
    let error = read(source.as_bytes(), "resume.tex", &Limits::default()).unwrap_err();
    assert!(matches!(error, ReadError::TooComplex { .. }), "{error}");
}

#[test]
fn latex_is_told_by_its_content() {
    #[track_caller]
    fn kind(text: &str, filename: &str, expected: SourceFormat) {
        assert_eq!(detect(text.as_bytes(), filename).unwrap(), expected, "{text}");
    }
    kind("% mine\n\\documentclass{x}\n", "resume.txt", SourceFormat::Latex);
    kind("\\begin{document}Ada\\end{document}", "resume", SourceFormat::Latex);
    kind("\\section{Work}\n\\textbf{Acme} \\hfill 2019\n", "work.txt", SourceFormat::Latex);
    kind("\\section{Work} Acme", "work.tex", SourceFormat::Latex);
    kind("Ada wrote \\textbf{once}", "resume.txt", SourceFormat::Text);
    kind("Ada Lovelace\n30% more", "resume.tex", SourceFormat::Text);
    kind("# Ada\n\\section{a} \\textbf{b} \\emph{c}", "resume.md", SourceFormat::Markdown);
}

#[test]
fn characters_read_as_they_are_set() {
    says(
        r#"M\"uller, M\"{u}ller, Caf\'e, \'{\i}, \v{S}koda, Fran\c cois, \AA ngstr\"om, Stra\ss e, \O{}re, \L\'od\'z"#,
        &["Müller, Müller, Café, í, Škoda, François, Ångström, Straße, Øre, Łódź"],
    );
    says(
        r"2019--2023 --- ``quoted'' `x' R\&D 30\% \#1 a\_b \$5 \{x\} A~B \LaTeX{} C\textbackslash D",
        &["2019–2023 — “quoted” ‘x' R&D 30% #1 a_b $5 {x} A B LaTeX C\\D"],
    );
    says(
        r"$|$ $\cdot$ 10$^{6}$ 1$^{st}$ $\sim$5 $x_1$ \textbar{} 2\textsuperscript{nd} $\geq$ 3$\times$",
        &["| · 10⁶ 1st ~5 x1 | 2nd ≥ 3×"],
    );
    says("one % a comment\n   two\\%\nthree", &["one two% three"]);
    says(r"a\,b\ c\quad d \hspace{2cm} e \hspace{1pt}f\hfill g", &["a b c\td\te f\tg"]);
    says(r"\verb|a_b%| x", &["a_b% x"]);
}

#[test]
fn german_shorthands_are_umlauts() {
    let source = read_latex(
        "\\documentclass[ngerman]{article}\\begin{document}M\"uller, \"`Stra\"se\"'\\end{document}",
    );
    assert_eq!(texts(&source), ["Müller, „Straße“"]);
}

#[test]
fn sections_lists_and_breaks_are_structure() {
    check(
        r"\section*{\faBriefcase\ Work}
          \subsection[short]{At \textbf{Acme}}
          First line \\[2pt] second line

          A paragraph over
          two lines
          \begin{itemize}[leftmargin=*,noitemsep]
            \item Led a team\\of five
            \item[--] Wrote code
            \begin{enumerate} \item inner \end{enumerate}
          \end{itemize}
          \begin{description} \item[Tools] Rust \item[Other:] C \end{description}
          \begin{itemize}[label={}] \item Plain \end{itemize}
          after",
        &[
            ("Work", LineKind::Heading(2)),
            ("At Acme", LineKind::Heading(3)),
            ("First line", LineKind::Text),
            ("second line", LineKind::Text),
            ("A paragraph over two lines", LineKind::Text),
            ("Led a team", LineKind::ListItem(0)),
            ("of five", LineKind::Continuation),
            ("Wrote code", LineKind::ListItem(0)),
            ("inner", LineKind::ListItem(1)),
            ("Tools: Rust", LineKind::ListItem(0)),
            ("Other: C", LineKind::ListItem(0)),
            ("Plain", LineKind::Text),
            ("after", LineKind::Text),
        ],
    );
}

#[test]
fn text_is_set_as_its_commands_say() {
    let source = document(
        r"{\Huge \textbf{Ada} \textit{Love\emph{lace}}} {\bfseries bold \mdseries not} \href{https://ada.example/a%20b#c}{site} \url{ada.example/~x_y}",
    );
    let spans: Vec<_> = source.lines[0]
        .spans
        .iter()
        .map(|span| (span.text.trim(), span.bold, span.italic, span.size))
        .collect();
    assert_eq!(
        spans[..4],
        [
            ("Ada", true, false, 24.9),
            ("Love", false, true, 24.9),
            ("lace", false, false, 24.9),
            ("bold", true, false, 10.0)
        ]
    );
    let links: Vec<_> = source.lines[0].spans.iter().filter_map(|span| span.link.as_deref()).collect();
    assert_eq!(links, ["https://ada.example/a%20b#c", "ada.example/~x_y"]);
    assert!(source.lines[0].text().ends_with("site ada.example/~x_y"));
}

#[test]
fn commands_of_layout_leave_nothing_behind() {
    says(
        r"\pagestyle{empty}\setlength{\parindent}{0pt}\vspace*{-3mm}\noindent\parskip=3pt plus 1pt\color{blue}\hrule height 1pt
          \textcolor[rgb]{0,0,1}{Ada} \raisebox{-0.2\height}[1pt]{Love}\rule{1cm}{2pt}\parbox[t]{3cm}{lace}
          \begin{minipage}[t]{0.5\textwidth} one \end{minipage} \begin{multicols}{2} two \end{multicols}
          \setcounter{page}{3}\fontsize{12}{14}\selectfont\label{a}\vskip 10pt \includegraphics[width=2cm]{photo.jpg}\kern2pt three
          \begin{tikzpicture}[scale=2] \draw (0,0) -- (1,1); \node[draw] at (0,0) {drawn}; \end{tikzpicture}
          \begin{adjustwidth}{1cm}{2cm} four \end{adjustwidth} \titleformat{\section}{\Large}{}{0em}{}[\titlerule]\titlespacing*{\section}{0pt}{1ex}{2ex}five",
        &["Ada Lovelace", "one", "two", "three", "drawn", "four", "five"],
    );
}

#[test]
fn no_argument_of_an_unknown_command_is_lost() {
    says(
        r"\mystery{one}\enigma[opt=1]{two} and \riddle{three}{four}\puzzle[Berlin]{five}",
        &["onetwo and three\tfourBerlin\tfive"],
    );
    says(
        "before \\myentry{2019--2020}{Engineer}\n  {Acme}{Berlin} after",
        &["before", "2019–2020\tEngineer\tAcme\tBerlin", "after"],
    );
    says(
        r"\begin{myenvironment}{Acme}{2019} text \end{myenvironment} \begin{rSection}{Work} more \end{rSection}",
        &["Acme\t2019", "text", "Work", "more"],
    );
}

#[test]
fn tables_are_rows() {
    let source = document(
        r"\begin{tabular*}{\textwidth}[t]{l@{\extracolsep{\fill}}r} \textbf{Acme} & 2019 \\[1pt] \hline Engineer & \multicolumn{1}{c}{Berlin} \\ \cmidrule(lr){1-2} \end{tabular*}
          \begin{tabular}{ll} Languages: & Rust \& C \end{tabular}",
    );
    assert_eq!(texts(&source), ["Acme\t2019", "Engineer\tBerlin", "Languages:\tRust & C"]);
    assert!(source.lines[0].spans[0].bold && !source.lines[0].spans[1].bold);
}

#[test]
fn macros_environments_and_switches_of_the_document_are_expanded() {
    let source = read_latex(
        r"\documentclass{article}
          \newcommand{\me}{Ada \textbf{Lovelace}} \def\pair#1#2{#2, #1}
          \newcommand*{\job}[3][Berlin]{\textbf{#2} in #1\hfill #3\par}
          \newenvironment{twice}[1]{#1: \begin{itemize}}{\end{itemize}}
          \newif\iflong \longtrue \let\old\pair
          \NewDocumentCommand{\shown}{m m}{#1+#2}
          \begin{document}
          \me{} \pair{a}{b} \old{c}{d} \shown{e}{f}

          \job{Engineer}{2019} \job[Paris]{Analyst}{2018}
          \begin{twice}{Items} \item one \end{twice}
          \iflong long\else short\fi{} \iffalse never \fi \ifx\a\b same\else other\fi{}
          \ifthenelse{\equal{x}{x}}{equal}{unequal}
          \end{document}",
    );
    assert_eq!(
        texts(&source),
        [
            "Ada Lovelace b, a d, c e+f",
            "Engineer in Berlin\t2019",
            "Analyst in Paris\t2018",
            "Items:",
            "one",
            "long other equal"
        ]
    );
}

#[test]
fn other_files_are_not_read_and_a_note_says_so() {
    let source = document(r"\input{glyphtounicode} Ada");
    assert!(source.notes.is_empty());
    let source = document(r"Ada \input{/etc/passwd} \include{work}");
    assert_eq!(texts(&source), ["Ada"]);
    assert!(source.notes[0].contains("not read"));
}

#[test]
fn margins_and_notes_stand_apart() {
    let source = read_latex(
        r"\documentclass{article}\fancyhead[L]{Ada Lovelace}\rfoot{Page \thepage}\begin{document}text\footnote{a note} more\end{document}",
    );
    let lines: Vec<_> = source.lines.iter().map(|line| (line.text(), line.part)).collect();
    let lines: Vec<_> = lines.iter().map(|(text, part)| (text.as_str(), *part)).collect();
    assert_eq!(
        lines,
        [
            ("Ada Lovelace", Part::Header),
            ("text more", Part::Body),
            ("Page", Part::Footer),
            ("a note", Part::Footer)
        ]
    );
}

#[test]
fn a_resume_of_moderncv_is_understood() {
    let source = read_latex(
        r#"% !TEX program = pdflatex
\documentclass[11pt,a4paper,sans]{moderncv}
\moderncvstyle{classic}\moderncvcolor{blue}
\usepackage[scale=0.75]{geometry}
\name{Ada}{M\"uller}
\title{Engineer}
\address{1 Main Street}{10115 Berlin}{Germany}
\phone[mobile]{+49~30~1234567}
\email{ada@example.org}
\social[github]{ada}
\photo[64pt][0.4pt]{picture}
\begin{document}
\makecvtitle
\section{Experience}
\cventry{Jan 2019 -- Mar 2023}{Senior Engineer}{Vireo Labs}{Berlin}{}{%
\begin{itemize}
\item Led a team of five engineers
\item Cut costs by 30\% \& more
\end{itemize}}
\cventry{Feb 2016 -- Jan 2019}{Data Engineer}{Coral Systems}{}{}{\begin{itemize}\item Moved two pipelines to streams\end{itemize}}
\section{Education}
\cventry{2012--2016}{BSc in Computer Science}{Ridge University}{}{}{}
\section{Skills}
\cvitem{Languages}{Rust, Python, PostgreSQL}
\end{document}"#,
    );
    is_adas_resume(&source);
    assert_eq!(source.layout.images, 1);
}

#[test]
fn a_resume_of_awesome_cv_is_understood() {
    is_adas_resume(&read_latex(
        r#"\documentclass[11pt, a4paper]{awesome-cv}
\geometry{left=1.4cm, top=.8cm}
\colorlet{awesome}{awesome-red}
\name{Ada}{Müller}
\position{Engineer{\enskip\cdotp\enskip}Analyst}
\mobile{+49 30 1234567}
\email{ada@example.org}
\github{ada}
\begin{document}
\makecvheader[C]
\makecvfooter{\today}{Ada}{\thepage}
\cvsection{Experience}
\begin{cventries}
  \cventry
    {Senior Engineer} % Job title
    {Vireo Labs} % Organization
    {Berlin, Germany} % Location
    {Jan 2019 - Mar 2023} % Date(s)
    {
      \begin{cvitems}
        \item {Led a team of five engineers}
        \item {Cut costs by 30\% \& more}
      \end{cvitems}
    }
  \cventry{Data Engineer}{Coral Systems}{Hamburg, Germany}{Feb 2016 - Jan 2019}{\begin{cvitems}\item{Moved two pipelines to streams}\end{cvitems}}
\end{cventries}
\cvsection{Education}
\begin{cventries}
\cventry{BSc in Computer Science}{Ridge University}{Berlin, Germany}{2012 - 2016}{}
\end{cventries}
\cvsection{Skills}
\begin{cvskills}\cvskill{Languages}{Rust, Python, PostgreSQL}\end{cvskills}
\end{document}"#,
    ));
}

/// A template of one page whose macros stand in the file itself.
const ONE_PAGE: &str = r#"\documentclass[letterpaper,11pt]{article}
\usepackage[hidelinks]{hyperref}
\input{glyphtounicode}
\pagestyle{fancy}\fancyhf{}\renewcommand{\headrulewidth}{0pt}
\addtolength{\oddsidemargin}{-0.5in}
\titleformat{\section}{\vspace{-4pt}\scshape\raggedright\large}{}{0em}{}[\color{black}\titlerule \vspace{-5pt}]
\pdfgentounicode=1
MACROS
\begin{document}
\begin{center}
    \textbf{\Huge \scshape Ada Müller} \\ \vspace{1pt}
    \small +49 30 1234567 $|$ \href{mailto:ada@example.org}{\underline{ada@example.org}} $|$
    \href{https://github.com/ada}{\underline{github.com/ada}}
\end{center}
\section{Experience}
  \resumeSubHeadingListStart
    \resumeSubheading
      {Senior Engineer}{Jan 2019 -- Mar 2023}
      {Vireo Labs}{Berlin, Germany}
      \resumeItemListStart
        \resumeItem{Led a team of five engineers}
        \resumeItem{Cut costs by 30\% \& more}
      \resumeItemListEnd
    \resumeSubheading{Data Engineer}{Feb 2016 -- Jan 2019}{Coral Systems}{Hamburg, Germany}
      \resumeItemListStart \resumeItem{Moved two pipelines to streams} \resumeItemListEnd
  \resumeSubHeadingListEnd
\section{Education}
  \resumeSubHeadingListStart
    \resumeSubheading{Ridge University}{Berlin, Germany}{BSc in Computer Science}{2012 -- 2016}
  \resumeSubHeadingListEnd
\section{Skills}
 \begin{itemize}[leftmargin=0.15in, label={}]
    \small{\item{
     \textbf{Languages}{: Rust, Python, PostgreSQL} \\
    }}
 \end{itemize}
\end{document}"#;

#[test]
fn a_resume_of_one_page_is_understood_with_its_macros_and_without() {
    let macros = r"\newcommand{\resumeItem}[1]{
  \item\small{
    {#1 \vspace{-2pt}}
  }
}
\newcommand{\resumeSubheading}[4]{
  \vspace{-2pt}\item
    \begin{tabular*}{0.97\textwidth}[t]{l@{\extracolsep{\fill}}r}
      \textbf{#1} & #2 \\
      \textit{\small#3} & \textit{\small #4} \\
    \end{tabular*}\vspace{-7pt}
}
\newcommand{\resumeSubHeadingListStart}{\begin{itemize}[leftmargin=0.15in, label={}]}
\newcommand{\resumeSubHeadingListEnd}{\end{itemize}}
\newcommand{\resumeItemListStart}{\begin{itemize}}
\newcommand{\resumeItemListEnd}{\end{itemize}\vspace{-5pt}}";
    for macros in [macros, ""] {
        is_adas_resume(&read_latex(&ONE_PAGE.replace("MACROS", macros)));
    }
}

#[test]
fn macros_without_end_are_refused() {
    refused(r"\documentclass{x}\def\a{\a}\begin{document}\a");
    refused(r"\documentclass{x}\def\a{b\b}\def\b{a\a}\begin{document}\a");
    let laughs: String = ('b'..='z')
        .map(|c| format!("\\def\\x{c}{{{}}}", format!("\\x{}", char::from(c as u8 - 1)).repeat(10)))
        .collect();
    refused(&format!("\\documentclass{{x}}\\def\\xa{{ha}}{laughs}\\begin{{document}}\\xz"));
    let doubled = r"\def\a#1{#1#1#1#1#1#1#1#1#1#1}".to_owned();
    refused(&format!(
        "\\documentclass{{x}}{doubled}\\begin{{document}}{}x{}",
        "\\a{".repeat(40),
        "}".repeat(40)
    ));
    refused(r"\documentclass{x}\newenvironment{a}{}{\end{a}}\begin{document}\begin{a}\end{a}");
    refused(&format!("\\documentclass{{x}}\\begin{{document}}{}", "{".repeat(100_000)));
}

#[test]
fn large_sources_take_time_by_their_size_alone() {
    let deep =
        format!("\\documentclass{{x}}\\begin{{document}}{}x{}", "\\cvitem{".repeat(200), "}".repeat(200));
    assert_eq!(texts(&read_latex(&deep)), ["x"]);
    let wide = "\\mystery{a}{b}{c}\n".repeat(5_000);
    assert_eq!(document(&wide).lines.len(), 5_000);
    let open = "\\item[".repeat(40_000);
    assert!(
        read(
            format!("\\documentclass{{x}}\\begin{{document}}a {open}").as_bytes(),
            "a.tex",
            &Limits { max_lines: usize::MAX, ..Limits::default() }
        )
        .is_ok()
    );
    let large = format!("\\documentclass{{x}}{}", " ".repeat(2 << 20));
    assert_eq!(read(large.as_bytes(), "a.tex", &Limits::default()).unwrap_err().code(), "file_too_large");
}

proptest! {
    #[test]
    fn broken_files_never_panic_and_read_alike_twice(keep in any::<usize>(), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..24)) {
        let whole = ONE_PAGE.replace("MACROS", "\\newcommand{\\a}[2][x]{#1#2}").into_bytes();
        let keep = if keep % 2 == 0 { whole.len() } else { keep };
        let bytes = broken(whole, keep, &changes);
        let (first, second) = (read(&bytes, "a.tex", &Limits::default()), read(&bytes, "a.tex", &Limits::default()));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn any_commands_are_read(body in "(\\{|\\}|\\[|\\]|&|\\$|\\^|#1|%|\n|\\\\(begin\\{|end\\{)(itemize|tabular|document|tikzpicture|verbatim|a)\\}|\\\\(section|item|textbf|href|url|cventry|cvitem|resumeItem|newcommand|def|let|a|iftrue|iffalse|else|fi|ifx|ifthenelse|newif|footnote|hspace|frac|fontsize|'|\"|\\\\) ?|Ada |--|`){0,80}") {
        let _ = read(format!("\\documentclass{{x}}\\begin{{document}}{body}").as_bytes(), "a.tex", &Limits::default());
    }

    #[test]
    fn every_word_in_braces_is_kept(command in "[a-z]{12,16}", words in proptest::collection::vec("[a-z]{3,8}", 1..6)) {
        let arguments: String = words.iter().map(|word| format!("{{{word}}}")).collect();
        let text = texts(&document(&format!("\\{command}{arguments} end"))).join(" ");
        for word in words {
            proptest::prop_assert!(text.contains(&word), "{}", text);
        }
    }
}
