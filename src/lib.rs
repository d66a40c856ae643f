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
//! [`text`] finds sentences; [`evaluate`] compares what was found with gold.
//! [`text`] finds sentences; [`records`] folds relations into the state of each pair of actors, which
//! [`export`] writes as tables.

pub mod actors;
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
pub mod records;
pub mod relations;
pub mod text;
pub mod train;
