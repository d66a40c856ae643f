//! Flags that several subcommands share, as they are typed, and what they mean.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use demarche::corpus::formats::Format;

/// How much of the machine to use.
#[derive(Debug, Clone, Args)]
pub struct ThreadFlags {
    /// Threads to use in all [default: the number of cores]
    #[arg(long, value_name = "N", help_heading = "Machine")]
    threads: Option<NonZeroUsize>,
}

impl ThreadFlags {
    /// The number asked for or, failing that, of the cores that this process may use.
    ///
    /// It is the one budget: what runs on rayon's threads is held to it too. To be called once.
    pub fn claim(&self) -> Result<NonZeroUsize> {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global().context("cannot start threads")?;
        Ok(threads)
    }
}

/// How much memory aggregation takes.
#[derive(Debug, Clone, Args)]
pub struct MemoryFlags {
    /// Memory for what is aggregated, such as 512M or 8G; the rest waits on the disk, in the output folder. Documents
    /// and pairs are not divided: the largest must fit
    #[arg(long, value_name = "SIZE", default_value = "512M", help_heading = "Machine")]
    pub memory: Size,
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

impl FromStr for Size {
    type Err = String;

    /// A whole number with K, M, G or T behind it, each 1024 times the one before.
    fn from_str(s: &str) -> Result<Self, String> {
        let digits = s.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let shift = match s[digits.len()..].to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
            "" => 0,
            "K" => 10,
            "M" => 20,
            "G" => 30,
            "T" => 40,
            _ => 64,
        };
        let bytes = digits.parse::<usize>().ok().and_then(|n| n.checked_mul(1_usize.checked_shl(shift)?));
        bytes
            .map(Size)
            .ok_or_else(|| "expected a whole number of bytes, or one with K, M, G or T, as in 512M".to_owned())
    }
}

/// Where models run.
#[derive(Debug, Clone, Args)]
pub struct DeviceFlags {
    /// Where the model runs: processor, NVIDIA or Apple graphics
    #[arg(long, value_name = "DEVICE", default_value = "cpu", help_heading = "Machine")]
    pub device: Device,

    /// Numbers that the model computes with; `auto` takes bf16 where the hardware is fast at it
    #[arg(long, value_name = "P", default_value = "auto", help_heading = "Machine")]
    pub precision: Precision,
}

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// The processor
    Cpu,
    /// The first NVIDIA graphics card
    Cuda,
    /// Apple graphics
    Mps,
}

impl Device {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Device::Cpu => "cpu",
            Device::Cuda => "cuda",
            Device::Mps => "mps",
        }
    }
}

/// Numbers that a model computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// bf16 where the hardware is fast at it, fp32 elsewhere
    Auto,
    /// 16 bits
    Bf16,
    /// 32 bits
    Fp32,
}

/// Which model and knowledge base to read with.
#[derive(Debug, Clone, Args)]
pub struct ModelFlags {
    /// Folder of the model [default: demarche-mini, as shipped]
    #[arg(long, value_name = "DIR", help_heading = "Models")]
    pub model: Option<PathBuf>,

    /// Knowledge base of actors: a folder replaces the shipped one, a .tsv file adds to it (repeatable)
    #[arg(long, value_name = "PATH", help_heading = "Models")]
    pub actors: Vec<PathBuf>,
}

/// Which models of others to read with.
#[derive(Debug, Clone, Default, Args)]
pub struct BorrowedFlags {
    /// Let this model find the names: a Hugging Face folder for token classification with config.json,
    /// model.safetensors and tokenizer.json (BERT, RoBERTa, XLM-R, DistilBERT, ELECTRA, ALBERT, DeBERTa)
    #[arg(long, value_name = "DIR", help_heading = "Models")]
    pub ner_model: Option<PathBuf>,

    /// Let this model find the relations, by --hypotheses: a Hugging Face folder for sequence classification, trained
    /// for natural-language inference (those without ELECTRA, and BART)
    #[arg(long, value_name = "DIR", requires = "hypotheses", help_heading = "Models")]
    pub nli_model: Option<PathBuf>,

    /// Hypotheses for --nli-model, a TOML file: "{src} has recognised {tgt}." and the labels of a pair of which a text
    /// says so; docs/hypotheses.toml is an example
    #[arg(long, value_name = "FILE", requires = "nli_model", help_heading = "Models")]
    pub hypotheses: Option<PathBuf>,
}

/// Parts of the work that the input has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GivenParts {
    /// Mentions (and their entities, where the documents have them); the model finds relations
    Mentions,
    /// Mentions and the pairs to classify; each pair gets its best event and the scores of all
    Pairs,
}

impl GivenParts {
    /// Its name on the command line and in `run.json`.
    pub const fn name(self) -> &'static str {
        match self {
            GivenParts::Mentions => "mentions",
            GivenParts::Pairs => "pairs",
        }
    }
}

/// What to read and how.
#[derive(Debug, Clone, Args)]
pub struct InputFlags {
    /// Files, folders (walked) or `-`: .txt, .jsonl, .csv, .tsv, .parquet, .html, each also .gz or .zst
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,

    /// The input has labels in this form, one of those of `demarche convert`; they count with --given
    #[arg(long, value_name = "FORM")]
    pub from: Option<Format>,

    /// Take these from the documents instead of finding them
    #[arg(long, value_name = "WHAT")]
    pub given: Option<GivenParts>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_whole_numbers_with_a_unit() {
        for (s, bytes) in
            [("0", 0), ("77", 77), ("3K", 3 << 10), ("512M", 512 << 20), ("8g", 8 << 30), ("1GiB", 1 << 30)]
        {
            assert_eq!(s.parse(), Ok(Size(bytes)), "{s}");
        }
        for s in ["", "G", "1.5G", "-1", "1 G", "1X", "99999999999T", "１G"] {
            assert!(s.parse::<Size>().is_err(), "{s}");
        }
    }
}
