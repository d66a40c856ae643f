//! Annotations as tables, with the embeddings of their mentions and sentences.

use std::path::Path;

use anyhow::{anyhow, Result};
use demarche::annotator::{NeuralAnnotator, Passages};
use demarche::corpus::offsets::Offsets;
use demarche::corpus::standoff;
use demarche::document::{Annotation, Span};
use demarche::export::parquet::{AnnotationTables, Collector, Embedding, Sentences};
use demarche::pipeline::{self, Annotator};
use rayon::prelude::*;

use super::flags::{DeviceFlags, ModelFlags, ThreadFlags};
use super::models;
use super::output::PartialFile;
use super::progress::Progress;

/// A model that makes embeddings.
pub struct Embedder {
    annotator: NeuralAnnotator,
    threads: usize,
}

/// The embeddings of a document: of its mentions, in their order, and of the sentences that show relations.
#[derive(Default)]
struct Embedded {
    mentions: Vec<Embedding>,
    sentences: Vec<(Span, Embedding)>,
}

impl Embedder {
    /// Loads the model.
    pub fn new(model: &ModelFlags, device: &DeviceFlags, threads: &ThreadFlags) -> Result<Self> {
        let threads = threads.claim()?;
        Ok(Embedder { annotator: models::neural_annotator(model, device, None, threads)?, threads: threads.get() })
    }

    /// How many numbers an embedding has.
    pub fn size(&self) -> i32 {
        self.annotator.embedding_size() as i32
    }

    /// The embeddings of some documents, those of each group on a thread.
    fn embed(&self, documents: &[Annotation]) -> Result<Vec<Embedded>> {
        let group = documents.len().div_ceil(self.threads).max(1);
        let groups: Vec<_> = documents.par_chunks(group).map(|group| self.embed_group(group)).collect();
        let groups = groups.into_iter().collect::<Result<Vec<_>, _>>();
        Ok(groups.map_err(|reason| anyhow!(reason))?.into_iter().flatten().collect())
    }

    fn embed_group(&self, documents: &[Annotation]) -> Result<Vec<Embedded>, String> {
        self.annotator.enter_thread();
        let passages: Vec<Passages> = documents.iter().map(passages).collect();
        let embeddings = self.annotator.embed(&passages)?;
        let embedded = documents.iter().zip(passages).zip(embeddings).map(|((document, passages), mut mentions)| {
            let sentences = mentions.split_off(document.mentions.len());
            let spans = passages.spans.into_iter().skip(document.mentions.len());
            Embedded { mentions, sentences: spans.zip(sentences).collect() }
        });
        Ok(embedded.collect())
    }
}

/// The mentions of a document, and behind them its sentences that show relations.
fn passages(a: &Annotation) -> Passages {
    let mut sentences: Vec<usize> = a.relations.iter().map(|r| r.sent).collect();
    sentences.sort_unstable();
    sentences.dedup();
    let sentences = sentences.into_iter().map(|sent| a.sentences[sent]);
    let spans = a.mentions.iter().map(|m| m.span).chain(sentences).collect();
    Passages { text: a.text.clone(), sentences: a.sentences.clone(), spans }
}

/// Adds the annotations of a file to the tables. With an embedder, gives the embeddings of their sentences.
pub fn write(
    path: &Path,
    embedder: Option<&Embedder>,
    tables: &mut AnnotationTables<PartialFile>,
    quiet: bool,
) -> Result<Option<Sentences>> {
    let mut progress = Progress::new(quiet);
    let mut annotations = standoff::read(path)?;
    let Some(embedder) = embedder else {
        for annotation in annotations {
            let annotation = annotation?;
            tables.add(&annotation, Vec::new())?;
            progress.annotated(&annotation.text);
        }
        progress.finish();
        return Ok(None);
    };
    let mut collector = Collector::new()?;
    loop {
        let documents = next(&mut annotations, embedder.threads * pipeline::Settings::GROUP_BYTES)?;
        if documents.is_empty() {
            progress.finish();
            return Ok(Some(collector.finish(embedder.annotator.embedding_size())?));
        }
        let embedded = embedder.embed(&documents)?;
        for (document, embedded) in documents.iter().zip(embedded) {
            tables.add(document, embedded.mentions)?;
            let offsets = Offsets::new(&document.text);
            for (span, embedding) in embedded.sentences {
                if let Some(embedding) = embedding {
                    collector.add(&document.meta.id, offsets.char_range(span), &embedding)?;
                }
            }
            progress.annotated(&document.text);
        }
    }
}

/// The next documents, with so many bytes of text or a little more.
fn next<E>(annotations: &mut impl Iterator<Item = Result<Annotation, E>>, bytes: usize) -> Result<Vec<Annotation>, E> {
    let (mut documents, mut size) = (Vec::new(), 0);
    while size < bytes {
        let Some(annotation) = annotations.next().transpose()? else { break };
        size += annotation.text.len().max(1);
        documents.push(annotation);
    }
    Ok(documents)
}
