//! Character shingles: what texts are compared by.
//!
//! Case, width, white space and punctuation are folded away, so that shingles bear a dropped space and
//! serve any script; a changed word costs few of them.

use unicode_normalization::UnicodeNormalization;

/// Characters in a shingle.
const LENGTH: usize = 5;

/// The letters and digits of a text, folded.
pub(super) fn letters(text: &str) -> Vec<char> {
    if text.is_ascii() {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase().into()).collect()
    } else {
        text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
    }
}

/// Hashes of the shingles in the order of the text; a shorter text is one shingle.
pub(super) fn hashes(letters: &[char]) -> impl Iterator<Item = u32> + '_ {
    letters.windows(LENGTH.min(letters.len()).max(1)).chain(letters.is_empty().then_some(letters)).map(hash)
}

/// Letters of a word by which it is compared, so that its endings do not count, and of the shortest that is.
const STEM: usize = 5;
const SHORTEST: usize = 4;

/// Hashes of the beginnings of the longer words, in the order of the text.
pub(super) fn stems(text: &str) -> Vec<u32> {
    let folded: String =
        if text.is_ascii() { text.to_ascii_lowercase() } else { text.nfkc().flat_map(char::to_lowercase).collect() };
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let stem = |word: &str| {
        let letters: Vec<char> = word.chars().take(STEM).collect();
        (letters.len() >= SHORTEST).then(|| hash(&letters))
    };
    words.filter_map(stem).collect()
}

/// FNV-1a over the code points; any spread-out function does, but it must not change between runs.
fn hash(letters: &[char]) -> u32 {
    let h = letters.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, &c| (h ^ u64::from(c)).wrapping_mul(0x100_0000_01b3));
    (h ^ (h >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_leaves_what_is_said() {
        let fold = |t: &str| letters(t).into_iter().collect::<String>();
        assert_eq!(fold("The POLICYto—“Erdog\u{306}an”, ２０２４!"), "thepolicytoerdoğan2024");
        assert_eq!(fold("plain ASCII, 1 way"), fold("plain ASCII\u{a0}1 way"));
    }

    #[test]
    fn stems_are_of_longer_words_without_their_endings() {
        assert_eq!(stems("He RECOGNISED the Erdog\u{306}ans."), stems("recognition, Erdoğan"));
        assert_eq!(stems("They met"), stems("they"));
        assert_ne!(stems("Turkey"), stems("Turk"));
    }

    #[test]
    fn every_text_has_a_shingle() {
        let count = |t: &str| hashes(&letters(t)).count();
        assert_eq!(["", "a", "abcde", "abcdef"].map(count), [1, 1, 1, 2]);
    }
}
