//! Readers and writers of documents and annotations.
