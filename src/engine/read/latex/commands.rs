//! What the reader knows of commands: which arguments are text, and how the entries of resume classes are set.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Commands by what becomes of their arguments: `d` is left out, `k` is text, `o` has options alone.
const ARGUMENTS: &[(&str, &str)] = &[
    (
        "",
        "centering raggedright raggedleft noindent indent selectfont protect relax maketitle makecvhead \
         makecvfoot makeheader makerubric makelettertitle hline toprule midrule bottomrule divider \
         doublespacing singlespacing onehalfspacing nopagenumbers printbibliography tableofcontents today \
         thepage",
    ),
    ("o", "makecvtitle makecvheader"),
    (
        "d",
        "vspace color pagecolor pagestyle thispagestyle pagenumbering fontfamily fontseries fontshape \
         linespread setstretch hypersetup geometry newlength newcounter stepcounter refstepcounter label \
         ref pageref autoref cite citep citet nocite fullcite bibliography bibliographystyle \
         addbibresource includepdf moderncvstyle moderncvcolor moderncvtheme moderncvicons colorizelinks \
         urlstyle hyphenation usetikzlibrary tikzset lstset pgfplotsset graphicspath fontdir faIcon \
         faicon ding symbol phantom hphantom vphantom enlargethispage needspace cline cmidrule usepackage \
         RequirePackage documentclass LoadClass PassOptionsToPackage setmainfont setsansfont setmonofont \
         setromanfont defaultfontfeatures selectlanguage setdefaultlanguage setmainlanguage \
         setotherlanguage inputencoding setlist pgfplotstableread columnratio setcolumnwidth sethlcolor \
         bibitem value arabic roman foreach AtEveryBibitem DeclareOption pdfinfo newsavebox usebox \
         usekomavar newtoggle stretch",
    ),
    (
        "dd",
        "setlength addtolength settowidth setcounter addtocounter fontsize colorlet pdfbookmark rule \
         newcolumntype DeclareUnicodeCharacter setbool newfontface newfontfamily addtokomafont \
         setkomafont DeclareFieldFormat defbibheading sbox savebox",
    ),
    ("ddd", "addcontentsline makecvfooter definecolor newlist rowcolors"),
    ("dddd", "usefont titlespacing"),
    ("ddddd", "titleformat"),
    (
        "k",
        "underline uline ul uppercase lowercase MakeUppercase MakeLowercase MakeTextUppercase mbox hbox \
         fbox makebox framebox text ensuremath mathrm mathbf mathit mathsf mathtt textrm textsf texttt \
         textsc textup textmd textnormal textsuperscript textsubscript enquote centerline leftline \
         rightline marginpar marginnote sout hl smash llap rlap hyperref",
    ),
    (
        "dk",
        "textcolor colorbox raisebox scalebox rotatebox parbox hyperlink hypertarget foreignlanguage \
         adjustbox",
    ),
    ("ddk", "fcolorbox multicolumn multirow resizebox"),
    ("kd", "texorpdfstring"),
];

/// The commands of resume classes whose arguments make lines of their own.
///
/// Numbers are arguments. A space parts lines, `|` is a wide gap, `,` and `:` join, `*` is bold, `-` opens a list
/// item; what is empty is left out.
const ENTRIES: &[(&str, usize, &str)] = &[
    // moderncv
    ("cventry", 6, "*2|1 3|4 5 6"),
    ("cvitem", 2, "1:2"),
    ("cvline", 2, "1:2"),
    ("cvitemwithcomment", 3, "1:2,3"),
    ("cvlanguage", 3, "1:2,3"),
    ("cvdoubleitem", 4, "1:2 3:4"),
    ("cvcomputer", 4, "1:2 3:4"),
    ("cvlistitem", 1, "-1"),
    ("cvlistdoubleitem", 2, "-1 -2"),
    // awesome-cv
    ("cvskill", 2, "1:2"),
    ("cvhonor", 4, "1,2,3|4"),
    ("cvsubentry", 4, "*1|3 2 4"),
    // AltaCV
    ("cvevent", 4, "*1|3 2,4"),
    ("cvachievement", 3, "*2 3"),
    // Templates of one page
    ("resumeSubheading", 4, "*1|2 3|4"),
    ("resumeSubSubheading", 2, "1|2"),
    ("resumeProjectHeading", 2, "1|2"),
    ("resumeSubItem", 2, "-1:2"),
];

/// awesome-cv gives its entries another order than moderncv.
const AWESOME_ENTRY: (usize, &str) = (5, "*2|3 1|4 5");

static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    ARGUMENTS
        .iter()
        .rev()
        .flat_map(|(arguments, names)| names.split_whitespace().map(|name| (name, *arguments)))
        .collect()
});

/// What becomes of a known command's arguments; `None` for an unknown one.
pub(crate) fn arguments(command: &str) -> Option<&'static str> {
    BY_NAME.get(command).copied()
}

/// How an entry is set: how many arguments it has, and its lines.
pub(crate) fn entry(command: &str, is_awesome: bool) -> Option<(usize, &'static str)> {
    if command == "cventry" && is_awesome {
        return Some(AWESOME_ENTRY);
    }
    ENTRIES.iter().find(|(name, ..)| *name == command).map(|(_, count, lines)| (*count, *lines))
}

/// The level of a heading command; that of the document's title is 1.
pub(crate) fn heading(command: &str) -> Option<u8> {
    Some(match command {
        "part" | "chapter" => 1,
        "section" | "cvsection" | "resumesection" | "sectiontitle" | "cvsectiontitle" => 2,
        "subsection" | "cvsubsection" => 3,
        "subsubsection" | "cvsubsubsection" => 4,
        "paragraph" | "subparagraph" => 5,
        _ => return None,
    })
}

/// Environments by how many arguments they have beside their options; none of them is text.
pub(crate) fn environment_arguments(name: &str) -> Option<usize> {
    Some(match name {
        "tabular" | "longtable" | "array" | "supertabular" | "minipage" | "multicols" | "multicols*"
        | "spacing" | "wraptable" | "thebibliography" | "columns" | "column" | "paracol" | "adjustbox"
        | "labeling" | "tblr" => 1,
        "tabular*" | "tabularx" | "tabulary" | "xltabular" | "adjustwidth" | "adjustwidth*"
        | "wrapfigure" | "list" | "textblock" | "textblock*" => 2,
        "document" | "center" | "flushleft" | "flushright" | "itemize" | "enumerate" | "description"
        | "quote" | "quotation" | "figure" | "table" | "tabbing" | "cventries" | "cvitems" | "cvskills"
        | "cvhonors" | "cvparagraph" | "tikzpicture" | "picture" | "small" | "footnotesize" | "large"
        | "Large" | "sloppypar" | "otherlanguage" | "multline" | "equation" | "titlepage" | "etaremune"
        | "compactitem" => 0,
        _ => return None,
    })
}

/// Environments whose rows and cells are a table's.
pub(crate) fn is_table(name: &str) -> bool {
    matches!(
        name,
        "tabular"
            | "tabular*"
            | "tabularx"
            | "tabulary"
            | "longtable"
            | "xltabular"
            | "supertabular"
            | "array"
            | "tblr"
    )
}

/// Environments whose items are a list's.
pub(crate) fn is_list(name: &str) -> bool {
    let name = name.trim_end_matches('*');
    matches!(name, "list" | "cvitems" | "etaremune" | "description" | "labeling" | "bulletedlist")
        || name.ends_with("itemize")
        || name.ends_with("enumerate")
        || name.ends_with("compactitem")
        || name.ends_with("compactenum")
}

/// Lengths and numbers that are set without braces: `\parskip=0pt`.
pub(crate) fn is_register(command: &str) -> bool {
    matches!(
        command,
        "parindent"
            | "parskip"
            | "parsep"
            | "topsep"
            | "partopsep"
            | "itemsep"
            | "labelsep"
            | "leftmargin"
            | "baselineskip"
            | "lineskip"
            | "tabcolsep"
            | "arraystretch"
            | "columnsep"
            | "textwidth"
            | "textheight"
            | "oddsidemargin"
            | "evensidemargin"
            | "topmargin"
            | "headheight"
            | "headsep"
            | "footskip"
            | "hoffset"
            | "voffset"
            | "hangindent"
            | "hangafter"
            | "leftskip"
            | "rightskip"
            | "parfillskip"
            | "fboxsep"
            | "fboxrule"
            | "penalty"
            | "tolerance"
            | "emergencystretch"
            | "clubpenalty"
            | "widowpenalty"
            | "hyphenpenalty"
            | "exhyphenpenalty"
            | "pdfgentounicode"
            | "pdfminorversion"
            | "vskip"
            | "hskip"
            | "kern"
            | "marginparwidth"
            | "marginparsep"
            | "spaceskip"
            | "looseness"
    )
}

#[cfg(test)]
mod tests {
    use crate::engine::read::latex::commands::{ARGUMENTS, ENTRIES};

    #[test]
    fn every_number_in_the_lines_of_an_entry_is_an_argument() {
        for (name, count, lines) in ENTRIES {
            let most = lines.chars().filter_map(|c| c.to_digit(10)).max();
            assert_eq!(most.map(|most| most as usize), Some(*count), "{name}");
        }
    }

    #[test]
    fn no_command_is_listed_twice() {
        let mut names: Vec<_> = ARGUMENTS.iter().flat_map(|(_, names)| names.split_whitespace()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
