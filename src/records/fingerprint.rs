//! What tells copies of documents without their text: MinHash signatures of 128 bytes.
//!
//! One permutation hashing (Li, Owen, Zhang 2012) with optimal densification (Shrivastava 2017), of each
//! minimum one byte (b-bit minwise hashing, Li and König 2010). The share of equal bytes estimates the
//! Jaccard similarity of the shingles with a standard error of about 0.04.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shingles;

/// Bytes of a signature.
const BINS: usize = 128;

/// Bytes that must all agree for two documents to be compared. Of documents of similarity 0.7 one of the
/// [`BINS`]`/BAND` bands agrees in 99 of 100 cases, of those of similarity 0.2 in fewer than one.
const BAND: usize = 5;

/// Signature of a text. The order has no meaning but is the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(Box<[u8; BINS]>);

impl Fingerprint {
    /// The signature of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut minima = [None::<u32>; BINS];
        for h in shingles::hashes(&shingles::letters(text)) {
            let h = mix(u64::from(h));
            let minimum = &mut minima[(h >> 32) as usize % BINS];
            *minimum = Some(minimum.map_or(h as u32, |m| m.min(h as u32)));
        }
        let byte = |bin: usize| {
            // An empty bin takes what another has, and all texts in which both are empty take the same way on.
            let donors = (0..).map(|attempt| mix((bin as u64) << 32 | attempt) as usize % BINS);
            std::iter::once(bin).chain(donors).find_map(|b| minima[b]).map_or(0, |m| mix(u64::from(m)) as u8)
        };
        Fingerprint(Box::new(std::array::from_fn(byte)))
    }

    /// Estimated similarity, in `[0, 1]`.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        let equal = self.0.iter().zip(other.0.iter()).filter(|(a, b)| a == b).count() as f64 / BINS as f64;
        // Different minima share a byte once in 256.
        let chance = 1.0 / 256.0;
        ((equal - chance) / (1.0 - chance)).max(0.0)
    }

    /// Whether two documents are to be compared.
    pub(super) fn shares_band(&self, other: &Self) -> bool {
        self.0.chunks_exact(BAND).zip(other.0.chunks_exact(BAND)).any(|(a, b)| a == b)
    }

    /// What two documents must share one of to be compared.
    pub(super) fn bands(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.chunks_exact(BAND).enumerate().map(|(i, band)| band.iter().fold(i as u64, |h, &b| h << 8 | u64::from(b)))
    }
}

impl Serialize for Fingerprint {
    /// Two hexadecimal digits a byte.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0');
        s.serialize_str(&self.0.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect::<String>())
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
        let bytes =
            digits.filter(|d| d.len() == 2 * BINS).map(|d| std::array::from_fn(|i| d[2 * i] << 4 | d[2 * i + 1]));
        let expected = || D::Error::custom(format_args!("a fingerprint has {} hexadecimal digits", 2 * BINS));
        bytes.map(|b| Fingerprint(Box::new(b))).ok_or_else(expected)
    }
}

/// The finaliser of SplitMix64, which spreads near numbers apart.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A text of `n` words of which those after `edited` are `seed`'s own.
    fn text(n: usize, edited: usize, seed: u64) -> String {
        let word = |i: usize| format!("w{} ", mix(i as u64 + if i < edited { 0 } else { seed << 32 }) % 100_000);
        (0..n).map(word).collect()
    }

    #[test]
    fn estimates_are_near_the_similarity() {
        for (common, seed) in [(0, 1), (100, 2), (200, 3), (270, 4), (300, 5)] {
            let (a, b) = (text(300, 300, 0), text(300, common, seed));
            let set = |t: &str| shingles::hashes(&shingles::letters(t)).collect::<HashSet<u32>>();
            let (sa, sb) = (set(&a), set(&b));
            let exact = sa.intersection(&sb).count() as f64 / sa.union(&sb).count() as f64;
            let estimate = Fingerprint::of(&a).similarity(&Fingerprint::of(&b));
            assert!((exact - estimate).abs() < 0.12, "{common}: {exact} but {estimate}");
        }
    }

    #[test]
    fn copies_share_a_band_and_strangers_do_not() {
        let original = Fingerprint::of(&text(300, 300, 0));
        let shares = |other: &Fingerprint| original.shares_band(other);
        let other = Fingerprint::of(&text(300, 150, 7));
        let band = original.bands().any(|a| other.bands().any(|b| a == b));
        assert_eq!(shares(&other), band, "bands of one place only");
        let found = (1..101).filter(|&seed| shares(&Fingerprint::of(&text(300, 270, seed)))).count();
        assert!(found >= 99, "{found}");
        let strangers = (1..101).filter(|&seed| shares(&Fingerprint::of(&text(300, 0, seed)))).count();
        assert_eq!(strangers, 0);
    }

    #[test]
    fn any_text_has_one() {
        for t in ["", "a", "界"] {
            assert_eq!(Fingerprint::of(t).similarity(&Fingerprint::of(t)), 1.0);
        }
        assert_eq!(Fingerprint::of("It rained."), Fingerprint::of("IT RAINED"));
    }
}
