//! Tells the linker where libtorch lies at run time, so that programs and tests find it with no
//! environment set by hand, and says what is wrong when it would not work.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    for name in ["LIBTORCH", "LIBTORCH_LIB", "LIBTORCH_INCLUDE", "LIBTORCH_CXX11_ABI", "LIBTORCH_USE_PYTORCH"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    match libtorch().and_then(|lib| check(&lib).map(|abi| (lib, abi))) {
        Ok((lib, abi)) => {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
            println!("cargo:rustc-env=DEMARCHE_LIBTORCH_VERSION={}", version(&lib));
            println!("cargo:rustc-env=DEMARCHE_LIBTORCH_LIB={}", lib.display());
            println!("cargo:rustc-env=DEMARCHE_CXX11_ABI={abi}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of libtorch's shared libraries, found as torch-sys finds it.
fn libtorch() -> Result<PathBuf, String> {
    if env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        let python = if env::var_os("VIRTUAL_ENV").is_some() { "python" } else { "python3" };
        let script = "import os, torch; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))";
        let output = Command::new(python)
            .args(["-c", script])
            .output()
            .map_err(|e| format!("LIBTORCH_USE_PYTORCH is set, but {python} cannot be run: {e}"))?;
        let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        return match found.is_empty() {
            true => Err(format!(
                "LIBTORCH_USE_PYTORCH is set, but {python} cannot import torch; install it or unset the variable"
            )),
            false => Ok(PathBuf::from(found)),
        };
    }
    let root = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH"));
    root.map(|root| Path::new(&root).join("lib")).ok_or_else(|| {
        "LIBTORCH is not set; build in the folder of the repository, whose .cargo/config.toml sets it".to_owned()
    })
}

/// The version that the headers name.
fn version(lib: &Path) -> String {
    let include = env::var_os("LIBTORCH_INCLUDE").map_or_else(|| lib.join(".."), PathBuf::from).join("include");
    let header = std::fs::read_to_string(include.join("torch/csrc/api/include/torch/version.h")).unwrap_or_default();
    let quoted = header.split("#define TORCH_VERSION \\").nth(1).and_then(|rest| rest.split('"').nth(1));
    quoted.unwrap_or("of unknown version").to_owned()
}

/// Whether the libraries are there and have the C++ ABI that torch-sys compiles against; which it is, where there are
/// two.
fn check(lib: &Path) -> Result<&'static str, String> {
    if !lib.is_dir() {
        return Err(format!(
            "there is no libtorch in {}; run scripts/libtorch.sh, or set LIBTORCH to a libtorch 2.4 that you have",
            lib.display()
        ));
    }
    let c10 = lib.join("libc10.so");
    println!("cargo:rerun-if-changed={}", c10.display());
    // Only Linux has two ABIs; torch-sys asks PyTorch itself when it is told to use it.
    if !c10.exists() || env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        return Ok("");
    }
    let library = std::fs::read(&c10).map_err(|e| format!("cannot read {}: {e}", c10.display()))?;
    let symbol = b"ErrorC1ENS_14SourceLocationENSt7__cxx11";
    let found = if library.windows(symbol.len()).any(|w| w == symbol) { "1" } else { "0" };
    let assumed = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".to_owned());
    if found == assumed {
        return Ok(found);
    }
    Err(format!(
        "the libtorch in {} was built with another C++ ABI than LIBTORCH_CXX11_ABI={assumed} says; export LIBTORCH_CXX11_ABI={found}",
        lib.display()
    ))
}
