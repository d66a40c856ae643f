//! `demarche doctor`: what the program found of what it needs, and how to mend what is missing.

use std::env;
use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::flags::{BorrowedFlags, ModelFlags};
use super::models;
use super::output::print;
use super::processor;
use super::Status;

/// Tells what was found of libtorch, processor, models and knowledge base, and how to mend what is missing
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 when everything that a run needs is there, 1 when something is missing.

Examples:
  demarche doctor
  demarche doctor --model models/own --actors own.tsv
  demarche doctor --ner-model models/bert-base-NER")]
pub struct Args {
    #[command(flatten)]
    model: ModelFlags,

    #[command(flatten)]
    borrowed: BorrowedFlags,
}

/// One thing that was looked at.
struct Finding {
    subject: &'static str,
    verdict: Verdict,
    found: String,
}

/// What is to be thought of it.
enum Verdict {
    /// As it should be.
    Good,
    /// A run works without it.
    Absent,
    /// A run does not work; with what to do.
    Bad(&'static str),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Absent => "no",
            Verdict::Bad(_) => "BAD",
        };
        write!(f, "{mark:<3}  {:<14}  {}", self.subject, self.found)?;
        match self.verdict {
            Verdict::Bad(remedy) => write!(f, "\n     to mend it: {remedy}"),
            _ => Ok(()),
        }
    }
}

/// Looks at everything and prints a line or two for each.
pub fn run(args: &Args) -> Result<Status> {
    let mut findings =
        vec![libtorch(), processor(), precision(), cuda(), mps(), model(&args.model), knowledge_base(&args.model)];
    findings.extend(borrowed(&args.borrowed));
    print([format!("demarche {}", super::VERSION)])?;
    print(&findings)?;
    let bad = findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Bad(_))).count();
    Ok(Status::of_rejects(bad))
}

fn libtorch() -> Finding {
    let built = Path::new(env!("DEMARCHE_LIBTORCH_LIB"));
    let loaded = loaded_library("libtorch_cpu").unwrap_or_else(|| built.to_owned());
    let abi = match env!("DEMARCHE_CXX11_ABI") {
        "" => String::new(),
        abi => format!(", C++ ABI {abi}"),
    };
    let found = format!("{}{abi}, {}", env!("DEMARCHE_LIBTORCH_VERSION"), loaded.display());
    let same = |other: &Path| match (other.canonicalize(), built.canonicalize()) {
        (Ok(other), Ok(built)) => other == built,
        _ => false,
    };
    match env::var_os("LIBTORCH").map(|libtorch| Path::new(&libtorch).join("lib")) {
        Some(own) if !same(&own) => Finding {
            subject: "libtorch",
            verdict: Verdict::Bad("build again (cargo build --release) with LIBTORCH as it is now, or unset it"),
            found: format!("{found}; but LIBTORCH leads to {}, which the program was not built with", own.display()),
        },
        _ => Finding { subject: "libtorch", verdict: Verdict::Good, found },
    }
}

/// Path of a shared library of this process, where the system tells it.
fn loaded_library(name: &str) -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps.lines().find(|line| line.contains(name))?;
    line.find('/').map(|start| PathBuf::from(&line[start..]))
}

/// Features of the processor that libtorch makes use of, as Linux names them.
const FEATURES: [&str; 5] = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "bf16"];

fn processor() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let features: Vec<_> =
        processor::features().into_iter().filter(|feature| FEATURES.contains(&feature.as_str())).collect();
    let features = if features.is_empty() { "no features known".to_owned() } else { features.join(" ") };
    let plural = if cores == 1 { "" } else { "s" };
    Finding {
        subject: "processor",
        verdict: Verdict::Good,
        found: format!("{}, {cores} core{plural}, {features}", env::consts::ARCH),
    }
}

fn precision() -> Finding {
    let found = match processor::is_fast_in_bf16() {
        true => "auto computes in bf16 on this processor",
        false => "auto computes in fp32: this processor has neither avx512_bf16 nor amx_bf16",
    };
    Finding { subject: "precision", verdict: Verdict::Good, found: found.to_owned() }
}

fn cuda() -> Finding {
    match tch::Cuda::is_available() {
        true => Finding {
            subject: "cuda",
            verdict: Verdict::Good,
            found: format!("{} card(s); use with --device cuda", tch::Cuda::device_count()),
        },
        false => Finding {
            subject: "cuda",
            verdict: Verdict::Absent,
            found: "no card, or a libtorch without CUDA; to use a card, build with LIBTORCH set to one that has it"
                .to_owned(),
        },
    }
}

fn mps() -> Finding {
    match tch::utils::has_mps() {
        true => Finding { subject: "mps", verdict: Verdict::Good, found: "there; use with --device mps".to_owned() },
        false => Finding { subject: "mps", verdict: Verdict::Absent, found: "no Apple graphics".to_owned() },
    }
}

fn model(flags: &ModelFlags) -> Finding {
    let loaded = models::model_folder(flags).and_then(|folder| {
        models::load(&folder, tch::Device::Cpu)?;
        Ok(folder)
    });
    match loaded {
        Ok(folder) => Finding { subject: "model", verdict: Verdict::Good, found: folder.display().to_string() },
        Err(error) => Finding {
            subject: "model",
            verdict: Verdict::Bad(
                "check the folder out again (git checkout -- models/demarche-mini), or give another with --model",
            ),
            found: format!("{error:#}"),
        },
    }
}

fn knowledge_base(flags: &ModelFlags) -> Finding {
    let loaded = models::actor_tables(&flags.actors).and_then(|(folder, _)| {
        models::knowledge_base(&flags.actors)?;
        Ok(folder)
    });
    match loaded {
        Ok(folder) => {
            Finding { subject: "knowledge base", verdict: Verdict::Good, found: folder.display().to_string() }
        }
        Err(error) => Finding {
            subject: "knowledge base",
            verdict: Verdict::Bad(
                "check the folder out again (git checkout -- models/actors), or give another with --actors",
            ),
            found: format!("{error:#}"),
        },
    }
}

/// The models of others that are asked for.
fn borrowed(flags: &BorrowedFlags) -> Vec<Finding> {
    let finding = |subject, folder: &Path, error: Option<anyhow::Error>| match error {
        None => Finding { subject, verdict: Verdict::Good, found: folder.display().to_string() },
        Some(error) => Finding {
            subject,
            verdict: Verdict::Bad("see \"Your own models\" in README.md for what such a folder holds"),
            found: format!("{error:#}"),
        },
    };
    let (cpu, one) = (tch::Device::Cpu, NonZeroUsize::MIN);
    let names = flags.ner_model.iter().map(|folder| finding("ner model", folder, models::names(flags, cpu, one).err()));
    let relations =
        flags.nli_model.iter().map(|folder| finding("nli model", folder, models::entailment(flags, cpu, one).err()));
    names.chain(relations).collect()
}
