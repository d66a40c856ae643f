//! Demarche reads a pile of news and tells, country by country, who stands how to whom.
//!
//! ```text
//! documents ─▶ sentences ─▶ mentions ─▶ actors ─▶ relations ─▶ records ─▶ reports, tables, graphs
//!  (corpus)      (text)       (ner)     (actors)   (relations)  (records)      (export)
//!                      └──── encoder (rust-bert on tch) ────┘
//! ```
//!
//! Data flows from left to right and nothing reaches back. The modules are in the order of use:
//! [`document`] holds the core types and [`labels`] the label sets; [`corpus`] reads and writes files;
//! [`text`] finds sentences and plans chunks; [`encoder`] reads the chunks; [`ner`] finds mentions in them;
//! [`actors`] tells who is meant and which state they act for; [`relations`] pairs the actors; [`records`] folds the
//! relations of many documents into the state between two actors; [`export`] writes tables, databases and graphs.
//! [`borrowed`] puts models of others in the place of two of our heads.
//! [`pipeline`] drives all that up to relations over a corpus and [`aggregation`] from there to records, [`evaluate`]
//! compares any of it with gold, [`train`] fits the [`model`] whose heads the stages use. [`sample`] picks what to label
//! next.

#![warn(missing_docs)]

pub mod actors;
pub mod aggregation;
pub mod annotator;
pub mod borrowed;
pub mod corpus;
pub mod date;
pub mod document;
pub mod encoder;
pub mod evaluate;
pub mod export;
pub mod labels;
pub mod model;
pub mod ner;
pub mod pipeline;
mod pool;
pub mod records;
pub mod relations;
pub mod sample;
pub mod text;
pub mod train;
