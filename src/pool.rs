//! Things that one thread at a time works with, one for each thread.

use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

/// As many things as threads may work with them at a time.
pub(crate) struct Pool<T> {
    idle: Mutex<Vec<T>>,
}

impl<T> Pool<T> {
    /// A pool of these.
    pub fn new(idle: impl IntoIterator<Item = T>) -> Self {
        Pool { idle: Mutex::new(idle.into_iter().collect()) }
    }

    /// Lets one of them do some work.
    ///
    /// # Errors
    /// When all are at work: more threads than the pool was made for.
    pub fn with<R>(&self, work: impl FnOnce(&T) -> R) -> Result<R, String> {
        let one = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let one = one.ok_or("more threads than the annotator was made for")?;
        let done = catch_unwind(AssertUnwindSafe(|| work(&one)));
        // A document that makes it panic costs the document, not what worked on it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        done.map_or_else(|panic| resume_unwind(panic), Ok)
    }
}
