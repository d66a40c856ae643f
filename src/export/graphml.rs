//! GraphML: actors are nodes, and each record is an edge that says all of the pair.

use std::collections::BTreeSet;
use std::io::{self, Write};

use quick_xml::events::BytesText;
use quick_xml::Writer;

use super::flat::{self, Column, Kind};
use super::xml::{self, legal};
use super::{Error, Names};
use crate::document::ActorCode;
use crate::records::Record;

/// Writes a directed graph.
///
/// A node's id is the actor's code; its data are `label` (the name, or the code) and `country`. An edge goes
/// from `actor` to `counterpart` and has what the other columns of [`super::csv`] have, under the same names;
/// what is not known is left out.
pub fn write<'a>(
    records: impl IntoIterator<Item = &'a Record> + Clone,
    name: Names,
    out: impl Write,
) -> Result<(), Error> {
    let columns = &flat::columns()[flat::PAIR..];
    let actors: BTreeSet<&ActorCode> = records.clone().into_iter().flat_map(|r| [&r.actor, &r.counterpart]).collect();
    let mut xml = xml::begin(out)?;
    let root = xml.create_element("graphml").with_attribute(("xmlns", "http://graphml.graphdrawing.org/xmlns"));
    root.write_inner_content(|xml| {
        key(xml, "label", "node", Kind::Text)?;
        key(xml, "country", "node", Kind::Text)?;
        columns.iter().try_for_each(|c| key(xml, &c.name, "edge", c.kind))?;
        let graph = xml.create_element("graph").with_attributes([("id", "relations"), ("edgedefault", "directed")]);
        graph.write_inner_content(|xml| {
            actors.into_iter().try_for_each(|actor| node(xml, actor, name))?;
            records.into_iter().try_for_each(|record| edge(xml, record, columns))
        })?;
        Ok(())
    })?;
    Ok(xml::end(xml)?)
}

/// Names of keys are unique within nodes and edges; their ids are so in the file.
fn id(name: &str, of: &str) -> String {
    format!("{of}_{name}")
}

fn key<W: Write>(xml: &mut Writer<W>, name: &str, of: &str, kind: Kind) -> io::Result<()> {
    let kind = match kind {
        Kind::Text => "string",
        Kind::Count => "int",
        Kind::Decimal => "double",
    };
    let id = id(name, of);
    let key = xml.create_element("key");
    key.with_attributes([("id", id.as_str()), ("for", of), ("attr.name", name), ("attr.type", kind)]).write_empty()?;
    Ok(())
}

fn data<W: Write>(xml: &mut Writer<W>, name: &str, of: &str, value: &str) -> io::Result<()> {
    let data = xml.create_element("data").with_attribute(("key", id(name, of).as_str()));
    data.write_text_content(BytesText::new(&legal(value)))?;
    Ok(())
}

fn node<W: Write>(xml: &mut Writer<W>, actor: &ActorCode, name: Names) -> io::Result<()> {
    let node = xml.create_element("node").with_attribute(("id", actor.as_str()));
    node.write_inner_content(|xml| {
        data(xml, "label", "node", &name(actor).unwrap_or_else(|| actor.to_string()))?;
        data(xml, "country", "node", actor.country())
    })?;
    Ok(())
}

fn edge<W: Write>(xml: &mut Writer<W>, record: &Record, columns: &[Column]) -> io::Result<()> {
    let ends = [("source", record.actor.as_str()), ("target", record.counterpart.as_str())];
    xml.create_element("edge").with_attributes(ends).write_inner_content(|xml| {
        let values = flat::row(record).into_iter().skip(flat::PAIR);
        columns.iter().zip(values).try_for_each(|(column, value)| match value {
            Some(value) => data(xml, &column.name, "edge", &value.to_string()),
            None => Ok(()),
        })
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    fn graph(lines: &str) -> String {
        let mut file = Vec::new();
        let name = |code: &ActorCode| (code.as_str() == "AFG/TALIBAN").then(|| "Taliban".to_owned());
        write(&sketch::records(&sketch::annotations(lines)), &name, &mut file).unwrap();
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn a_record_is_an_edge() {
        let graph = graph(
            "day 2024-05-27 src=taz RUS>AFG/TALIBAN listing.delist YIELD favor planned 0.93 \"Moscow <weighs> it.\"",
        );
        let keys = graph.lines().filter(|line| line.trim_start().starts_with("<key ")).count();
        assert_eq!(keys, 2 + flat::columns().len() - flat::PAIR);
        let graph: Vec<&str> = graph.lines().filter(|line| !line.trim_start().starts_with("<key ")).collect();
        expect_test::expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
             <graph id="relations" edgedefault="directed">
              <node id="AFG/TALIBAN">
               <data key="node_label">Taliban</data>
               <data key="node_country">AFG</data>
              </node>
              <node id="RUS">
               <data key="node_label">RUS</data>
               <data key="node_country">RUS</data>
              </node>
              <edge source="RUS" target="AFG/TALIBAN">
               <data key="edge_first">2024-05-27</data>
               <data key="edge_last">2024-05-27</data>
               <data key="edge_documents">1</data>
               <data key="edge_sources">1</data>
               <data key="edge_listing">delisting</data>
               <data key="edge_listing_since">2024-05-27</data>
               <data key="edge_listing_confidence">0.9300</data>
               <data key="edge_meetings">0</data>
               <data key="edge_stance">favor</data>
               <data key="edge_stance_score">1.0000</data>
               <data key="edge_favor">1</data>
               <data key="edge_neutral">0</data>
               <data key="edge_against">0</data>
               <data key="edge_conflicts">0</data>
               <data key="edge_evidence_document">d0</data>
               <data key="edge_evidence_source">taz</data>
               <data key="edge_evidence_date">2024-05-27</data>
               <data key="edge_evidence">Moscow &lt;weighs&gt; it.</data>
              </edge>
             </graph>
            </graphml>"#]]
        .assert_eq(&graph.join("\n"));
    }

    #[test]
    fn i8_text_is_data() {
        let graph =
            graph("day 2024-05-27 RUS>CHN other ACCUSE neutral actual 0.9 \"</data>&lt;\u{0}\u{1b}]]>\u{202e}x\"");
        assert!(graph.contains("&lt;/data&gt;&amp;lt;\u{fffd}\u{fffd}]]&gt;\u{202e}x</data>"), "{graph}");
    }
}
