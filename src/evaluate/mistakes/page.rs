//! Mistakes as a page of HTML that needs nothing beside itself.

use std::fmt::Write;

use super::{Kind, Mark, Mistake, Side};

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mistakes</title><style>
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
h2 { margin-top: 2.5rem } li { margin: .8rem 0 } small { color: #666 }
.g { border-bottom: 3px solid #2a7 } .p { background: #fd8 } p { margin: .2rem 0 }
</style></head><body>
";

/// A page with the mistakes by kind; in the sentences, what the gold has is underlined and what was
/// predicted has a ground of colour. Whatever the texts hold is escaped.
pub fn html(mistakes: &[Mistake]) -> String {
    let mut out = format!("{HEAD}<h1>{} mistakes</h1>\n", mistakes.len());
    out.push_str("<p><span class=\"g\">in the gold</span>, <span class=\"p\">predicted</span></p>\n<ul>\n");
    let groups: Vec<&[Mistake]> = mistakes.chunk_by(|a, b| a.kind == b.kind).collect();
    for group in &groups {
        let _ = writeln!(
            out,
            "<li><a href=\"#{}\">{}: {}</a></li>",
            id(group[0].kind),
            group[0].kind.describe(),
            group.len()
        );
    }
    out.push_str("</ul>\n");
    for group in groups {
        let _ = writeln!(out, "<h2 id=\"{}\">{}</h2>\n<ol>", id(group[0].kind), group[0].kind.describe());
        group.iter().for_each(|m| item(m, &mut out));
        out.push_str("</ol>\n");
    }
    out.push_str("</body></html>\n");
    out
}

fn id(kind: Kind) -> String {
    kind.describe().replace([' ', ','], "-")
}

fn item(m: &Mistake, out: &mut String) {
    let place = m.sent.map_or(String::new(), |s| format!(", sentence {s}"));
    let score = m.score.map_or(String::new(), |s| format!(", score {:.2}", s.get()));
    let side = |s: &Option<String>| s.as_deref().map_or("–".to_owned(), escape);
    let _ = writeln!(
        out,
        "<li><p>gold <b>{}</b>, predicted <b>{}</b> <small>{}{place}{score}</small></p><p>{}</p></li>",
        side(&m.gold),
        side(&m.predicted),
        escape(&m.document),
        marked(&m.sentence, &m.marks)
    );
}

/// The sentence with its marks, which may overlap: cut at every border, each piece with all its marks.
fn marked(sentence: &str, marks: &[Mark]) -> String {
    let characters: Vec<char> = sentence.chars().collect();
    let mut borders: Vec<usize> = marks.iter().flat_map(|m| [m.start, m.end]).chain([0, characters.len()]).collect();
    borders.retain(|&b| b <= characters.len());
    borders.sort_unstable();
    borders.dedup();
    let mut out = String::new();
    for piece in borders.windows(2) {
        let text = escape(&characters[piece[0]..piece[1]].iter().collect::<String>());
        let over: Vec<&Mark> = marks.iter().filter(|m| m.start <= piece[0] && piece[1] <= m.end).collect();
        if over.is_empty() {
            out.push_str(&text);
            continue;
        }
        let classes = [(Side::Gold, "g"), (Side::Predicted, "p")];
        let classes: Vec<&str> = classes
            .into_iter()
            .filter(|(side, _)| over.iter().any(|m| m.side == *side))
            .map(|(_, class)| class)
            .collect();
        let title: Vec<String> = over.iter().map(|m| format!("{}: {}", side_name(m.side), escape(&m.label))).collect();
        let _ = write!(out, "<span class=\"{}\" title=\"{}\">{text}</span>", classes.join(" "), title.join("; "));
    }
    out
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Gold => "gold",
        Side::Predicted => "predicted",
    }
}

/// Text as text: what HTML would read is written as entities, and control characters are shown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::score::ByLabel;

    fn mark(start: usize, end: usize, side: Side, label: &str) -> Mark {
        Mark { start, end, side, label: label.to_owned() }
    }

    #[test]
    fn marks_may_overlap() {
        let marks = [mark(0, 8, Side::Gold, "LOC"), mark(4, 8, Side::Predicted, "ORG")];
        assert_eq!(
            marked("New York fell", &marks),
            "<span class=\"g\" title=\"gold: LOC\">New </span>\
             <span class=\"g p\" title=\"gold: LOC; predicted: ORG\">York</span> fell"
        );
    }

    #[test]
    fn texts_are_escaped() {
        let m = Mistake {
            kind: Kind::NameMissed,
            document: "<script>\"&\0".to_owned(),
            sent: Some(3),
            gold: Some("PER <b>".to_owned()),
            predicted: None,
            score: None,
            scores: ByLabel::default(),
            sentence: "<b> said".to_owned(),
            marks: vec![mark(0, 3, Side::Gold, "PER")],
        };
        let page = html(&[m]);
        assert!(page.contains("gold <b>PER &lt;b&gt;</b>, predicted <b>–</b> <small>&lt;script&gt;&quot;&amp;\u{fffd}, sentence 3</small>"), "{page}");
        assert!(page.contains("<span class=\"g\" title=\"gold: PER\">&lt;b&gt;</span> said"));
        assert!(page.contains("<li><a href=\"#names-not-found\">names not found: 1</a></li>"));
        assert!(!page.contains("<script"));
    }
}
