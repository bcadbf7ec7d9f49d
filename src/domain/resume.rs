//! A resume: what the person has, parsed, in the shape of JSON Resume 1.0.0.
//!
//! Field names and shapes follow <https://github.com/jsonresume/resume-schema> (MIT). What that schema has no
//! place for is kept in `x-` fields, which it allows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::domain::partial_date::{NotADate, PartialDate};

/// A resume, shaped after JSON Resume 1.0.0 (<https://jsonresume.org/schema>).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Resume {
    /// Who the person is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basics: Option<Basics>,
    /// Positions held, in the order of the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<Work>,
    /// Unpaid positions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volunteer: Vec<Volunteer>,
    /// Studies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub education: Vec<Education>,
    /// Honours and prizes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<Award>,
    /// Certificates and licences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Certificate>,
    /// Papers, books, talks in print.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Publication>,
    /// Skills by group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Skill>,
    /// Human languages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Interests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interests: Vec<Interest>,
    /// Referees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Projects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<Project>,
    /// What fits no section of the schema, word for word, under its own heading.
    #[serde(rename = "x-sections", skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Section>,
    /// The sections in the order of the source, with the headings it uses.
    #[serde(rename = "x-sectionOrder", skip_serializing_if = "Vec::is_empty")]
    pub section_order: Vec<SectionHeading>,
    /// The schema's own `meta` object, kept as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<serde_json::Value>,
}

/// Name, contacts and introduction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Basics {
    /// Full name as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Professional title under the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The same in E.164 (`+4930901820`), where its country is known.
    #[serde(rename = "x-phone", skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Own web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Introduction; paragraphs separated by a line break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Where the person lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Accounts on networks and further links.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Location {
    /// The place as printed, or the street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// State, province, region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// An account or a link.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    /// LinkedIn, GitHub, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Name there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A position held.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Work {
    /// The employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The title of the position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Where, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What the employer does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// First month or year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<PartialDate>,
    /// Last month or year; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<PartialDate>,
    /// Description in running text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Bullets in the order of the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<String>,
    /// The dates as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// An unpaid position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Volunteer {
    /// The organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The title of the position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// Where, as printed.
    #[serde(rename = "x-location", skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// First month or year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<PartialDate>,
    /// Last month or year; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<PartialDate>,
    /// Description in running text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Bullets in the order of the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<String>,
    /// The dates as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// Studies at one institution.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Education {
    /// School or university.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Field of study.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Degree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study_type: Option<String>,
    /// First month or year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<PartialDate>,
    /// Last month or year; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<PartialDate>,
    /// Grade, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// Courses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub courses: Vec<String>,
    /// Where, as printed.
    #[serde(rename = "x-location", skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Bullets in the order of the source.
    #[serde(rename = "x-highlights", skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<String>,
    /// The dates as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// An honour.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Award {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awarder: Option<String>,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The date as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// A certificate or licence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Certificate {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The date as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// Something published.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Publication {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Journal, conference, publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_date: Option<PartialDate>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Authors, abstract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The date as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// A group of skills, or one skill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Skill {
    /// Heading of the group, or the skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The skills of the group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// A human language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Language {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// As printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fluency: Option<String>,
}

/// An interest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Interest {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// More of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// A referee.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Reference {
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their words, or how to reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// A project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Project {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Description in running text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Bullets in the order of the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<String>,
    /// Technologies and topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// First month or year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<PartialDate>,
    /// Last month or year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<PartialDate>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Roles in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The organization behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// What kind of project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The dates as printed.
    #[serde(rename = "x-dates", skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// A section that the schema has no place for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Section {
    /// Its heading as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Its text, a paragraph or bullet each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paragraphs: Vec<String>,
}

/// One section of the source: which it is and what it is called there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SectionHeading {
    /// Its JSON Resume name (`work`, `skills`, …) or `x-sections/N`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// As printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// 2 for a heading within the section; absent for the section's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
}
