//! Web pages: one document a file.

use std::borrow::Cow;

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};

use super::{whole, Entry, Refusal, Settings};
use crate::corpus::source::Source;
use crate::document::{Document, Metadata};

/// Elements whose content nobody sees.
const UNSEEN: [&str; 13] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select", "textarea", "audio",
    "video", "canvas",
];

/// Elements that run on within a line; all others begin a paragraph of their own.
const RUNNING: [&str; 36] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "u", "var",
];

/// The document of a page: its visible text, one line an element of its own, with a blank line
/// between. Offsets are those of this text.
pub(super) fn entry(name: String, source: Source, settings: Settings) -> Entry {
    let document = whole(source, settings).and_then(|html| {
        let page = Page::of(&html);
        if page.text.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        let meta = Metadata {
            id: name,
            date: page.date.and_then(|date| date.parse().ok()),
            title: page.headline.or(page.title).filter(|title| !title.is_empty()),
            source: page.site,
            url: page.url,
            ..Metadata::default()
        };
        Ok(Document { meta, text: page.text, given: None })
    });
    Entry { line: None, document }
}

#[derive(Default)]
struct Page {
    text: String,
    /// The heading that the page gives to others, as a rule without the name of the site.
    headline: Option<String>,
    title: Option<String>,
    date: Option<String>,
    site: Option<String>,
    url: Option<String>,
    /// What separates the next word from the text before it.
    gap: Gap,
    /// The unseen element that we are in, and how many of its name lie within one another.
    unseen: Option<(String, usize)>,
    /// Nested elements whose line ends count.
    verbatim: usize,
    in_title: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Blank,
    Cell,
    Line,
    Paragraph,
}

impl Gap {
    fn as_str(self) -> &'static str {
        match self {
            Gap::None => "",
            Gap::Blank => " ",
            Gap::Cell => "\t",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        }
    }
}

impl Page {
    fn of(html: &str) -> Page {
        let mut page = Page::default();
        let mut emitter = DefaultEmitter::default();
        // The content of `<script>` and its like is no markup.
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => page.begin(&tag),
                Token::EndTag(tag) => page.end(&tag),
                Token::String(text) => page.push(&utf8(&text)),
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        page
    }

    fn begin(&mut self, tag: &StartTag<()>) {
        let name = utf8(&tag.name);
        match &mut self.unseen {
            Some((unseen, depth)) => *depth += usize::from(*unseen == name && !tag.self_closing),
            None if UNSEEN.contains(&&*name) => {
                if !tag.self_closing {
                    self.unseen = Some((name.into_owned(), 1));
                }
            }
            None => self.begin_seen(&name, tag),
        }
    }

    fn begin_seen(&mut self, name: &str, tag: &StartTag<()>) {
        match name {
            "title" => self.in_title = self.title.is_none(),
            "meta" => self.describe(tag),
            "link" if attribute(tag, "rel").as_deref() == Some("canonical") => {
                self.url = attribute(tag, "href").or(self.url.take());
            }
            "pre" => self.verbatim += 1,
            _ => {}
        }
        self.separate(name);
    }

    fn end(&mut self, tag: &EndTag<()>) {
        let name = utf8(&tag.name);
        if let Some((unseen, depth)) = &mut self.unseen {
            *depth -= usize::from(*unseen == name);
            if *depth == 0 {
                self.unseen = None;
            }
            return;
        }
        match &*name {
            "title" => self.in_title = false,
            "pre" => self.verbatim = self.verbatim.saturating_sub(1),
            _ => {}
        }
        self.separate(&name);
    }

    fn separate(&mut self, name: &str) {
        let gap = match name {
            "br" => Gap::Line,
            "td" | "th" => Gap::Cell,
            _ if RUNNING.contains(&name) => Gap::None,
            _ => Gap::Paragraph,
        };
        self.gap = self.gap.max(gap);
    }

    /// Takes what the page says of itself in its head.
    fn describe(&mut self, tag: &StartTag<()>) {
        let name = ["property", "name", "itemprop"].iter().find_map(|name| attribute(tag, name));
        let slot = match name.as_deref() {
            Some("og:title") => &mut self.headline,
            Some("og:site_name") => &mut self.site,
            Some("og:url") => &mut self.url,
            Some("article:published_time" | "datePublished" | "date" | "pubdate" | "DC.date.issued") => &mut self.date,
            _ => return,
        };
        if slot.is_none() {
            *slot = attribute(tag, "content").map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        }
    }

    fn push(&mut self, text: &str) {
        if self.unseen.is_some() {
            return;
        }
        if self.in_title {
            let words = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            self.title = Some(words);
            return;
        }
        // White space in the sense of HTML: a no-break space is none.
        for c in text.chars() {
            match c {
                '\n' if self.verbatim > 0 => self.gap = self.gap.max(Gap::Line),
                c if c.is_ascii_whitespace() => self.gap = self.gap.max(Gap::Blank),
                c => {
                    if !self.text.is_empty() {
                        self.text.push_str(self.gap.as_str());
                    }
                    self.gap = Gap::None;
                    self.text.push(c);
                }
            }
        }
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| utf8(value).into_owned())
}

/// The tokens of a string are strings too: they come out of the tokenizer as bytes only.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(Page::of(html).text, expected, "{html}");
    }

    #[test]
    fn visible_text_is_taken_line_by_line() {
        check("<p>One <b>two</b>\n three.<p>Four<br>five</p> six", "One two three.\n\nFour\nfive\n\nsix");
        check("<ul><li>a</li><li>b</li></ul>", "a\n\nb");
        check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\n\nc");
        check("<pre>a\n  b</pre>c", "a\nb\n\nc");
        check("", "");
        check("no markup at all", "no markup at all");
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        check("a<script>if (1 < 2) '<p>x</p>'</script><style>p {}</style><!-- x -->b", "ab");
        check("a <svg><svg>x</svg>y</svg> b", "a b");
        check("<head><title>T</title></head><body>a<noscript>x</noscript></body>", "a");
    }

    #[test]
    fn entities_are_decoded() {
        check(
            "R&amp;D &lt;b&gt; Erdo&#287;an &copy; &nbsp;x &unknown; AT&T",
            "R&D <b> Erdoğan © \u{a0}x &unknown; AT&T",
        );
    }

    #[test]
    fn a_page_tells_of_itself() {
        let page = Page::of(
            r#"<html><head><title> Moscow &amp; Kabul
             | Site</title><meta property="og:title" content="Moscow &amp; Kabul"><meta property="og:site_name" content="Site">
             <meta property="article:published_time" content="2024-05-28T10:00:00Z"><link rel="canonical" href="https://e.org/a">
             </head><body><h1>Moscow &amp; Kabul</h1>Text.</body></html>"#,
        );
        assert_eq!(page.title.as_deref(), Some("Moscow & Kabul | Site"));
        assert_eq!(page.headline.as_deref(), Some("Moscow & Kabul"));
        assert_eq!((page.site.as_deref(), page.url.as_deref()), (Some("Site"), Some("https://e.org/a")));
        assert_eq!(page.date.as_deref(), Some("2024-05-28T10:00:00Z"));
        assert_eq!(page.text, "Moscow & Kabul\n\nText.");
    }
}
