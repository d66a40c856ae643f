//! Copies: sentences of one pair that say the same in nearly the same words.
//!
//! Sentences are compared by the Jaccard similarity of their character shingles after folding case,
//! width, white space and punctuation; that bears a changed word, a dropped space and any script. The
//! join is exact: two sets of similarity `t` must share an element among the first `n - ⌈t n⌉ + 1` of
//! each in any common order, so only those are indexed, rarest first (prefix filter; Chaudhuri et al.
//! 2006, Bayardo et al. 2007).
//!
//! Sentences are taken in the order of dates. Each joins the earliest **first print** that is like it and at
//! most some days older, or becomes one. The same words a month later are thus news of their own: the
//! state was still so. The outcome depends on the set of sentences only.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;

use super::reading::Sentence;
use super::Settings;
use crate::document::Date;

/// Characters in a shingle.
const SHINGLE: usize = 5;

/// The first print of every sentence, as an index into `sentences`, which must be in their order.
pub(super) fn first_prints(sentences: &[&Sentence], settings: &Settings) -> Vec<usize> {
    if sentences.len() < 2 {
        return (0..sentences.len()).collect();
    }
    let shingles: Vec<Vec<u32>> = sentences.iter().map(|s| shingles(&s.text)).collect();
    let mut frequency: HashMap<u32, u32> = HashMap::new();
    for &s in shingles.iter().flatten() {
        *frequency.entry(s).or_default() += 1;
    }
    let days: Vec<Option<i32>> = sentences.iter().map(|s| s.document.date.map(day_number)).collect();
    let mut index: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut first = Vec::with_capacity(sentences.len());
    for (i, set) in shingles.iter().enumerate() {
        let prefix = prefix(set, settings.copy_similarity, &frequency);
        // Undated sentences come last and copy whatever is like them.
        let recent = |&&p: &&usize| match (days[p], days[i]) {
            (Some(printed), Some(now)) => now - printed <= settings.copy_days,
            _ => true,
        };
        let candidates: BTreeSet<usize> = prefix
            .iter()
            .filter_map(|s| index.get(s))
            .flat_map(|prints| prints.iter().rev().take_while(recent))
            .copied()
            .collect();
        let print = candidates.into_iter().find(|&p| similar(&shingles[p], set, settings.copy_similarity));
        if print.is_none() {
            for s in prefix {
                index.entry(s).or_default().push(i);
            }
        }
        first.push(print.unwrap_or(i));
    }
    first
}

/// Days since a fixed day, of the first day that the date may mean.
fn day_number(date: Date) -> i32 {
    (date.first_day() - jiff::civil::Date::constant(1, 1, 1)).get_days()
}

/// Hashes of the character shingles of a sentence, sorted, each once.
fn shingles(text: &str) -> Vec<u32> {
    let letters: Vec<char> = text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
    let mut set: Vec<u32> = match letters.len() {
        0..=SHINGLE => vec![hash(&letters)],
        _ => letters.windows(SHINGLE).map(hash).collect(),
    };
    set.sort_unstable();
    set.dedup();
    set
}

/// FNV-1a over the code points; any spread-out function does, but it must not change between runs.
fn hash(letters: &[char]) -> u32 {
    let h = letters.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, &c| (h ^ u64::from(c)).wrapping_mul(0x100_0000_01b3));
    (h ^ (h >> 32)) as u32
}

/// The rarest shingles of a set, of which it shares at least one with every set of similarity `t`.
fn prefix(set: &[u32], t: f64, frequency: &HashMap<u32, u32>) -> Vec<u32> {
    let mut rarest_first = set.to_vec();
    rarest_first.sort_unstable_by_key(|s| (frequency[s], *s));
    let shared = (t * set.len() as f64).ceil() as usize;
    rarest_first.truncate((set.len() + 1).saturating_sub(shared).max(1));
    rarest_first
}

/// Whether the Jaccard similarity of two sorted sets is at least `t`.
fn similar(a: &[u32], b: &[u32], t: f64) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if (short.len() as f64) < t * long.len() as f64 {
        return false;
    }
    let mut rest = long;
    let mut common = 0;
    for s in short {
        match rest.binary_search(s) {
            Ok(at) => {
                common += 1;
                rest = &rest[at + 1..];
            }
            Err(at) => rest = &rest[at..],
        }
    }
    common as f64 >= t * (a.len() + b.len() - common) as f64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::reading::DocumentKey;
    use super::*;

    fn first(texts: &[(&str, &str)]) -> Vec<usize> {
        let sentences: Vec<Sentence> = texts
            .iter()
            .enumerate()
            .map(|(i, (date, text))| Sentence {
                document: Arc::new(DocumentKey { date: date.parse().ok(), id: format!("d{i:03}"), source: None }),
                start: 0,
                end: text.chars().count(),
                text: (*text).into(),
            })
            .collect();
        assert!(sentences.is_sorted(), "the test gives sentences in their order");
        first_prints(&sentences.iter().collect::<Vec<_>>(), &Settings::default())
    }

    const STORY: &str = "Kazakhstan has removed the Taliban from its list of banned terrorist organisations, the foreign ministry said.";

    #[test]
    fn edited_copies_are_found_and_other_sentences_are_not() {
        let shouted = STORY.to_uppercase().replace(", ", " - ").replace("THE TALIBAN", "THETALIBAN");
        let edited = STORY.replace("the foreign ministry said", "the foreign ministry said on Thursday");
        let other = "Kazakhstan has removed tariffs on grain from its southern neighbours, the trade ministry said.";
        assert_eq!(
            first(&[
                ("2024-06-01", STORY),
                ("2024-06-02", &shouted),
                ("2024-06-03", &edited),
                ("2024-06-04", other),
                ("", STORY)
            ]),
            [0, 0, 0, 3, 0]
        );
    }

    #[test]
    fn the_same_words_weeks_later_are_news_of_their_own() {
        assert_eq!(
            first(&[("2024-06-01", STORY), ("2024-06-08", STORY), ("2024-06-09", STORY), ("2024-06-12", STORY)]),
            [0, 0, 2, 2]
        );
    }

    #[test]
    fn any_script_and_any_length_will_do() {
        assert_eq!(
            first(&[
                ("2024-06-01", "俄罗斯尚未承认塔利班政府"),
                ("2024-06-01", "俄罗斯尚未承认塔利班政府。"),
                ("2024-06-01", ""),
                ("2024-06-01", "…"),
                ("2024-06-01", "No."),
            ]),
            [0, 0, 2, 2, 4]
        );
    }

    #[test]
    fn the_join_misses_nothing() {
        // Sentences of words drawn from few, so that all similarities occur; against the plain definition.
        let mut seed = 7_u64;
        let mut draw = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        let words =
            ["moscow", "recognises", "kabul", "envoys", "talks", "refuses", "ambassador", "list", "sanctions", "aid"];
        let base: Vec<Vec<&str>> = (0..6).map(|_| (0..14).map(|_| words[draw(words.len())]).collect()).collect();
        let texts: Vec<String> = (0..120)
            .map(|_| {
                let mut sentence = base[draw(base.len())].clone();
                for _ in 0..draw(4) {
                    let at = draw(sentence.len());
                    sentence[at] = words[draw(words.len())];
                }
                sentence.join(" ")
            })
            .collect();
        let found = first(&texts.iter().map(|t| ("2024-06-01", t.as_str())).collect::<Vec<_>>());
        let sets: Vec<Vec<u32>> = texts.iter().map(|t| shingles(t)).collect();
        let mut plain: Vec<usize> = Vec::new();
        for i in 0..sets.len() {
            let print = (0..i).find(|&p| plain[p] == p && similar(&sets[p], &sets[i], 0.8));
            plain.push(print.unwrap_or(i));
        }
        assert_eq!(found, plain);
        assert!((10..110).contains(&plain.iter().enumerate().filter(|(i, p)| i == *p).count()));
    }
}
