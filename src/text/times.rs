//! Expressions of time in English news, resolved against the date of the document.
//!
//! "on Monday", "in January", "since 2021", "two weeks earlier", "last year", "yesterday", "on 4 July", "until 2019",
//! "by the end of the year". A name that comes round again (a weekday, a month, a season) means the latest one that is
//! not after the document, unless the words around it look ahead. Nothing is resolved that the document's date
//! does not carry: without a day there is no "yesterday".

use crate::date::Date;
use crate::text::Span;

/// An expression of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// Where it stands in the sentence, without its preposition.
    pub span: Span,
    /// What it says of what is told.
    pub sense: Sense,
    /// The time itself as precisely as it is told; `None` for "long ago" and its like, and for what lies ahead.
    pub date: Option<Date>,
    /// The day that it most likely starts on, as precisely as can be guessed: for ordering.
    pub day: Option<Date>,
}

/// What an expression of time says of what is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sense {
    /// It took place then.
    On,
    /// It has been so from then on.
    Since,
    /// It was so up to then and is no more.
    Until,
    /// It is yet to come.
    Ahead,
    /// Something else took place then, before or after it.
    Beside,
}

/// The expressions of time in a sentence of a document `written` on some date. `anchor` is the time that the
/// sentences before have led to, from which "a week later" counts.
pub fn times(sentence: &str, written: Option<Date>, anchor: Option<Date>) -> Vec<Time> {
    let words = words(sentence);
    let mut reader = Reader { words: &words, written, anchor };
    let mut found = Vec::new();
    let mut i = dateline(sentence, &words);
    while i < words.len() {
        let Some((length, point)) = reader.point(i) else {
            i += 1;
            continue;
        };
        let (sense, date, day) = reader.sense(i, length, point);
        reader.anchor = date.filter(|_| sense != Sense::Ahead).or(reader.anchor);
        let span = Span::new(words[i].span.start, words[i + length - 1].span.end);
        found.push(Time { span, sense, date, day });
        i += length;
    }
    found
}

/// A word of a sentence in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word; curly apostrophes are straight.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Whether it begins with a capital.
    pub capital: bool,
    /// What stands between the word before and this one.
    pub gap: Gap,
}

/// How far apart what stands between two words sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// White space, or nothing that matters.
    Blank,
    /// A hyphen.
    Hyphen,
    /// A comma, colon, bracket or quotation mark.
    Comma,
    /// A semicolon, dash or full stop.
    Stop,
}

/// The words of a sentence.
pub fn words(sentence: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut start = None;
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    for (at, c) in sentence.char_indices().chain([(sentence.len(), ' ')]) {
        match start {
            None if c.is_alphanumeric() => start = Some(at),
            Some(from) if !inner(c) => {
                let written = sentence[from..at].trim_end_matches(['\'', '’']);
                let gap = gap(words.last(), &sentence[words.last().map_or(0, |w| w.span.end)..from]);
                words.push(Word {
                    text: written.to_lowercase().replace('’', "'"),
                    span: Span::new(from, from + written.len()),
                    capital: written.starts_with(char::is_uppercase),
                    gap,
                });
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn gap(before: Option<&Word>, between: &str) -> Gap {
    // "Sept. 5" and "U.S. troops" go on.
    let abbreviates = before.is_some_and(|w| w.text.len() < 2 || month(&w.text).is_some() || w.text == "st");
    let stop = |c: char| matches!(c, ';' | '—' | '–' | '!' | '?' | '…') || (c == '.' && !abbreviates);
    if between.contains(stop) || between.contains(" - ") {
        Gap::Stop
    } else if between.contains([',', ':', '(', ')', '"', '“', '”']) {
        Gap::Comma
    } else if between == "-" {
        Gap::Hyphen
    } else {
        Gap::Blank
    }
}

/// How many words the dateline has: "MOSCOW, July 4 (ENW) - ".
fn dateline(sentence: &str, words: &[Word]) -> usize {
    let Some(first) = words.first() else { return 0 };
    if first.span.len() < 2 || first.span.of(sentence).contains(char::is_lowercase) {
        return 0;
    }
    words.iter().take(14).position(|w| w.gap == Gap::Stop).unwrap_or(0)
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const SEASONS: [(&str, u8); 5] = [("spring", 3), ("summer", 6), ("autumn", 9), ("fall", 9), ("winter", 12)];
const DECADES: [(&str, i16); 5] =
    [("fifties", 1950), ("sixties", 1960), ("seventies", 1970), ("eighties", 1980), ("nineties", 1990)];
const NUMBERS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
/// Words that stand between a preposition and the time.
const BETWEEN: [&str; 21] = [
    "the",
    "early",
    "late",
    "mid",
    "end",
    "beginning",
    "start",
    "middle",
    "of",
    "last",
    "first",
    "days",
    "weeks",
    "half",
    "about",
    "around",
    "roughly",
    "this",
    "next",
    "at",
    "least",
];
/// What follows one of these in its clause is yet to come.
const AHEAD: [&str; 20] = [
    "will",
    "shall",
    "would",
    "intends",
    "intend",
    "plans",
    "plan",
    "hopes",
    "expects",
    "expected",
    "due",
    "scheduled",
    "slated",
    "wants",
    "aims",
    "promised",
    "vows",
    "could",
    "might",
    "may",
];

fn month(word: &str) -> Option<u8> {
    let full = |m: &&str| **m == *word || (word.len() >= 3 && word.len() <= 4 && m.starts_with(word) && word != "may");
    MONTHS.iter().position(full).map(|m| m as u8 + 1)
}

/// A time as it is named, before its preposition is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    /// A time of a precision, and the likely day.
    At(Date, Date),
    /// At some time in the past.
    Past,
    /// In the future.
    Ahead,
    /// For a time that has not ended.
    For(Date),
    /// From then until then.
    Between(Date),
}

struct Reader<'a> {
    words: &'a [Word],
    written: Option<Date>,
    anchor: Option<Date>,
}

/// Units that time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

fn unit(word: &str) -> Option<(Unit, i32)> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "day" | "night" => (Unit::Day, 1),
        "week" => (Unit::Week, 1),
        "fortnight" => (Unit::Week, 2),
        "month" => (Unit::Month, 1),
        "year" => (Unit::Year, 1),
        "decade" => (Unit::Year, 10),
        _ => return None,
    })
}

/// `date` moved by a count of units, as precise as the unit; and the likely day.
fn moved(date: Date, count: i32, unit: Unit) -> Option<(Date, Date)> {
    let span = match unit {
        Unit::Day => jiff::Span::new().try_days(count),
        Unit::Week => jiff::Span::new().try_weeks(count),
        Unit::Month => jiff::Span::new().try_months(count),
        Unit::Year => jiff::Span::new().try_years(count),
    };
    let there = date.first_day().checked_add(span.ok()?).ok()?;
    let day = Date::day(there.year(), there.month() as u8, there.day() as u8)?;
    let (day, month) = (date.day_of_month().map_or(day.to_month()?, |_| day), date.month());
    match unit {
        Unit::Day => date.day_of_month().map(|_| (day, day)),
        Unit::Week => date.day_of_month().and_then(|_| Some((day.to_month()?, day))),
        Unit::Month => month.and_then(|_| Some((day.to_month()?, day))),
        Unit::Year => Some((day.to_year(), if month.is_some() { day } else { day.to_year() })),
    }
}

impl Reader<'_> {
    fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", |w| w.text.as_str())
    }

    fn before(&self, i: usize, n: usize) -> &str {
        i.checked_sub(n).map_or("", |i| self.word(i))
    }

    fn number(&self, i: usize) -> Option<i32> {
        let word = self.word(i);
        let spelt = || NUMBERS.iter().position(|n| *n == word).map(|n| n as i32);
        match word {
            "a" | "an" => Some(1),
            _ => word.parse().ok().filter(|n| (1..=200).contains(n)).or_else(spelt),
        }
    }

    fn day_number(&self, i: usize) -> Option<u8> {
        let word = self.word(i);
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|s| word.strip_suffix(s)).unwrap_or(word);
        digits.parse().ok().filter(|d| digits.len() <= 2 && (1..=31).contains(d))
    }

    fn year(&self, i: usize) -> Option<i16> {
        let word = self.word(i);
        word.parse().ok().filter(|y| word.len() == 4 && (1800..=2100).contains(y))
    }

    /// The name of a month at `i`; "may" and "march" are words of their own too.
    fn month(&self, i: usize) -> Option<u8> {
        let m = month(self.word(i)).filter(|_| self.words[i].capital)?;
        let told = |w: &str| {
            matches!(
                w,
                "in" | "since"
                    | "until"
                    | "till"
                    | "by"
                    | "last"
                    | "this"
                    | "next"
                    | "of"
                    | "early"
                    | "late"
                    | "mid"
                    | "from"
                    | "during"
                    | "before"
                    | "after"
                    | "to"
                    | "and"
                    | "every"
            )
        };
        let sure = !matches!(self.word(i), "may" | "march") && self.word(i).len() > 4;
        let counted = self.day_number(i + 1).or(self.year(i + 1).map(|_| 1)).is_some();
        (sure || told(self.before(i, 1)) || counted || self.day_number(i.wrapping_sub(1)).is_some()).then_some(m)
    }

    /// The latest such month not after that of the document, or of a day in it not after its day.
    fn latest(&self, month: u8, day: Option<u8>, strictly: bool) -> Option<Date> {
        let written = self.written?;
        let (now, today) = (written.month()?, written.day_of_month().unwrap_or(31));
        let passed = match day {
            Some(day) => (month, day) <= (now, today),
            None => month < now || (month == now && !strictly),
        };
        let year = written.year() - i16::from(!passed);
        match day {
            Some(day) => Date::day(year, month, day),
            None => Date::month_of(year, month),
        }
    }

    /// The time that begins at word `i`, and how many words tell it.
    fn point(&self, i: usize) -> Option<(usize, Point)> {
        let at = |n: usize, date: Date| Some((n, Point::At(date, date)));
        // 2024-05-28
        if let (Some(year), Some(month), Some(day)) = (self.year(i), self.day_number(i + 1), self.day_number(i + 2)) {
            if self.words[i + 1].gap == Gap::Hyphen && self.words[i + 2].gap == Gap::Hyphen {
                return at(3, Date::day(year, month, day)?);
            }
        }
        // 4 July 2024, 4th of July, July 4, 2024, July 2024, July of last year, July
        if let Some(day) = self.day_number(i) {
            let of = usize::from(self.word(i + 1) == "of");
            if i + 1 + of < self.words.len() {
                if let Some(month) = self.month(i + 1 + of) {
                    return self.of_year(i, 2 + of, month, Some(day));
                }
            }
        }
        if let Some(month) = self.month(i) {
            let day = self.day_number(i + 1).filter(|_| self.words[i + 1].gap <= Gap::Hyphen);
            return self.of_year(i, 1 + usize::from(day.is_some()), month, day);
        }
        self.named_day(i).or_else(|| self.counted(i)).or_else(|| self.period(i)).or_else(|| self.vague(i))
    }

    /// The year that follows a month or day of `n` words, or the latest one.
    fn of_year(&self, i: usize, n: usize, month: u8, day: Option<u8>) -> Option<(usize, Point)> {
        let date = |year: i16| match day {
            Some(day) => Date::day(year, month, day),
            None => Date::month_of(year, month),
        };
        let of = usize::from(self.word(i + n) == "of");
        if let Some(year) = self.year(i + n + of) {
            return date(year).map(|d| (n + of + 1, Point::At(d, d)));
        }
        let whose = (self.word(i + n + of), self.word(i + n + of + 1));
        let this = self.written.map(Date::year);
        let relative = match whose {
            ("last", "year") => this.map(|y| y - 1),
            ("this", "year") => this,
            ("next", "year") => return Some((n + of + 2, Point::Ahead)),
            _ => None,
        };
        if let Some(date) = relative.and_then(date) {
            return Some((n + of + 2, Point::At(date, date)));
        }
        match self.before(i, 1) {
            "next" => Some((n, Point::Ahead)),
            before => self.latest(month, day, before == "last").map(|d| (n, Point::At(d, d))),
        }
    }

    /// Weekdays, yesterday and their like, feasts.
    fn named_day(&self, i: usize) -> Option<(usize, Point)> {
        let today = self.written.filter(|d| d.day_of_month().is_some());
        let days_ago = |n: i32| today.and_then(|d| moved(d, -n, Unit::Day)).map(|(d, _)| Point::At(d, d));
        let word = self.word(i);
        if let Some(weekday) = WEEKDAYS.iter().position(|w| *w == word.strip_suffix("'s").unwrap_or(word)) {
            let now = today?.first_day().weekday().to_monday_zero_offset();
            let ago = (i32::from(now) - weekday as i32).rem_euclid(7);
            return match self.before(i, 1) {
                "next" => Some((1, Point::Ahead)),
                "this" if ago > 0 => Some((1, Point::Ahead)),
                "last" if ago == 0 => Some((1, days_ago(7)?)),
                _ => Some((1, days_ago(ago)?)),
            };
        }
        match (self.word(i), self.word(i + 1)) {
            ("day", "before") if self.word(i + 2) == "yesterday" => Some((3, days_ago(2)?)),
            ("yesterday", _) => Some((1, days_ago(1)?)),
            ("today" | "tonight", _) => Some((1, days_ago(0)?)),
            ("tomorrow", _) => Some((1, Point::Ahead)),
            ("last", "night" | "evening") => Some((2, days_ago(1)?)),
            ("this", "morning" | "afternoon" | "evening") => Some((2, days_ago(0)?)),
            ("new", "year's") if self.word(i + 2) == "day" => {
                self.latest(1, Some(1), false).map(|d| (3, Point::At(d, d)))
            }
            ("christmas", "day") => self.latest(12, Some(25), false).map(|d| (2, Point::At(d, d))),
            _ => None,
        }
    }

    /// "two weeks ago", "a year earlier", "the day before", "ten months later", "for four years", "in two days".
    fn counted(&self, i: usize) -> Option<(usize, Point)> {
        let point = |(date, day)| Point::At(date, day);
        let the = self.word(i) == "the" && self.word(i + 2) == "before" && self.word(i + 3) != "yesterday";
        let count = if the { 1 } else { self.number(i)? };
        let (unit, each) = unit(self.word(i + 1))?;
        let count = count * each;
        let from_anchor = |n: i32| self.anchor.and_then(|a| moved(a, n, unit));
        match self.word(i + 2) {
            "ago" => Some((3, self.written.and_then(|w| moved(w, -count, unit)).map_or(Point::Past, point))),
            "earlier" => {
                let earlier = from_anchor(-count).or_else(|| self.written.and_then(|w| moved(w, -count, unit)));
                Some((3, earlier.map_or(Point::Past, point)))
            }
            "before" if the || self.words.get(i + 3).is_none_or(|w| w.gap > Gap::Blank) => {
                Some((3, from_anchor(-count).map_or(Point::Past, point)))
            }
            "later" => from_anchor(count).map(|p| (3, point(p))),
            _ => self.lasting(i, count, unit),
        }
    }

    /// "has fought it for three years", "for four years running", "within a month".
    fn lasting(&self, i: usize, count: i32, unit: Unit) -> Option<(usize, Point)> {
        let lead = if matches!(self.before(i, 1), "last" | "past") { 3 } else { 1 };
        match self.before(i, lead) {
            "for" if self.word(i) != "a" && (lead == 3 || self.word(i + 2) == "running" || self.is_perfect(i)) => {
                let (begun, _) = moved(self.written?, -count, unit)?;
                Some((2, Point::For(begun)))
            }
            "in" | "within" if lead == 1 && self.is_ahead(i) => Some((2, Point::Ahead)),
            _ => None,
        }
    }

    /// Whether the clause before `i` tells what has been so until now.
    fn is_perfect(&self, i: usize) -> bool {
        self.clause_before(i).any(|j| matches!(self.word(j), "has" | "have" | "been"))
    }

    /// Years, decades, and last, this and next week, month, year or season.
    fn period(&self, i: usize) -> Option<(usize, Point)> {
        if let Some(year) = self.year(i).filter(|_| self.names_a_year(i)) {
            let to = matches!(self.word(i + 1), "to" | "until" | "and" | "through") || self.is_hyphened(i + 1);
            let end = i + if self.is_hyphened(i + 1) { 1 } else { 2 };
            if to && matches!(self.before(i, 1), "from" | "between") {
                if let Some(end_year) = self.year(end) {
                    return Some((end - i + 1, Point::Between(Date::year_of(end_year)?)));
                }
            }
            return Date::year_of(year).map(|d| (1, Point::At(d, d)));
        }
        let decade = self.word(i).strip_suffix('s').and_then(|y| y.parse::<i16>().ok()).filter(|y| y % 10 == 0);
        let named = DECADES.iter().find(|(name, _)| *name == self.word(i)).map(|(_, y)| *y);
        if decade.filter(|y| (1800..2100).contains(y)).or(named).is_some() {
            return Some((1, Point::Past));
        }
        if let Some(found) = self.season(i) {
            return Some(found);
        }
        let unit = unit(self.word(i + 1)).filter(|_| !self.word(i + 1).ends_with('s'));
        match (self.word(i), unit) {
            ("last", Some((unit, 1))) => {
                self.written.and_then(|w| moved(w, -1, unit)).map(|(date, day)| (2, Point::At(date, day)))
            }
            ("this", Some((unit, 1))) => {
                self.written.and_then(|w| moved(w, 0, unit)).map(|(date, day)| (2, Point::At(date, day)))
            }
            ("next", Some(_)) => Some((2, Point::Ahead)),
            ("last", Some(_)) => Some((2, Point::Past)),
            ("the", Some((Unit::Year | Unit::Month | Unit::Week, 1)))
                if self.before(i, 1) == "of" && self.before(i, 2) == "end" =>
            {
                Some((2, Point::Ahead))
            }
            _ => None,
        }
    }

    fn is_hyphened(&self, i: usize) -> bool {
        self.words.get(i).is_some_and(|w| w.gap == Gap::Hyphen)
    }

    /// Whether the four digits at `i` are a year that something is dated by, not "the 2015 deal" or "the war of 1967".
    fn names_a_year(&self, i: usize) -> bool {
        match self.before(i, 1) {
            "in" | "since" | "until" | "till" | "by" | "from" | "during" | "early" | "late" | "mid" | "before"
            | "after" | "between" | "to" => true,
            "of" => {
                matches!(self.before(i, 2), "end" | "beginning" | "start" | "half" | "middle" | "days" | "months")
            }
            _ => false,
        }
    }

    fn season(&self, i: usize) -> Option<(usize, Point)> {
        let (name, month) = SEASONS.iter().find(|(name, _)| *name == self.word(i))?;
        let of = usize::from(self.word(i + 1) == "of");
        if let Some(year) = self.year(i + 1 + of) {
            return Some((2 + of, Point::At(Date::year_of(year)?, Date::month_of(year, *month)?)));
        }
        let lead = self.before(i, 1);
        let lead_of_all = matches!(lead, "last" | "this" | "next");
        // "the fall of Kabul", "a spring in the desert"
        let known = match *name {
            "fall" => lead_of_all,
            _ => {
                lead_of_all
                    || lead == "in"
                    || (lead == "the"
                        && matches!(self.before(i, 2), "in" | "since" | "by" | "until" | "over" | "during"))
            }
        };
        if !known || lead == "next" {
            return known.then_some((1, Point::Ahead));
        }
        let written = self.written?;
        let begun = *month <= written.month()?;
        let last = lead == "last" && begun && written.month()? < month + 3;
        let year = written.year() - i16::from(!begun || last);
        if lead == "this" {
            return match Date::month_of(written.year(), *month).filter(|_| begun) {
                Some(day) => Some((1, Point::At(day.to_year(), day))),
                None => Some((1, Point::Ahead)),
            };
        }
        Some((1, Point::At(Date::year_of(year)?, Date::month_of(year, *month)?)))
    }

    /// "long ago", "previously", "used to".
    fn vague(&self, i: usize) -> Option<(usize, Point)> {
        let past = |n| Some((n, Point::Past));
        match (self.word(i), self.word(i + 1)) {
            ("previously" | "formerly", _) => past(1),
            ("used", "to") | ("long" | "years" | "decades" | "ages" | "centuries" | "months", "ago") => past(2),
            ("once", next) if next.ends_with("ed") || next == "had" => past(1),
            ("several" | "some" | "many" | "few", _)
                if unit(self.word(i + 1)).is_some() && self.word(i + 2) == "ago" =>
            {
                past(3)
            }
            _ => None,
        }
    }

    /// Indices of the words before `i` in its clause, from near to far.
    fn clause_before(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        let stops = |j: &usize| *j == 0 || self.words[*j].gap < Gap::Comma;
        let first = (0..=i).rev().find(|j| !stops(j)).unwrap_or(0);
        (first..i).rev().take(12)
    }

    /// Whether the clause before `i` looks ahead.
    fn is_ahead(&self, i: usize) -> bool {
        self.clause_before(i).any(|j| {
            let to_come =
                |w: &str| matches!(w, "is" | "are" | "be" | "agreed" | "pledged" | "ready" | "about" | "has" | "have");
            AHEAD.contains(&self.word(j)) && !(self.word(j) == "may" && self.words[j].capital)
                || (self.word(j) == "to" && to_come(self.before(j, 1)))
        })
    }

    /// What the words before the time at `i` make of it.
    fn sense(&self, i: usize, length: usize, point: Point) -> (Sense, Option<Date>, Option<Date>) {
        let (date, day) = match point {
            Point::Past => return (Sense::On, None, None),
            Point::Ahead => return (Sense::Ahead, None, None),
            Point::For(date) => return (Sense::Since, Some(date), Some(date)),
            Point::Between(end) => return self.until(end, end),
            Point::At(date, day) => (date, day),
        };
        let lead = (0..i).rev().take(5).find(|&j| !BETWEEN.contains(&self.word(j)));
        let lead = lead.map_or("", |j| self.word(j));
        let ahead = self.written.is_some_and(|w| date.first_day() > w.first_day() && !date.contains(w));
        match lead {
            "until" | "till" | "to" if self.word(i) != "today" => self.until(date, day),
            _ if ahead => (Sense::Ahead, None, None),
            "by" | "within" => (if self.is_absolute(i, length) { Sense::Beside } else { Sense::Ahead }, None, None),
            "before" | "after" => (Sense::Beside, Some(date), Some(day)),
            "since" => (Sense::Since, Some(date), Some(day)),
            _ if self.is_ahead(i) && !self.is_absolute(i, length) => (Sense::Ahead, None, None),
            _ => match self.subordinate(i) {
                Some(sense) => (sense, Some(date), Some(day)),
                None => (Sense::On, Some(date), Some(day)),
            },
        }
    }

    fn until(&self, date: Date, day: Date) -> (Sense, Option<Date>, Option<Date>) {
        // A weekday or month that something lasts until is the next one, whatever the last one was.
        match self.written {
            Some(w) if date.year() < w.year() => (Sense::Until, Some(date), Some(day)),
            _ => (Sense::Ahead, None, None),
        }
    }

    /// Whether the time names its year.
    fn is_absolute(&self, i: usize, length: usize) -> bool {
        (i..i + length).any(|j| self.year(j).is_some())
    }

    /// "since the group seized power in 2021", "after the coup in July": what the time is said of.
    fn subordinate(&self, i: usize) -> Option<Sense> {
        self.clause_before(i).take(8).find_map(|j| match self.word(j) {
            "since" => Some(Sense::Since),
            "after" | "before" => Some(Sense::Beside),
            _ => None,
        })
    }
}
