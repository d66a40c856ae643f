//! Copies: sentences of one pair that say the same in nearly the same words, and documents on it that
//! are nearly the same.
//!
//! Sentences are compared by the Jaccard similarity of their shingles. The join is exact: two sets of
//! similarity `t` must share an element among the first `n - ⌈t n⌉ + 1` of each in any common order, so
//! only those are indexed, rarest first (prefix filter; Chaudhuri et al. 2006, Bayardo et al. 2007).
//! Documents are compared by their fingerprints, those that share a band.
//!
//! Both are taken in the order of dates. Each joins the earliest **first print** that is like it and at
//! most some days older, or becomes one. The same words a month later are thus news of their own: the
//! state was still so. The outcome depends on the set of sentences and documents only, and no document
//! that does not speak of the pair has a part in it.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use super::fingerprint::Fingerprint;
use super::reading::{DocumentKey, Sentence};
use super::{shingles, Settings};
use crate::document::Date;

/// The first print of every sentence, as an index into `sentences`, which must be in their order.
pub(super) fn first_prints(sentences: &[&Sentence], settings: &Settings) -> Vec<usize> {
    let days = Days::of(sentences.iter().map(|s| &*s.document), settings);
    if sentences.len() <= FEW {
        // Shingles only where another sentence is recent enough.
        let sets: Vec<OnceCell<Vec<u32>>> = vec![OnceCell::new(); sentences.len()];
        let set = |i: usize| sets[i].get_or_init(|| shingle_set(&sentences[i].text)).as_slice();
        return first_of_few(sentences.len(), &days, |p, i| similar(set(p), set(i), settings.copy_similarity));
    }
    let sets: Vec<Vec<u32>> = sentences.iter().map(|s| shingle_set(&s.text)).collect();
    let mut frequency: ByShingle<u32> = HashMap::default();
    for &s in sets.iter().flatten() {
        *frequency.entry(s).or_default() += 1;
    }
    let mut index: ByShingle<Vec<usize>> = HashMap::default();
    let mut first = Vec::with_capacity(sentences.len());
    for (i, set) in sets.iter().enumerate() {
        let prefix = prefix(set, settings.copy_similarity, &frequency);
        let candidates = days.recent(i, prefix.iter().filter_map(|s| index.get(s)));
        let print = candidates.into_iter().find(|&p| similar(&sets[p], set, settings.copy_similarity));
        if print.is_none() {
            // What no other sentence has finds nothing.
            for s in prefix.into_iter().filter(|s| frequency[s] > 1) {
                index.entry(s).or_default().push(i);
            }
        }
        first.push(print.unwrap_or(i));
    }
    first
}

/// So few things are sooner compared than indexed.
const FEW: usize = 24;

/// The first print of each of a few things, as an index would find it.
fn first_of_few(count: usize, days: &Days, alike: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut first: Vec<usize> = Vec::with_capacity(count);
    for i in 0..count {
        let print = (0..i).find(|&p| first[p] == p && days.is_recent(p, i) && alike(p, i));
        first.push(print.unwrap_or(i));
    }
    first
}

/// The first print of every document, as an index into `documents`, which must be in their order.
pub(super) fn first_documents(documents: &[(&DocumentKey, &Fingerprint)], settings: &Settings) -> Vec<usize> {
    let days = Days::of(documents.iter().map(|(key, _)| *key), settings);
    let like = |p: usize, i: usize| documents[p].1.similarity(documents[i].1) >= settings.document_similarity;
    if documents.len() <= FEW {
        let banded = |p: usize, i: usize| documents[p].1.shares_band(documents[i].1);
        return first_of_few(documents.len(), &days, |p, i| banded(p, i) && like(p, i));
    }
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut first = Vec::with_capacity(documents.len());
    for (i, (_, fingerprint)) in documents.iter().enumerate() {
        let candidates = days.recent(i, fingerprint.bands().filter_map(|b| index.get(&b)));
        let print = candidates.into_iter().find(|&p| like(p, i));
        if print.is_none() {
            for band in fingerprint.bands() {
                index.entry(band).or_default().push(i);
            }
        }
        first.push(print.unwrap_or(i));
    }
    first
}

/// The days of things in their order, undated last.
struct Days {
    days: Vec<Option<i32>>,
    within: i32,
}

impl Days {
    fn of<'a>(documents: impl Iterator<Item = &'a DocumentKey>, settings: &Settings) -> Self {
        Days { days: documents.map(|d| d.date.map(day_number)).collect(), within: settings.copy_days }
    }

    /// Of lists of first prints in their order those that are recent enough for `i` to copy them. What is
    /// undated may copy any.
    fn recent<'a>(&self, i: usize, prints: impl Iterator<Item = &'a Vec<usize>>) -> BTreeSet<usize> {
        prints.flat_map(|p| p.iter().rev().take_while(|&&p| self.is_recent(p, i))).copied().collect()
    }

    /// Whether `i` may copy the print.
    fn is_recent(&self, print: usize, i: usize) -> bool {
        match (self.days[print], self.days[i]) {
            (Some(printed), Some(now)) => now - printed <= self.within,
            _ => true,
        }
    }
}

/// A map by shingle, which is a hash already.
type ByShingle<T> = HashMap<u32, T, BuildHasherDefault<Hashed>>;

/// Passes on a number that is well spread already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |h, &b| h << 8 | u64::from(b));
    }

    fn write_u32(&mut self, n: u32) {
        // The table takes its bucket from the low bits and its tag from the high ones.
        self.0 = u64::from(n) << 32 | u64::from(n);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Days since a fixed day, of the first day that the date may mean.
pub(super) fn day_number(date: Date) -> i32 {
    (date.first_day() - jiff::civil::Date::constant(1, 1, 1)).get_days()
}

/// Hashes of the shingles of a sentence, sorted, each once.
fn shingle_set(text: &str) -> Vec<u32> {
    let mut set: Vec<u32> = shingles::hashes(&shingles::letters(text)).collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// The rarest shingles of a set, of which it shares at least one with every set of similarity `t`.
fn prefix(set: &[u32], t: f64, frequency: &ByShingle<u32>) -> Vec<u32> {
    let mut rarity: Vec<(u32, u32)> = set.iter().map(|s| (frequency[s], *s)).collect();
    let shared = (t * set.len() as f64).ceil() as usize;
    let length = (set.len() + 1).saturating_sub(shared).clamp(1, set.len());
    if length < rarity.len() {
        rarity.select_nth_unstable(length);
        rarity.truncate(length);
    }
    rarity.into_iter().map(|(_, s)| s).collect()
}

/// Whether the Jaccard similarity of two sorted sets is at least `t`.
fn similar(a: &[u32], b: &[u32], t: f64) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if (short.len() as f64) < t * long.len() as f64 {
        return false;
    }
    // In common they must have `common >= t (|a| + |b| - common)`; so many of the shorter may be missing.
    let needed = (t / (1.0 + t) * (a.len() + b.len()) as f64 - 1e-9).ceil() as usize;
    let Some(mut missing) = short.len().checked_sub(needed) else { return false };
    let mut rest = long;
    for s in short {
        match rest.binary_search(s) {
            Ok(at) => rest = &rest[at + 1..],
            Err(_) if missing == 0 => return false,
            Err(at) => {
                missing -= 1;
                rest = &rest[at..];
            }
        }
    }
    true
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
        let dated: Vec<(&str, &str)> = texts.iter().map(|t| ("2024-06-01", t.as_str())).collect();
        let found = first(&dated);
        assert_eq!(first(&dated[..FEW]), found[..FEW], "few are compared, many are indexed, with one outcome");
        let sets: Vec<Vec<u32>> = texts.iter().map(|t| shingle_set(t)).collect();
        let mut plain: Vec<usize> = Vec::new();
        for i in 0..sets.len() {
            let print = (0..i).find(|&p| plain[p] == p && similar(&sets[p], &sets[i], 0.8));
            plain.push(print.unwrap_or(i));
        }
        assert_eq!(found, plain);
        assert!((10..110).contains(&plain.iter().enumerate().filter(|(i, p)| i == *p).count()));
    }
}
