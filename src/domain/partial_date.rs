//! Dates as exact as a resume gives them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A date as exact as a resume gives it: a year, a month, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    /// Year, 1000 to 2999.
    pub year: u16,
    /// Month 1 to 12, where it is known.
    pub month: Option<u8>,
    /// Day 1 to 31, where it is known.
    pub day: Option<u8>,
}

impl PartialDate {
    /// Months since year 0, a year alone counting as its January.
    #[must_use]
    pub fn months(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month.unwrap_or(1)) - 1
    }

    /// Whether it is before another for sure, as far as both are exact: 2019 is not before 2019-05, nor after it.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        let months = self.month.zip(other.month);
        let days = self.day.zip(other.day).filter(|_| months.is_some());
        let order = self.year.cmp(&other.year);
        let order = order.then(months.map_or(Ordering::Equal, |(own, other)| own.cmp(&other)));
        order.then(days.map_or(Ordering::Equal, |(own, other)| own.cmp(&other))).is_lt()
    }
}

impl PartialSchema for PartialDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"))
            .examples(["2021-03"])
            .into()
    }
}

impl ToSchema for PartialDate {}

impl fmt::Display for PartialDate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(out, "-{month:02}")?;
            if let Some(day) = self.day {
                write!(out, "-{day:02}")?;
            }
        }
        Ok(())
    }
}

/// A text that is not `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date is YYYY, YYYY-MM or YYYY-MM-DD")]
pub struct NotADate;

impl FromStr for PartialDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.split('-');
        let year = parts.next().filter(|part| part.len() == 4).ok_or(NotADate)?;
        let year: u16 = year.parse().map_err(|_| NotADate)?;
        let mut small = |most: u8| -> Result<Option<u8>, NotADate> {
            let Some(part) = parts.next() else {
                return Ok(None);
            };
            let number: u8 = part.parse().map_err(|_| NotADate)?;
            if part.len() == 2 && (1..=most).contains(&number) { Ok(Some(number)) } else { Err(NotADate) }
        };
        let month = small(12)?;
        let day = small(31)?;
        if (1000..3000).contains(&year) && parts.next().is_none() {
            Ok(Self { year, month, day })
        } else {
            Err(NotADate)
        }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::partial_date::PartialDate;

    #[track_caller]
    fn check(earlier: &str, later: &str, expected: bool) {
        let dates = earlier.parse::<PartialDate>().ok().zip(later.parse().ok());
        assert_eq!(
            dates.map(|(earlier, later)| earlier.is_before(later)),
            Some(expected),
            "{earlier} {later}"
        );
    }

    #[test]
    fn a_date_is_before_another_as_far_as_both_are_exact() {
        check("2018", "2019-01", true);
        check("2019", "2019-05", false);
        check("2019-04", "2019-05-01", true);
        check("2019-05", "2019-05-31", false);
        check("2019-05-30", "2019-05-31", true);
        check("2020-01", "2019-12", false);
    }
}
