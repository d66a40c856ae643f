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
    use crate::document::{Annotation, Event, Probability};

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
}
