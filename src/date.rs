//! Dates as news gives them: a day, a month or a year.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar date that may know only its month or year.
///
/// Ordered by time; of two that start together the coarser comes first (`2024` < `2024-01` < `2024-01-01`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i16,
    /// 1 to 12, or 0 when unknown.
    month: u8,
    /// 1 to 31, or 0 when unknown.
    day: u8,
}

/// A string that is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no date; expected YYYY-MM-DD, YYYY-MM or YYYY, with or without a time of day behind it")]
pub struct BadDate(String);

impl Date {
    /// The day, if the calendar has it.
    pub fn day(year: i16, month: u8, day: u8) -> Option<Self> {
        let civil = jiff::civil::Date::new(year, month as i8, day as i8).ok()?;
        (year > 0).then_some(Date { year: civil.year(), month, day })
    }

    /// The month, if the calendar has it.
    pub fn month_of(year: i16, month: u8) -> Option<Self> {
        Date::day(year, month, 1)?.to_month()
    }

    /// The year, if the calendar has it.
    pub fn year_of(year: i16) -> Option<Self> {
        Date::day(year, 1, 1).map(Date::to_year)
    }

    /// The year.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// Month of the year, 1 to 12, where known.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// Day of the month, 1 to 31, where known.
    pub fn day_of_month(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The month of the date, where known.
    pub fn to_month(self) -> Option<Date> {
        (self.month > 0).then_some(Date { day: 0, ..self })
    }

    /// The year of the date.
    pub const fn to_year(self) -> Date {
        Date { year: self.year, month: 0, day: 0 }
    }

    /// Whether every day that `other` may mean is one that this date may mean.
    pub const fn contains(self, other: Date) -> bool {
        self.year == other.year
            && (self.month == 0 || self.month == other.month)
            && (self.day == 0 || self.day == other.day)
    }

    /// Whether the date begins when `other` is over.
    pub fn is_after(self, other: Date) -> bool {
        self > other && !other.contains(self)
    }

    /// First day that the date may mean.
    pub fn first_day(self) -> jiff::civil::Date {
        jiff::civil::Date::constant(self.year, self.month.max(1) as i8, self.day.max(1) as i8)
    }
}

impl FromStr for Date {
    type Err = BadDate;

    fn from_str(s: &str) -> Result<Self, BadDate> {
        let bad = || BadDate(s.to_owned());
        let t = s.trim();
        // A time of day may follow: the date that the source wrote is kept, whatever its zone.
        let t = match t.find(['T', 't', ' ']) {
            Some(at) if at == 10 && t[at + 1..].starts_with(|c: char| c.is_ascii_digit()) => &t[..at],
            Some(_) => return Err(bad()),
            None => t,
        };
        let digits = |p: &str, n: usize| {
            (p.len() == n && p.bytes().all(|b| b.is_ascii_digit())).then(|| p.parse::<i16>().ok()).flatten()
        };
        let mut parts = t.split('-');
        let year = parts.next().and_then(|p| digits(p, 4)).filter(|&y| y > 0).ok_or_else(bad)?;
        let month = parts.next().map(|p| digits(p, 2).filter(|m| (1..=12).contains(m)).ok_or_else(bad)).transpose()?;
        let day = parts.next().map(|p| digits(p, 2).ok_or_else(bad)).transpose()?;
        if parts.next().is_some() {
            return Err(bad());
        }
        match (month, day) {
            (Some(m), Some(d)) => Date::day(year, m as u8, d as u8).ok_or_else(bad),
            (m, _) => Ok(Date { year, month: m.unwrap_or(0) as u8, day: 0 }),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = match (self.month, self.day) {
            (0, _) => format!("{:04}", self.year),
            (m, 0) => format!("{:04}-{m:02}", self.year),
            (m, d) => format!("{:04}-{m:02}-{d:02}", self.year),
        };
        f.pad(&s)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_of_every_precision_parse_and_print_back() {
        for s in ["2024-05-28", "2024-05", "2024", "0987-01-31"] {
            assert_eq!(s.parse::<Date>().unwrap().to_string(), s);
        }
        for (s, d) in
            [("2024-05-28T23:10:00+09:00", "2024-05-28"), ("2024-05-28 10:00", "2024-05-28"), (" 2024 ", "2024")]
        {
            assert_eq!(s.parse::<Date>().unwrap().to_string(), d);
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for s in ["2023-02-30", "0000-00-00", "2023-13", "2023-1-1", "yesterday", "", "2023-01-01-01", "２０２３"] {
            assert!(s.parse::<Date>().is_err(), "{s}");
        }
    }

    #[test]
    fn a_date_is_after_another_when_that_is_over() {
        let d = |s: &str| s.parse::<Date>().unwrap();
        assert!(d("2024-05-02").is_after(d("2024-05-01")) && d("2025").is_after(d("2024-05")));
        assert!(!d("2024-05-02").is_after(d("2024-05")) && !d("2024").is_after(d("2024-05-01")));
    }

    #[test]
    fn coarse_dates_sort_before_the_fine_ones_they_contain() {
        let d = |s: &str| s.parse::<Date>().unwrap();
        assert!(d("2024") < d("2024-01") && d("2024-01") < d("2024-01-01") && d("2024-01-01") < d("2024-02"));
    }
}
