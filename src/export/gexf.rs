//! GEXF 1.3 with time, for Gephi: actors are nodes, and each status of a facet is an edge that lasts as long
//! as it held.

use std::collections::BTreeSet;
use std::io::{self, Write};

use quick_xml::Writer;

use super::flat::{Kind, Value};
use super::xml::{self, legal};
use super::{evidence_of, periods, surest, Error, Names};
use crate::document::{ActorCode, Facet};
use crate::records::Record;

/// What an edge says beside its ends and its time.
const ATTRIBUTES: [(&str, Kind); 8] = [
    ("facet", Kind::Text),
    ("status", Kind::Text),
    ("confidence", Kind::Decimal),
    ("score", Kind::Decimal),
    ("evidence", Kind::Text),
    ("evidence_document", Kind::Text),
    ("evidence_source", Kind::Text),
    ("evidence_date", Kind::Text),
];

/// Writes a dynamic directed graph, its times being days.
///
/// A node has the actor's name as `label` and its `country`. An edge is one status of one facet between two
/// actors, told by its attributes `facet` and `status` and by its `kind` (`recognition withheld`), so that
/// those between the same actors stay apart; or the stance (`facet` is `stance`, `status` its label, `score`
/// its score), one edge a record from the first to the last document. The status that holds now has its
/// `confidence` and its surest `evidence` with document, source and date.
///
/// `start` is the first day that the date of the status may mean, `end` the day before the first of what
/// replaced it, for GEXF counts the end in. A bound that is not known is left out.
pub fn write<'a>(
    records: impl IntoIterator<Item = &'a Record> + Clone,
    name: Names,
    out: impl Write,
) -> Result<(), Error> {
    let actors: BTreeSet<&ActorCode> = records.clone().into_iter().flat_map(|r| [&r.actor, &r.counterpart]).collect();
    let mut xml = xml::begin(out)?;
    let root = xml.create_element("gexf").with_attributes([("xmlns", "http://gexf.net/1.3"), ("version", "1.3")]);
    root.write_inner_content(|xml| {
        let graph = xml.create_element("graph").with_attributes([
            ("mode", "dynamic"),
            ("defaultedgetype", "directed"),
            ("timeformat", "date"),
            ("timerepresentation", "interval"),
        ]);
        graph.write_inner_content(|xml| {
            declare(xml, "node", &[("country", Kind::Text)])?;
            declare(xml, "edge", &ATTRIBUTES)?;
            xml.create_element("nodes")
                .write_inner_content(|xml| actors.into_iter().try_for_each(|actor| write_node(xml, actor, name)))?;
            xml.create_element("edges").write_inner_content(|xml| {
                records.into_iter().flat_map(edges).enumerate().try_for_each(|(id, edge)| edge.write(id, xml))
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(xml::end(xml)?)
}

/// An edge: values of [`ATTRIBUTES`] in their order, and the time.
struct Edge<'a> {
    record: &'a Record,
    facet: &'static str,
    status: &'static str,
    rest: [Option<Value>; 6],
    start: Option<jiff::civil::Date>,
    /// Included.
    end: Option<jiff::civil::Date>,
}

fn edges(record: &Record) -> Vec<Edge<'_>> {
    let text = |t: &str| Some(Value::Text(t.to_owned()));
    let mut edges = Vec::new();
    for &facet in Facet::ALL {
        let Some(state) = record.facet(facet) else { continue };
        for period in periods(record, state) {
            let start = period.from.map(|d| d.first_day());
            let end = period.to.and_then(|d| d.first_day().yesterday().ok());
            let proof = surest(evidence_of(record, state)).filter(|_| period.to.is_none());
            edges.push(Edge {
                record,
                facet: facet.name(),
                status: period.status.name(),
                rest: [
                    proof.map(|_| Value::Decimal(state.confidence.four_decimals())),
                    None,
                    proof.and_then(|e| text(&e.text)),
                    proof.and_then(|e| text(&e.document)),
                    proof.and_then(|e| text(e.source.as_deref()?)),
                    proof.and_then(|e| text(&e.date?.to_string())),
                ],
                start,
                // What was replaced within the span of its own date lasted for a day of it.
                end: end.max(start.filter(|_| end.is_some())),
            });
        }
    }
    edges.push(Edge {
        record,
        facet: "stance",
        status: record.stance.label.name(),
        rest: [None, Some(Value::Decimal(record.stance.score)), None, None, None, None],
        start: record.first.map(|d| d.first_day()),
        end: record.last.map(|d| d.first_day()),
    });
    edges
}

impl Edge<'_> {
    fn write<W: Write>(self, id: usize, xml: &mut Writer<W>) -> io::Result<()> {
        let kind = format!("{} {}", self.facet, self.status);
        let bounds = [("start", self.start), ("end", self.end)];
        let bounds: Vec<(&str, String)> = bounds.into_iter().filter_map(|(n, d)| Some((n, d?.to_string()))).collect();
        let edge = xml.create_element("edge").with_attributes([
            ("id", id.to_string().as_str()),
            ("source", self.record.actor.as_str()),
            ("target", self.record.counterpart.as_str()),
            ("label", kind.as_str()),
            ("kind", kind.as_str()),
        ]);
        let edge = edge.with_attributes(bounds.iter().map(|(name, day)| (*name, day.as_str())));
        let told = [self.facet, self.status].map(|t| Some(Value::Text(t.to_owned())));
        let values = ATTRIBUTES.iter().zip(told.into_iter().chain(self.rest));
        let known: Vec<(&str, Value)> = values.filter_map(|((name, _), value)| Some((*name, value?))).collect();
        edge.write_inner_content(|xml| write_values(xml, &known))?;
        Ok(())
    }
}

fn declare<W: Write>(xml: &mut Writer<W>, class: &str, attributes: &[(&str, Kind)]) -> io::Result<()> {
    xml.create_element("attributes").with_attribute(("class", class)).write_inner_content(|xml| {
        for (name, kind) in attributes {
            let kind = match kind {
                Kind::Text => "string",
                Kind::Count => "integer",
                Kind::Decimal => "double",
            };
            xml.create_element("attribute")
                .with_attributes([("id", *name), ("title", *name), ("type", kind)])
                .write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn write_node<W: Write>(xml: &mut Writer<W>, actor: &ActorCode, name: Names) -> io::Result<()> {
    let label = name(actor).unwrap_or_else(|| actor.to_string());
    let node = xml.create_element("node").with_attribute(("id", actor.as_str()));
    node.with_attribute(("label", legal(&label)))
        .write_inner_content(|xml| write_values(xml, &[("country", Value::Text(actor.country().to_owned()))]))?;
    Ok(())
}

fn write_values<W: Write>(xml: &mut Writer<W>, values: &[(&str, Value)]) -> io::Result<()> {
    xml.create_element("attvalues").write_inner_content(|xml| {
        for (name, value) in values {
            let value = value.to_string();
            xml.create_element("attvalue")
                .with_attribute(("for", *name))
                .with_attribute(("value", legal(&value)))
                .write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::sketch;

    fn graph(lines: &str) -> String {
        let mut file = Vec::new();
        write(&sketch::records(&sketch::annotations(lines)), &|_| None, &mut file).unwrap();
        String::from_utf8(file).unwrap()
    }

    #[test]
    fn a_status_is_an_edge_while_it_holds() {
        let graph = graph(
            "day 2021-03-01 src=taz RUS>AFG/TALIBAN listing.designate COERCE against actual 0.9 \"Listed.\"
             day 2024-05-27 src=afp RUS>AFG/TALIBAN listing.delist YIELD favor actual 0.9 \"Struck \\\"off\\\".\"",
        );
        expect_test::expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <gexf xmlns="http://gexf.net/1.3" version="1.3">
             <graph mode="dynamic" defaultedgetype="directed" timeformat="date" timerepresentation="interval">
              <attributes class="node">
               <attribute id="country" title="country" type="string"/>
              </attributes>
              <attributes class="edge">
               <attribute id="facet" title="facet" type="string"/>
               <attribute id="status" title="status" type="string"/>
               <attribute id="confidence" title="confidence" type="double"/>
               <attribute id="score" title="score" type="double"/>
               <attribute id="evidence" title="evidence" type="string"/>
               <attribute id="evidence_document" title="evidence_document" type="string"/>
               <attribute id="evidence_source" title="evidence_source" type="string"/>
               <attribute id="evidence_date" title="evidence_date" type="string"/>
              </attributes>
              <nodes>
               <node id="AFG/TALIBAN" label="AFG/TALIBAN">
                <attvalues>
                 <attvalue for="country" value="AFG"/>
                </attvalues>
               </node>
               <node id="RUS" label="RUS">
                <attvalues>
                 <attvalue for="country" value="RUS"/>
                </attvalues>
               </node>
              </nodes>
              <edges>
               <edge id="0" source="RUS" target="AFG/TALIBAN" label="listing designated" kind="listing designated" start="2021-03-01" end="2024-05-26">
                <attvalues>
                 <attvalue for="facet" value="listing"/>
                 <attvalue for="status" value="designated"/>
                </attvalues>
               </edge>
               <edge id="1" source="RUS" target="AFG/TALIBAN" label="listing delisted" kind="listing delisted" start="2024-05-27">
                <attvalues>
                 <attvalue for="facet" value="listing"/>
                 <attvalue for="status" value="delisted"/>
                 <attvalue for="confidence" value="0.9000"/>
                 <attvalue for="evidence" value="Struck \&quot;off\&quot;."/>
                 <attvalue for="evidence_document" value="d1"/>
                 <attvalue for="evidence_source" value="afp"/>
                 <attvalue for="evidence_date" value="2024-05-27"/>
                </attvalues>
               </edge>
               <edge id="2" source="RUS" target="AFG/TALIBAN" label="stance neutral" kind="stance neutral" start="2021-03-01" end="2024-05-27">
                <attvalues>
                 <attvalue for="facet" value="stance"/>
                 <attvalue for="status" value="neutral"/>
                 <attvalue for="score" value="0.0000"/>
                </attvalues>
               </edge>
              </edges>
             </graph>
            </gexf>
        "#]].assert_eq(&graph);
    }

    #[test]
    fn a_status_replaced_within_the_span_of_its_date_lasts_a_day() {
        let graph = graph(
            "day 2024 RUS>CHN trade.expand COOPERATE favor actual 0.9
             day 2024-01-01 RUS>CHN trade.restrict SANCTION against actual 0.9",
        );
        assert!(graph.contains(r#"kind="trade expanding" start="2024-01-01" end="2024-01-01""#), "{graph}");
        assert!(graph.contains(r#"kind="trade restricted" start="2024-01-01">"#), "{graph}");
    }

    #[test]
    fn i8_text_is_data() {
        let text = "\"/><script>&\u{0}\t\u{202e}";
        let graph = graph(&format!("day 2024-05-27 RUS>CHN trade.expand COOPERATE favor actual 0.9 \"{text}x\""));
        assert!(graph.contains("value=\"&quot;/&gt;&lt;script&gt;&amp;\u{fffd}&#9;\u{202e}x\""), "{graph}");
    }
}
