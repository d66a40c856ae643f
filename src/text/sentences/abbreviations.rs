//! Full stops that may belong to an abbreviation, an initial or a number.

/// What kind of abbreviation a word before a full stop is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A name follows: `Gen.`
    Title,
    /// A number follows: `No.`, `Art.`
    Number,
    /// Something follows in any case: `e.g.`, `vs.`
    Linking,
    /// It may end a sentence: `Inc.`, `U.S.`, `Fla.`
    Final,
    /// A time of day, which seldom goes on: `p.m.`
    Clock,
    /// A single letter: `J.` Smith, plan `B.`
    Initial,
}

const TITLES: &[&str] = &[
    "Mr", "Mrs", "Ms", "Mx", "Dr", "Drs", "Prof", "Gen", "Col", "Lt", "Sgt", "Maj", "Adm", "Gov", "Sen", "Sens", "Rep",
    "Reps", "Capt", "Cpl", "Cmdr", "Cdr", "Brig", "Pres", "Hon", "Rev", "Fr", "Messrs", "Mme", "Mlle", "Msgr", "Mgr",
    "Amb", "Supt", "Insp", "Det", "Pvt", "Pfc", "Spc", "Atty", "Ven", "Asst", "Assoc", "Dep", "Hr", "Fl", "Ald", "Sec",
];

const NUMBERED: &[&str] = &[
    "no", "nos", "nr", "fig", "figs", "vol", "vols", "ch", "p", "pp", "para", "paras", "cl", "ca", "c", "b", "d", "r",
    "approx", "tel", "ext", "v",
];

/// Those that are words too when they begin with a small letter.
const NUMBERED_CAPITALISED: &[&str] = &[
    "Art", "Arts", "Mar", "Apr", "Jun", "Jul", "Mon", "Tue", "Tues", "Wed", "Thu", "Thur", "Thurs", "Fri", "Sat",
    "Sun", "Ed",
];

const LINKING: &[&str] = &["vs", "e.g", "i.e", "viz", "cf", "eg", "ie", "al", "aka", "a.k.a"];

const FINAL: &[&str] = &[
    "Jan", "Feb", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "Inc", "Ltd", "Co", "Corp", "Cos", "Bros", "Dept", "Univ",
    "Assn", "St", "Ste", "Mt", "Ft", "Ave", "Blvd", "Rd", "Jr", "Sr", "Esq", "Calif", "Fla", "Pa", "Va", "Md", "Ga",
    "Tex", "Ariz", "Conn", "Minn", "Mich", "Wis", "Ore", "Okla", "Tenn", "Ky", "La", "Ark", "Ala", "Kan", "Neb", "Nev",
    "Colo", "Mont", "Wyo", "Mass", "Ill", "Ind", "Del", "Ont", "Que",
];

/// Words that begin a sentence so often, and a name so seldom, that a full stop before them ends one.
const STARTERS: &[&str] = &[
    "The",
    "This",
    "That",
    "These",
    "Those",
    "It",
    "They",
    "But",
    "And",
    "However",
    "There",
    "When",
    "While",
    "After",
    "Before",
    "Meanwhile",
    "According",
    "If",
    "Although",
    "Since",
    "Because",
    "Despite",
    "During",
    "Earlier",
    "Later",
    "Both",
    "Its",
    "Their",
    "What",
    "Why",
    "How",
];

/// More of them, which may also be names: they follow `U.S.` or `Inc.` as a rule, but an initial as a surname.
const STARTERS_AFTER_WORDS: &[&str] = &[
    "He", "She", "We", "I", "You", "In", "On", "At", "As", "By", "For", "From", "With", "His", "Her", "Our", "My",
    "So", "An", "Not", "Many", "Some", "All", "Most", "Now", "Then", "Under", "Until", "To", "Such", "Other", "Others",
    "Also",
];

/// What may follow a time of day within the sentence.
const CLOCK_GOES_ON: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Jan",
    "Feb",
    "March",
    "April",
    "May",
    "June",
    "July",
    "Aug",
    "Sept",
    "Oct",
    "Nov",
    "Dec",
    "January",
    "February",
    "August",
    "September",
    "October",
    "November",
    "December",
    "GMT",
    "UTC",
    "EST",
    "EDT",
    "ET",
    "CET",
    "CEST",
    "BST",
    "MSK",
    "IST",
    "PST",
    "PDT",
    "PT",
    "Eastern",
    "Pacific",
    "Central",
    "Moscow",
    "Greenwich",
];

/// Longest abbreviation that is looked for, in bytes.
const LONGEST: usize = 24;

/// Whether the full stop between `before` and the words of `after` belongs to an abbreviation only,
/// and does not end the sentence. `after` begins with the next word.
pub(super) fn goes_on(before: &str, after: &str) -> bool {
    let Some(kind) = kind(last_word(before)) else { return false };
    let next = word(after);
    let digit = next.starts_with(|c: char| c.is_numeric());
    match kind {
        Kind::Title => true,
        Kind::Number => digit,
        Kind::Linking => true,
        Kind::Clock => {
            let second = word(after[next.len()..].trim_start());
            CLOCK_GOES_ON.contains(&next) || second == "time"
        }
        Kind::Final => !STARTERS.contains(&next) && !STARTERS_AFTER_WORDS.contains(&next),
        Kind::Initial => !STARTERS.contains(&next),
    }
}

/// The word at the end of `before`, with full stops inside, as in `U.S`.
fn last_word(before: &str) -> &str {
    let mut from = before.len().saturating_sub(LONGEST);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let tail = &before[from..];
    let start = tail.rfind(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'));
    let word = start.map_or(tail, |at| &tail[at + tail[at..].chars().next().map_or(0, char::len_utf8)..]);
    word.trim_start_matches('.')
}

/// The letters and digits that `text` begins with.
fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())]
}

fn kind(word: &str) -> Option<Kind> {
    let last = word.rsplit('.').next().unwrap_or(word);
    let mut letters = last.chars();
    let single = letters.next().filter(|_| letters.next().is_none());
    let dotted = last.len() < word.len();
    let lower = word.to_lowercase();
    if matches!(lower.as_str(), "a.m" | "p.m" | "am" | "pm") {
        return dotted.then_some(Kind::Clock);
    }
    if LINKING.contains(&lower.as_str()) {
        return Some(Kind::Linking);
    }
    if single.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase()) {
        return Some(if dotted { Kind::Final } else { Kind::Initial });
    }
    // Headlines in capitals abbreviate too.
    let capitalised = capitalise(last);
    let known = |list: &[&str]| list.contains(&last) || list.contains(&capitalised.as_str());
    if known(TITLES) {
        Some(Kind::Title)
    } else if known(FINAL) {
        Some(Kind::Final)
    } else if NUMBERED.contains(&lower.as_str()) || known(NUMBERED_CAPITALISED) {
        Some(Kind::Number)
    } else {
        None
    }
}

/// A word in capitals with small letters behind the first, any other as it is.
fn capitalise(word: &str) -> String {
    if word.chars().any(char::is_lowercase) {
        return word.to_owned();
    }
    let mut letters = word.chars();
    letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_stops_of_abbreviations_end_sentences_only_where_they_may() {
        for (before, after, expected) in [
            ("said Gen", "Petraeus said", true),
            ("SAID GEN", "PETRAEUS", true),
            ("the U.S", "Senate", true),
            ("the U.S", "The Senate", false),
            ("the U.S", "He", false),
            ("Mr. J", "Smith", true),
            ("Mr. X", "He", true),
            ("plan B", "The other", false),
            ("Resolution No", "5 was", true),
            ("He said no", "The others", false),
            ("at 5 p.m", "Moscow time", true),
            ("at 5 p.m", "Kabul time", true),
            ("at 5 p.m", "Putin left", false),
            ("I am", "The", false),
            ("e.g", "Russia", true),
            ("Apple Inc", "Shares", true),
            ("Apple Inc", "The shares", false),
            ("on Sept", "11", true),
            ("it was the end", "Moscow", false),
            ("", "Moscow", false),
            ("...", "Moscow", false),
            ("ŁÓDŹ Ł", "Wałęsa", true),
            ("in Al-Abdullah et al", "Science", true),
        ] {
            assert_eq!(goes_on(before, after), expected, "{before}. {after}");
        }
    }
}
