//! What a person sees on standard error while documents go by.

use std::fmt;
use std::time::{Duration, Instant};

use demarche::corpus::Reject;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// So many rejects are shown on the way; the rest is told by number.
const SHOWN_REJECTS: usize = 5;

/// Counts documents and words, on a bar if standard error is a terminal.
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
    started: Instant,
    documents: u64,
    rejected: usize,
    words: u64,
}

impl Progress {
    /// Begins to count; `quiet` shows errors only.
    pub fn new(quiet: bool) -> Self {
        // indicatif draws nothing where standard error is no terminal.
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar, quiet, started: Instant::now(), documents: 0, rejected: 0, words: 0 }
    }

    /// A document is done.
    pub fn annotated(&mut self, text: &str) {
        self.documents += 1;
        self.words += text.split_whitespace().count() as u64;
        if !self.bar.is_hidden() {
            self.bar.set_message(self.to_string());
        }
    }

    /// A document is rejected.
    pub fn rejected(&mut self, reject: &Reject) {
        self.documents += 1;
        self.rejected += 1;
        match self.rejected {
            n if n <= SHOWN_REJECTS => self.say(format_args!("rejected {reject}")),
            n if n == SHOWN_REJECTS + 1 => self.say(format_args!("more documents are rejected; not shown one by one")),
            _ => {}
        }
    }

    /// Says a line without spoiling the bar.
    pub fn say(&self, message: fmt::Arguments) {
        if !self.quiet {
            self.bar.suspend(|| super::say(message));
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Documents rejected so far.
    pub fn rejects(&self) -> usize {
        self.rejected
    }

    /// Words a second so far.
    pub fn words_per_second(&self) -> u64 {
        (self.words as f64 / self.elapsed().as_secs_f64().max(1e-3)) as u64
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.documents == 1 { "" } else { "s" };
        write!(f, "{} document{plural}", HumanCount(self.documents))?;
        if self.rejected > 0 {
            write!(f, " ({} rejected)", HumanCount(self.rejected as u64))?;
        }
        write!(f, ", {} words, {} words/s", HumanCount(self.words), HumanCount(self.words_per_second()))
    }
}
