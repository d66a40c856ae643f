//! The label sets of models that find names: IOB1, IOB2, BILOU (BIOES) or bare types.

use crate::corpus::formats::entity_type;
use crate::document::EntityType;
use crate::ner::tags::{best_path, TaggedRun};

/// Where in a name a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Begin,
    Inside,
    Last,
    Single,
}

/// A label: a place in a name of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag {
    place: Place,
    class: usize,
}

/// What the labels of a model mean.
#[derive(Debug)]
pub(super) struct Tags {
    tags: Vec<Tag>,
    /// The classes: their names, and our types where we have them.
    pub classes: Vec<(String, Option<EntityType>)>,
    /// Of every class whether a label ends its names.
    closed: Vec<bool>,
    /// Whether a name may begin with a label that goes on, as in IOB1 and with bare types.
    lenient: bool,
}

impl Tags {
    /// Reads the names of labels, in the order of the logits.
    pub fn of(labels: &[String]) -> Result<Self, String> {
        let mut classes: Vec<(String, Option<EntityType>)> = Vec::new();
        let tags: Vec<Tag> = labels.iter().map(|label| tag(label, &mut classes)).collect();
        if !tags.iter().any(|tag| tag.place == Place::Outside) {
            return Err(format!("no label \"O\" for what is no name among the labels {}", labels.join(", ")));
        }
        if classes.iter().all(|(_, kind)| kind.is_none()) {
            return Err(format!(
                "none of the labels {} is a type of names that is known, such as PER, ORG, LOC, GPE, NORP or MISC",
                labels.join(", ")
            ));
        }
        let has = |class: usize, place: Place| tags.contains(&Tag { place, class });
        // In IOB1 a name begins with B only behind another of its type, which leaves types without any B.
        let lenient = (0..classes.len()).any(|class| has(class, Place::Inside) && !has(class, Place::Begin));
        let closed = (0..classes.len()).map(|class| has(class, Place::Last)).collect();
        Ok(Tags { closed, lenient, tags, classes })
    }

    /// The names in the likeliest sequence of labels that the scheme allows. `log_probabilities` holds a row of all
    /// labels for each word.
    pub fn decode(&self, log_probabilities: &[f32]) -> Vec<TaggedRun> {
        let count = self.tags.len();
        let path = best_path(log_probabilities, count, |from, to| self.allows(from, to));
        let mut runs: Vec<TaggedRun> = Vec::new();
        let mut open = None;
        for (word, &label) in path.iter().enumerate() {
            let Tag { place, class } = self.tags[label];
            let score = log_probabilities[word * count + label];
            match (place, runs.last_mut()) {
                (Place::Outside, _) => {}
                (Place::Inside | Place::Last, Some(run)) if open == Some(class) => {
                    run.words.end += 1;
                    run.score += score;
                }
                _ => runs.push(TaggedRun { words: word..word + 1, class, score }),
            }
            open = matches!(place, Place::Begin | Place::Inside).then_some(class);
        }
        runs.iter_mut().for_each(|run| run.score = (run.score / run.words.len() as f32).exp());
        runs
    }

    /// Whether label `to` may follow label `from`; none stands for the ends of the sentence.
    fn allows(&self, from: Option<usize>, to: Option<usize>) -> bool {
        let open = from.map(|from| self.tags[from]).filter(|tag| matches!(tag.place, Place::Begin | Place::Inside));
        match to.map(|to| self.tags[to]) {
            Some(Tag { place: Place::Inside | Place::Last, class }) => {
                self.lenient || open.is_some_and(|open| open.class == class)
            }
            _ => !open.is_some_and(|open| self.closed[open.class]),
        }
    }
}

/// Reads a label; adds its class where it is a new one.
fn tag(label: &str, classes: &mut Vec<(String, Option<EntityType>)>) -> Tag {
    if label.eq_ignore_ascii_case("O") {
        return Tag { place: Place::Outside, class: usize::MAX };
    }
    let (place, name) = match label.split_once('-') {
        Some(("B", name)) => (Place::Begin, name),
        Some(("I" | "M", name)) => (Place::Inside, name),
        Some(("L" | "E", name)) => (Place::Last, name),
        Some(("U" | "S", name)) => (Place::Single, name),
        _ => (Place::Inside, label),
    };
    let known = classes.iter().position(|(class, _)| class == name);
    let class = known.unwrap_or_else(|| {
        classes.push((name.to_owned(), entity_type(name)));
        classes.len() - 1
    });
    Tag { place, class }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as `class:first..end` when each word has the label that is given, with `p` on it.
    fn decode(labels: &str, words: &[(&str, f32)]) -> String {
        let labels: Vec<String> = labels.split(' ').map(str::to_owned).collect();
        let tags = Tags::of(&labels).unwrap();
        let rest = |p: f32| ((1.0 - p) / (labels.len() - 1) as f32).ln();
        let rows: Vec<f32> = words
            .iter()
            .flat_map(|&(word, p)| labels.iter().map(move |label| if label == word { p.ln() } else { rest(p) }))
            .collect();
        let runs = tags.decode(&rows);
        let show = |run: &TaggedRun| format!("{}:{:?}", tags.classes[run.class].0, run.words);
        runs.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn in_iob2_nothing_goes_on_that_has_not_begun() {
        let labels = "O B-PER I-PER B-GPE I-GPE";
        assert_eq!(decode(labels, &[("B-PER", 0.9), ("I-PER", 0.9), ("B-PER", 0.9), ("O", 0.9)]), "PER:0..2 PER:2..3");
        assert_eq!(decode(labels, &[("O", 0.9), ("I-PER", 0.5), ("I-PER", 0.9)]), "PER:1..3");
        assert_eq!(decode(labels, &[("B-PER", 0.9), ("I-GPE", 0.5)]), "PER:0..1");
    }

    #[test]
    fn iob1_begins_with_i_and_parts_with_b() {
        let labels = "O B-LOC I-LOC I-PER";
        let words = [("I-PER", 0.9), ("I-PER", 0.9), ("I-LOC", 0.9), ("B-LOC", 0.9), ("I-LOC", 0.9)];
        assert_eq!(decode(labels, &words), "PER:0..2 LOC:2..3 LOC:3..5");
    }

    #[test]
    fn bare_types_go_on() {
        let words = [("PER", 0.9), ("PER", 0.9), ("LOC", 0.9), ("O", 0.9), ("LOC", 0.9)];
        assert_eq!(decode("PER O LOC", &words), "PER:0..2 LOC:2..3 LOC:4..5");
    }

    #[test]
    fn bilou_names_are_closed() {
        let labels = "O B-ORG I-ORG L-ORG U-ORG";
        assert_eq!(
            decode(labels, &[("U-ORG", 0.9), ("B-ORG", 0.9), ("I-ORG", 0.9), ("L-ORG", 0.9)]),
            "ORG:0..1 ORG:1..4"
        );
        // What the end of the sentence would leave open is no name.
        assert_eq!(decode(labels, &[("O", 0.9), ("B-ORG", 0.5)]), "");
        assert_eq!(
            decode("S-LOC O B-LOC E-LOC", &[("S-LOC", 0.9), ("B-LOC", 0.8), ("E-LOC", 0.8)]),
            "LOC:0..1 LOC:1..3"
        );
    }

    #[test]
    fn label_sets_that_name_nothing_are_refused() {
        let refused = |labels: &str| Tags::of(&labels.split(' ').map(str::to_owned).collect::<Vec<_>>()).unwrap_err();
        assert!(refused("O B-GENE I-GENE").contains("B-GENE"));
        assert!(refused("LABEL_0 LABEL_1").contains("\"O\""));
        assert!(refused("B-PER I-PER").contains("\"O\""));
    }

    #[test]
    fn types_that_have_other_names_here_are_mapped() {
        let tags = Tags::of(&["O", "B-PERSON", "I-PERSON", "B-NORP", "B-DATE"].map(str::to_owned)).unwrap();
        let kinds: Vec<_> = tags.classes.iter().map(|(_, kind)| *kind).collect();
        assert_eq!(kinds, [Some(EntityType::Per), Some(EntityType::Misc), None]);
    }
}
