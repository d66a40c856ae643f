//! What the processor can do.

use std::fs;

/// Features of the first processor, where the system tells them.
pub fn features() -> Vec<String> {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = info.lines().find(|line| line.starts_with("flags") || line.starts_with("Features"));
    let flags = flags.and_then(|line| line.split_once(':')).map_or("", |(_, flags)| flags);
    flags.split_whitespace().map(str::to_owned).collect()
}

/// Whether libtorch multiplies matrices faster in bf16 than in fp32 here.
pub fn is_fast_in_bf16() -> bool {
    features().iter().any(|feature| feature == "avx512_bf16" || feature == "amx_bf16")
}
