//! A table of studies: what the names over its columns say about the cells below them.

use crate::domain::resume::Education;
use crate::engine::understand::resume::dates::take_dates;
use crate::engine::understand::resume::evidence::{degree, school};
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::positions::ends;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{fold, is_listed, trim_marks};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Degree,
    Area,
    School,
    Time,
    Score,
    Place,
    /// What no field is for: the board that a school belongs to, a number.
    Other,
}

impl Column {
    /// Whether a cell has the words that this column has.
    fn fits(self, cell: &str) -> bool {
        match self {
            Self::Degree => degree(cell) > 0.0,
            Self::School => school(cell) > 0.0,
            Self::Time => !take_dates(cell).dates.is_empty(),
            Self::Score => cell.contains(|c: char| c.is_ascii_digit()) && take_dates(cell).dates.is_empty(),
            Self::Place => is_place(cell),
            Self::Area | Self::Other => false,
        }
    }
}

const DEGREES: &str = "course|courses|degree|qualification|qualifications|examination|exam|exam passed|examination passed|class|program|programme|standard|certificate|education|diploma|diplome|titulo|titulacion|abschluss|titolo|学历|学位";
const AREAS: &str = "specialization|specialisation|stream|branch|major|subject|subjects|discipline|field|field of study|area|studiengang|fach|specialite|especialidad|专业";
const SCHOOLS: &str = "institution|institute|school|college|university|institution name|name of institution|name of the institution|name of institute|name of the institute|school name|establishment|etablissement|ecole|universite|centro|institucion|universidad|instituicao|istituto|schule|hochschule|universitat|学校|院校";
const TIMES: &str = "year|years|year of passing|passing year|year of completion|year of graduation|yop|duration|date|dates|period|session|graduation|from|to|annee|annees|periode|jahr|zeitraum|ano|periodo|anno|时间|起止时间";
const SCORES: &str = "percentage|%|cgpa|gpa|cpi|sgpa|marks|score|grade|grades|result|results|aggregate|% marks|% of marks|marks (%)|percentage (%)|division|class obtained|note|nota|notes|mention|voto|成绩";
const PLACES: &str = "location|place|city|country|ort|lieu|ville|lugar|ciudad|luogo|地点";
const OTHERS: &str = "board|affiliation|affiliated to|s.no|s.no.|sl.no|sl.no.|no|no.|sr.no|sr.no.|#|remarks";

/// Fewest columns: two names side by side may be a school and a degree.
const MIN_COLUMNS: usize = 3;
/// Most columns: no table of studies has more, and what is compared column by column costs their square.
const MAX_COLUMNS: usize = 12;

fn column(cell: &str) -> Option<Column> {
    let known = [
        (DEGREES, Column::Degree),
        (AREAS, Column::Area),
        (SCHOOLS, Column::School),
        (TIMES, Column::Time),
        (SCORES, Column::Score),
        (PLACES, Column::Place),
        (OTHERS, Column::Other),
    ];
    let named = |name: &str| known.iter().find(|(list, _)| is_listed(list, name)).map(|(_, column)| *column);
    // "Board/University": each part is a name, the first one says what it is.
    named(cell).or_else(|| {
        let mut parts = cell.split(['/', '&']).map(|part| named(part.trim()));
        let first = parts.next()??;
        parts.all(|part| part.is_some()).then_some(first)
    })
}

/// What the columns hold whose names a row is; a second school is the one that the first belongs to.
fn columns(row: &Row) -> Option<Vec<Column>> {
    if !(MIN_COLUMNS..=MAX_COLUMNS).contains(&row.cells.len()) || row.item.is_some() {
        return None;
    }
    let mut columns = row.cells.iter().map(|cell| column(cell)).collect::<Option<Vec<Column>>>()?;
    let school = columns.iter().position(|column| *column == Column::School);
    for (at, column) in columns.iter_mut().enumerate() {
        if *column == Column::School && Some(at) != school {
            *column = Column::Other;
        }
    }
    let has = |wanted: Column| columns.contains(&wanted);
    (has(Column::School) || has(Column::Degree)).then_some(columns)
}

/// Whether a row has nothing but the names of columns.
pub(crate) fn is_header(row: &Row) -> bool {
    columns(row).is_some()
}

/// A table among the rows of a section.
pub(crate) struct Table<'r> {
    /// What stands above it.
    pub(crate) before: &'r [Row],
    /// What its columns hold.
    columns: Vec<Column>,
    /// Its rows, the names of the columns left out.
    rows: &'r [Row],
    /// What stands below it.
    pub(crate) after: &'r [Row],
}

impl<'r> Table<'r> {
    /// The first table that has rows.
    pub(crate) fn find(rows: &'r [Row]) -> Option<Self> {
        let (at, columns) = rows.iter().enumerate().find_map(|(at, row)| Some((at, columns(row)?)))?;
        let (before, rest) = rows.split_at_checked(at)?;
        let (_, rest) = rest.split_first()?;
        // A cell that touches its neighbour is one with it.
        let fits = |row: &&Row| {
            row.item.is_none() && (columns.len().saturating_sub(1)..=columns.len()).contains(&row.cells.len())
        };
        let (rows, after) = rest.split_at_checked(rest.iter().take_while(fits).count())?;
        (!rows.is_empty()).then_some(Self { before, columns, rows, after })
    }

    /// The studies of the table; `set_degree` parts a degree from its field.
    pub(crate) fn studies(&self, set_degree: fn(&mut Education, &str)) -> Vec<Education> {
        self.rows.iter().map(|row| self.study(row, set_degree)).collect()
    }

    /// The columns that the cells of a row stand in: where one is missing, the one without which the others fit best.
    fn columns_of(&self, row: &Row) -> Vec<Column> {
        if row.cells.len() >= self.columns.len() {
            return self.columns.clone();
        }
        // Whether each cell fits the column above it, and the one after that: each is asked once.
        let fits = |first: usize| -> Vec<bool> {
            self.columns.iter().skip(first).zip(&row.cells).map(|(column, cell)| column.fits(cell)).collect()
        };
        let (above, after) = (fits(0), fits(1));
        let fit = |missing: &usize| {
            above.iter().take(*missing).chain(after.iter().skip(*missing)).filter(|fits| **fits).count()
        };
        let missing = (0..self.columns.len()).max_by_key(fit);
        let others = self.columns.iter().enumerate().filter(|(at, _)| Some(*at) != missing);
        others.map(|(_, column)| *column).collect()
    }

    fn study(&self, row: &Row, set_degree: fn(&mut Education, &str)) -> Education {
        let mut study = Education { url: row.link(), ..Education::default() };
        let columns = self.columns_of(row);
        let cells = columns.iter().zip(&row.cells);
        for (column, cell) in cells.chain(row.asides.iter().map(|aside| (&Column::Other, aside))) {
            let text = trim_marks(cell).to_owned();
            match column {
                Column::Degree => {
                    set_degree(&mut study, &text);
                    // "Intermediate" is one because its column says so.
                    study.study_type = study.study_type.take().or_else(|| study.area.take());
                }
                Column::Area if study.area.is_none() => study.area = Some(text),
                Column::School => study.institution = Some(text),
                Column::Score if study.score.is_none() => study.score = Some(text),
                Column::Place if study.location.is_none() => study.location = Some(text),
                Column::Time if study.dates.is_none() => set_dates(&mut study, &text),
                _ => study.highlights.push(text),
            }
        }
        study
    }
}

fn set_dates(study: &mut Education, text: &str) {
    let taken = take_dates(text);
    (study.start_date, study.end_date) = ends(taken.dates.first());
    if fold(&taken.rest).trim().is_empty() {
        study.dates = Some(text.to_owned());
    } else {
        study.highlights.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::resume::Education;
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    fn studies(header: &str, row: &str) -> Vec<Education> {
        let text = format!("Ada Example\nada@example.org\n\nEDUCATION\n\n{header}\n{row}\n{row}\n");
        understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap()).education
    }

    #[test]
    fn a_row_that_lacks_a_cell_lacks_the_column_that_fits_least() {
        for row in [
            "B.Sc      Ridge College      78%",
            "B.Sc      Ridge College      2014",
            "Ridge College      2014      78%",
        ] {
            let found = studies("Degree      Institution      Year      Percentage", row);
            let study = found.first().unwrap();
            assert_eq!(study.institution.as_deref(), Some("Ridge College"), "{row}");
            assert_eq!(study.score.is_some(), row.contains('%'), "{row}");
            assert_eq!(study.dates.is_some(), row.contains("2014"), "{row}");
        }
    }

    // 3,000 columns once took minutes.
    #[test]
    fn a_table_has_a_most_number_of_columns() {
        let found = studies(&"School      ".repeat(400), &"2014      ".repeat(399));
        assert!(found.iter().all(|study| study.institution.as_deref() != Some("2014")));
    }
}
