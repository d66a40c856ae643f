//! BIO tags over words, and the spans they stand for.

use std::ops::Range;

/// How a tag continues the one before it, in the scheme IOB2 of CoNLL-2003 data.
///
/// Index 0 is `O`; class `c` has `B` at `2c + 1` and `I` at `2c + 2`.
pub const fn tag_count(classes: usize) -> usize {
    2 * classes + 1
}

/// Index of the tag that begins a span of `class`.
pub const fn begin(class: usize) -> usize {
    2 * class + 1
}

/// Index of the tag that continues a span of `class`.
pub const fn inside(class: usize) -> usize {
    2 * class + 2
}

/// A run of words of one class, with the geometric mean of its tags' probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct TaggedRun {
    /// The words.
    pub words: Range<usize>,
    /// Their class.
    pub class: usize,
    /// Mean probability of the tags.
    pub score: f32,
}

/// The most probable tag sequence in which no `I` follows anything but a `B` or `I` of its class, as runs.
///
/// `log_probabilities` holds one row of [`tag_count`]`(classes)` values a word.
pub fn decode(log_probabilities: &[f32], classes: usize) -> Vec<TaggedRun> {
    let tags = tag_count(classes);
    let allowed = |from: Option<usize>, to: Option<usize>| match (from, to) {
        (_, None) => true,
        (None, Some(to)) => to == 0 || to % 2 == 1,
        (Some(from), Some(to)) => to == 0 || to % 2 == 1 || from == to || from + 1 == to,
    };
    let path = best_path(log_probabilities, tags, allowed);
    runs(&path, |w| log_probabilities[w * tags + path[w]])
}

/// The most probable of the sequences in which every tag may follow the one before (Viterbi decoding).
///
/// `log_probabilities` holds one row of `tags` values a word; `allowed` tells of a tag and the next whether the one
/// may follow the other, where none stands for the ends of the sequence.
pub fn best_path(
    log_probabilities: &[f32],
    tags: usize,
    allowed: impl Fn(Option<usize>, Option<usize>) -> bool,
) -> Vec<usize> {
    let words = log_probabilities.len() / tags;
    if words == 0 {
        return Vec::new();
    }
    let if_allowed = |allowed: bool, score: f32| if allowed { score } else { f32::NEG_INFINITY };
    let mut score: Vec<f32> = (0..tags).map(|t| if_allowed(allowed(None, Some(t)), log_probabilities[t])).collect();
    let mut back = vec![0_usize; words * tags];
    for w in 1..words {
        let row = &log_probabilities[w * tags..(w + 1) * tags];
        let next = (0..tags).map(|to| {
            let (from, best) = (0..tags)
                .filter(|&from| allowed(Some(from), Some(to)))
                .map(|from| (from, score[from]))
                .fold((0, f32::NEG_INFINITY), |best, at| if at.1 > best.1 { at } else { best });
            back[w * tags + to] = from;
            best + row[to]
        });
        score = next.collect::<Vec<_>>();
    }
    let score: Vec<f32> = (0..tags).map(|t| if_allowed(allowed(Some(t), None), score[t])).collect();
    let mut tag = (0..tags).fold(0, |best, t| if score[t] > score[best] { t } else { best });
    let mut path = vec![0; words];
    for w in (0..words).rev() {
        path[w] = tag;
        tag = back[w * tags + tag];
    }
    path
}

/// The runs of a valid tag sequence.
fn runs(path: &[usize], log_probability: impl Fn(usize) -> f32) -> Vec<TaggedRun> {
    let mut found = Vec::new();
    let mut w = 0;
    while w < path.len() {
        if path[w] == 0 {
            w += 1;
            continue;
        }
        let class = (path[w] - 1) / 2;
        let first = w;
        w += 1;
        while w < path.len() && path[w] == inside(class) {
            w += 1;
        }
        let mean = (first..w).map(&log_probability).sum::<f32>() / (w - first) as f32;
        found.push(TaggedRun { words: first..w, class, score: mean.exp() });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log-probabilities in which each word puts `p` on one tag and shares out the rest.
    fn rows(tags: &[(usize, f32)], classes: usize) -> Vec<f32> {
        let n = tag_count(classes);
        tags.iter()
            .flat_map(|&(tag, p)| {
                (0..n).map(move |t| if t == tag { p.ln() } else { ((1.0 - p) / (n - 1) as f32).ln() })
            })
            .collect()
    }

    #[test]
    fn adjacent_spans_stay_apart() {
        let runs = decode(&rows(&[(1, 0.9), (2, 0.9), (1, 0.9), (0, 0.9), (3, 0.9)], 2), 2);
        let spans: Vec<_> = runs.iter().map(|r| (r.words.clone(), r.class)).collect();
        assert_eq!(spans, [(0..2, 0), (2..3, 0), (4..5, 1)]);
        assert!((runs[0].score - 0.9).abs() < 1e-6);
    }

    #[test]
    fn an_inside_tag_never_opens_a_span() {
        // The likeliest tag of each word is I of class 0; the best valid sequence begins with B or leaves it out.
        for run in decode(&rows(&[(2, 0.6), (0, 0.9), (4, 0.5)], 2), 2) {
            assert!(run.words.len() == 1);
        }
        assert!(decode(&[], 2).is_empty());
    }
}
