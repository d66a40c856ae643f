//! The driver: from a stream of documents to a stream of annotations, in parallel, in the order of the input.
//!
//! ```text
//! reader ─▶ groups of documents ─▶ workers (an annotator each document passes) ─▶ outcomes in order ─▶ sink
//! ```
//!
//! A fixed number of groups is under way at any time, each of a bounded amount of text, so memory does not
//! grow with the corpus (I5). Groups depend on the input alone and the sink sees outcomes in the order of the
//! input, so the number of threads changes nothing (I1). Every document comes out, annotated or rejected (I2).

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::corpus::{standoff, Reject};
use crate::document::{Annotation, Document};

/// What finds mentions, actors and relations in documents.
pub trait Annotator: Sync {
    /// Called by each worker thread before its first document.
    fn enter_thread(&self) {}

    /// One result for each document, in their order; none depends on the document's neighbours.
    fn annotate(&self, documents: Vec<Document>) -> Vec<Result<Annotation, String>>;

    /// Name, version and settings, for `run.json`.
    fn describe(&self) -> Value;

    /// What users should know of the documents annotated so far, a line each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A document and where it was read.
#[derive(Debug, Clone)]
pub struct Located {
    /// The document.
    pub document: Document,
    /// The file that it is from.
    pub file: String,
    /// Its line there, in files that hold a document a line.
    pub line: Option<usize>,
}

/// How much runs and waits at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Documents are annotated by so many threads.
    pub threads: NonZeroUsize,
    /// A group is closed by the document that fills it with so many bytes of text.
    pub group_bytes: usize,
}

impl Settings {
    /// Text of a group: some sixteen news articles, enough to fill batches, little enough to share a small corpus out.
    pub const GROUP_BYTES: usize = 32 << 10;

    /// Settings for a number of threads.
    pub const fn for_threads(threads: NonZeroUsize) -> Self {
        Settings { threads, group_bytes: Self::GROUP_BYTES }
    }
}

/// What became of a document.
#[derive(Debug)]
pub enum Outcome {
    /// It was annotated.
    Annotated {
        /// What was found.
        annotation: Box<Annotation>,
        /// The same as a line of `annotations.jsonl`, with its line end.
        line: Vec<u8>,
    },
    /// It could not be read or annotated.
    Rejected(Reject),
}

/// How many documents came out which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Documents in: the sum of the other two.
    pub documents: usize,
    /// Documents annotated.
    pub annotated: usize,
    /// Documents rejected.
    pub rejected: usize,
}

type Item = Result<Located, Reject>;
type Group<T> = (usize, Vec<T>);

/// Annotates all `documents` and hands their outcomes to `sink` in the order of the input.
///
/// An error of the sink ends the run and is returned; documents that are under way are dropped.
///
/// # Panics
/// When `documents` or `sink` panics. A panic of the annotator costs its document.
pub fn annotate<I, A, E>(
    documents: I,
    annotator: &A,
    settings: Settings,
    mut sink: impl FnMut(Outcome) -> Result<(), E>,
) -> Result<Counts, E>
where
    I: Iterator<Item = Item> + Send + 'static,
    A: Annotator + ?Sized,
{
    // A worker has a group in hand, one that waits, and the writer one that it waits for.
    let under_way = 2 * settings.threads.get() + 1;
    let (permit, permits) = sync_channel(under_way);
    let (read, to_annotate) = sync_channel(under_way);
    for () in std::iter::repeat_n((), under_way) {
        // The channel has room for exactly these, so none of the sends can wait or fail.
        let _ = permit.send(());
    }
    // Not scoped: when the sink fails the run must end, even if the reader waits for a pipe that says nothing.
    let reader = thread::spawn(move || read_groups(documents, settings.group_bytes, &permits, &read));
    let queue = Queue { groups: Mutex::new(to_annotate), closed: AtomicBool::new(false) };
    let counts = thread::scope(|scope| {
        let (annotated, to_write) = sync_channel(under_way);
        for _ in 0..settings.threads.get() {
            let (annotated, queue) = (annotated.clone(), &queue);
            scope.spawn(move || annotate_groups(annotator, queue, &annotated));
        }
        drop(annotated);
        // Also when the sink panics, the workers must hear of it, or the scope would wait for them for ever.
        let _close = CloseOnDrop(&queue.closed);
        write_in_order(&to_write, &permit, &mut sink)
    })?;
    match reader.join() {
        Ok(()) => Ok(counts),
        Err(reason) => panic::resume_unwind(reason),
    }
}

/// Cuts the input into groups, one for each permit.
fn read_groups(
    mut documents: impl Iterator<Item = Item>,
    group_bytes: usize,
    permits: &Receiver<()>,
    read: &SyncSender<Group<Item>>,
) {
    for number in 0.. {
        if permits.recv().is_err() {
            return;
        }
        let (mut group, mut bytes) = (Vec::new(), 0);
        while bytes < group_bytes {
            let Some(item) = documents.next() else { break };
            // A reject takes room too, or a file of nothing but bad lines would make one endless group.
            bytes += item.as_ref().map_or(REJECT_BYTES, |d| d.document.text.len().max(REJECT_BYTES));
            group.push(item);
        }
        if group.is_empty() || read.send((number, group)).is_err() {
            return;
        }
    }
}

/// What an item counts for in a group, however short its text.
const REJECT_BYTES: usize = 256;

/// The groups that wait for a worker.
struct Queue {
    groups: Mutex<Receiver<Group<Item>>>,
    /// Nobody wants the results any more.
    closed: AtomicBool,
}

impl Queue {
    /// The next group, waiting for it; nothing when there are no more or nobody wants them.
    fn next(&self) -> Option<Group<Item>> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        // The reader may wait for input that never comes, and cannot be woken; so the wait for it looks up.
        while !self.closed.load(Ordering::Relaxed) {
            match groups.recv_timeout(Duration::from_millis(100)) {
                Ok(group) => return Some(group),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }
}

/// Closes the queue when the writer is done, however it ends.
struct CloseOnDrop<'a>(&'a AtomicBool);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A worker: takes group after group until there are no more or nobody wants them.
fn annotate_groups<A: Annotator + ?Sized>(annotator: &A, queue: &Queue, annotated: &SyncSender<Group<Outcome>>) {
    annotator.enter_thread();
    while let Some((number, group)) = queue.next() {
        if annotated.send((number, annotate_group(annotator, group))).is_err() {
            return;
        }
    }
}

/// Annotates the documents of a group; rejects stay where they were.
fn annotate_group<A: Annotator + ?Sized>(annotator: &A, group: Vec<Item>) -> Vec<Outcome> {
    let mut documents = Vec::new();
    let places: Vec<_> = group
        .into_iter()
        .map(|item| {
            let Located { document, file, line } = item?;
            documents.push(document);
            Ok((file, line))
        })
        .collect();
    let mut results = annotate_documents(annotator, documents).into_iter();
    let outcome = |place| match place {
        Err(reject) => Outcome::Rejected(reject),
        Ok((file, line)) => match results.next() {
            Some(Ok((annotation, line))) => Outcome::Annotated { annotation: Box::new(annotation), line },
            Some(Err(reason)) => Outcome::Rejected(Reject { file, line, reason }),
            None => Outcome::Rejected(Reject { file, line, reason: "internal error: no result".to_owned() }),
        },
    };
    places.into_iter().map(outcome).collect()
}

type Annotated = Result<(Annotation, Vec<u8>), String>;

/// Annotates documents together or, when that panics, one by one, so that only the guilty one is lost.
fn annotate_documents<A: Annotator + ?Sized>(annotator: &A, documents: Vec<Document>) -> Vec<Annotated> {
    let count = documents.len();
    if count == 0 {
        return Vec::new();
    }
    // Only a group of several needs its documents a second time.
    let spare = if count > 1 { documents.clone() } else { Vec::new() };
    let reason = match attempt(|| annotator.annotate(documents)) {
        Ok(results) if results.len() == count => return results.into_iter().map(|r| r.and_then(with_line)).collect(),
        Ok(results) => format!("internal error: {} results for {count} documents", results.len()),
        Err(reason) => reason,
    };
    if count == 1 {
        return vec![Err(reason)];
    }
    spare.into_iter().flat_map(|document| annotate_documents(annotator, vec![document])).collect()
}

/// The annotation with its line. A span that does not fit the text panics here and costs its document only.
fn with_line(annotation: Annotation) -> Annotated {
    let mut line = Vec::with_capacity(annotation.text.len() * 2);
    attempt(|| standoff::write(&annotation, &mut line))?.map_err(|e| e.to_string())?;
    Ok((annotation, line))
}

thread_local! {
    /// Where the last panic of this thread happened, which what is caught does not tell.
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics in the calling program silent where this module catches them and turns them into rejects.
///
/// Other panics go to the hook that was set before. For programs to call once at their start.
pub fn report_panics_as_rejects() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|l| format!("{}:{}", l.file(), l.line()));
        let caught = PANICKED_AT.with_borrow_mut(|at| match at {
            Some(at) => {
                *at = place.unwrap_or_default();
                true
            }
            None => false,
        });
        if !caught {
            usual(info);
        }
    }));
}

/// Runs `work`; a panic becomes an error that says what happened and where.
fn attempt<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    PANICKED_AT.set(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let at = PANICKED_AT.take().filter(|at| !at.is_empty()).map(|at| format!(" at {at}")).unwrap_or_default();
    result.map_err(|panic| format!("internal error: {}{at}", message(&*panic)))
}

/// What a panic said.
pub fn message(panic: &(dyn Any + Send)) -> &str {
    let said = panic.downcast_ref::<&str>().copied();
    said.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown panic")
}

/// Hands outcomes on in the order of their groups and gives a permit for each group that is gone.
fn write_in_order<E>(
    to_write: &Receiver<Group<Outcome>>,
    permit: &SyncSender<()>,
    sink: &mut impl FnMut(Outcome) -> Result<(), E>,
) -> Result<Counts, E> {
    let mut counts = Counts::default();
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, group) in to_write {
        early.insert(number, group);
        while let Some(group) = early.remove(&next) {
            for outcome in group {
                counts.documents += 1;
                match outcome {
                    Outcome::Annotated { .. } => counts.annotated += 1,
                    Outcome::Rejected(_) => counts.rejected += 1,
                }
                sink(outcome)?;
            }
            next += 1;
            // The reader may have come to the end of the input and be gone.
            let _ = permit.send(());
        }
    }
    Ok(counts)
}
