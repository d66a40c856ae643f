//! `annotations.jsonl`: a document a line, text and annotation apart, one form for gold and prediction.
//!
//! The module writes and reads; both keep to the contract that the README describes. Offsets count
//! Unicode scalar values, as Python's slices do.

mod read;
mod write;

pub use read::{parse, read};
pub use write::write;

/// The fields that the form itself has: they are never passed through from the input.
pub(in crate::corpus) const RESERVED: [&str; 10] =
    ["id", "date", "title", "source", "url", "text", "sentences", "mentions", "entities", "relations"];

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::corpus::inline;
    use crate::corpus::malformed::sort_relations;
    use crate::document::{
        Act, Annotation, Entity, EntityIx, EntityType, Event, Mention, Metadata, Modality, Probability, Relation,
        Stance,
    };
    use crate::text::Span;

    fn example() -> Annotation {
        let line = r#"{"id": "x", "date": null, "source": "taz", "style": "wire", "text": "{e1|Erdoğan} rang {e2|Macron}.",
            "entities": {"e1": {"name": "Erdoğan", "type": "PER", "actor": "TUR"}, "e2": {"name": "Macron", "type": "PER", "actor": null}},
            "relations": [{"src": "e1", "tgt": "e2", "sent": 0, "event": "CONSULT", "act": "contact.meet", "stance": "neutral", "modality": "actual"}]}"#;
        inline::parse(line).unwrap()
    }

    fn line(a: &Annotation) -> String {
        let mut out = Vec::new();
        write(a, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_has_the_fields_of_the_contract_in_their_order() {
        let mut a = example();
        a.mentions[1].score = Probability::new(0.123_456);
        expect![[r#"
            {"id":"x","date":null,"source":"taz","style":"wire","text":"Erdoğan rang Macron.","sentences":[[0,20]],"mentions":[{"entity":"e1","start":0,"end":7,"text":"Erdoğan","named":true,"type":"PER","score":1.0},{"entity":"e2","start":13,"end":19,"text":"Macron","named":true,"type":"PER","score":0.1235}],"entities":{"e1":{"name":"Erdoğan","type":"PER","actor":"TUR","score":1.0},"e2":{"name":"Macron","type":"PER","actor":null,"score":1.0}},"relations":[{"src":"e1","tgt":"e2","sent":0,"event":"CONSULT","act":"contact.meet","stance":"neutral","modality":"actual","score":1.0}]}
        "#]]
        .assert_eq(&line(&a));
    }

    #[test]
    fn scores_of_all_events_are_a_table() {
        let mut a = example();
        a.relations[0].scores = Some(Event::ALL.iter().map(|e| Probability::new(e.index() as f32 / 16.0)).collect());
        let written = line(&a);
        assert!(written.contains(r#""scores":{"AGREE":0.0,"CONSULT":0.0625,"#), "{written}");
        assert_eq!(line(&parse(&written).unwrap()), written);
        let said = parse(&written.replace(r#""AGREE":0.0,"#, "")).unwrap_err().to_string();
        assert_eq!(said, "relation 0: `scores` needs a number for each event, AGREE is missing");
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(parse(&line(&example())).unwrap(), example());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let written = line(&example());
        let check = |from: &str, to: &str, part: &str| {
            assert!(written.contains(from), "{from}");
            let said = parse(&written.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(said.contains(part), "{said}");
        };
        check("\"end\":7", "\"end\":70", "mention 0: end 70 lies outside the text of 20 characters");
        check("\"end\":7", "\"end\":0", "mention 0: the span from 0 to 0 is empty");
        check("\"start\":13", "\"start\":20", "mention 1: start 20 comes after end 19");
        check("\"end\":7", "\"end\":8", "mention 0 says \"Erdoğan\" but its offsets cover \"Erdoğan \"");
        check("{\"entity\":\"e1\"", "{\"entity\":\"e3\"", "mention 0 refers to entity \"e3\"");
        check("\"tgt\":\"e2\"", "\"tgt\":\"e3\"", "relation 0 refers to entity \"e3\"");
        check("\"sent\":0", "\"sent\":1", "relation 0 is in sentence 1");
        check("[[0,20]]", "[[0,21]]", "sentence 0: end 21");
        check("\"type\":\"PER\"", "\"type\":\"Person\"", "expected one of: PER, ORG, LOC, MISC");
        check("\"score\":1.0", "\"score\":NaN", "at column");
    }

    /// A generator of numbers below `n`, always the same ones.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, n: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % n
        }

        fn one<T: Copy>(&mut self, of: &[T]) -> T {
            of[self.below(of.len())]
        }

        fn score(&mut self) -> Probability {
            Probability::new(self.below(10_001) as f32 / 10_000.0)
        }

        fn text(&mut self) -> String {
            let pieces =
                ["a", " ", "é", "e\u{301}", "中", "👩‍👩‍👧", "ש", "\r\n", "\"", "\\", "\0", "\u{feff}", "<b>", "\u{2028}"];
            (0..1 + self.below(150)).map(|_| self.one(&pieces)).collect()
        }

        fn span(&mut self, text: &str) -> Span {
            let ends: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = self.below(ends.len() - 1);
            Span::new(ends[start], ends[start + 1 + self.below(ends.len() - start - 1)])
        }

        fn annotation(&mut self) -> Annotation {
            let mut a = Annotation { text: self.text(), ..Annotation::default() };
            a.meta = Metadata { id: self.text(), title: Some(self.text()), ..Metadata::default() };
            a.meta.date = self.one(&[None, "2024".parse().ok(), "2024-05-28".parse().ok()]);
            a.meta.extra.insert("style".to_owned(), serde_json::json!([self.text(), self.below(9), null]));
            a.sentences = (0..3).map(|_| self.span(&a.text)).collect();
            a.entities = (0..3)
                .map(|i| Entity {
                    id: format!("e{i}"),
                    name: self.text(),
                    kind: self.one(EntityType::ALL),
                    actor: self.one(&[None, Some("RUS"), Some("AFG/TALIBAN")]).map(|code| code.parse().unwrap()),
                    score: self.score(),
                })
                .collect();
            a.mentions = (0..self.below(9))
                .map(|_| Mention {
                    entity: EntityIx(self.below(3) as u32),
                    span: self.span(&a.text),
                    kind: self.one(EntityType::ALL),
                    named: self.below(2) == 0,
                    score: self.score(),
                })
                .collect();
            a.mentions.sort_by_key(|m| (m.span.start, m.span.end));
            a.relations = (0..self.below(9))
                .map(|_| Relation {
                    src: EntityIx(self.below(3) as u32),
                    tgt: EntityIx(self.below(3) as u32),
                    sent: self.below(3),
                    event: self.one(Event::ALL),
                    act: self.one(Act::ALL),
                    stance: self.one(Stance::ALL),
                    modality: self.one(Modality::ALL),
                    score: self.score(),
                    scores: (self.below(2) == 0).then(|| Event::ALL.iter().map(|_| self.score()).collect()),
                })
                .collect();
            sort_relations(&mut a.relations);
            a
        }
    }

    #[test]
    fn whatever_is_written_reads_back_and_slices_are_mentions() {
        let mut numbers = Numbers(7);
        for _ in 0..300 {
            let a = numbers.annotation();
            let written = line(&a);
            assert_eq!(written.matches('\n').count(), 1);
            assert_eq!(parse(&written).unwrap(), a);
            let value: serde_json::Value = serde_json::from_str(&written).unwrap();
            let chars: Vec<char> = a.text.chars().collect();
            for m in value["mentions"].as_array().unwrap() {
                let [start, end] = ["start", "end"].map(|name| m[name].as_u64().unwrap() as usize);
                assert_eq!(chars[start..end].iter().collect::<String>(), m["text"].as_str().unwrap());
            }
        }
    }
}
