#!/usr/bin/env bash
# Gets libtorch 2.4.1 into .libtorch/torch, where `.cargo/config.toml` and `build.rs` look for it.
#
# It comes out of the torch wheel, through pip: on x86-64 Linux only the CPU libraries are kept, with
# the two small CUDA libraries that they are linked against. A second run finds everything in place
# and downloads nothing. If LIBTORCH (or LIBTORCH_USE_PYTORCH) is set, that libtorch is used, with
# CUDA if it has it, and nothing is downloaded.
#
# usage: scripts/libtorch.sh           set libtorch up
#        scripts/libtorch.sh --remove  remove what a run has set up
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VERSION=2.4.1
HOME_DIR=.libtorch

say() { echo "libtorch: $*" >&2; }
die() { say "error: $1"; shift; for line in "$@"; do say "  $line"; done; exit 2; }

# The C++ ABI that a libtorch was built with: 1 for std::__cxx11::string, 0 for the older one.
abi_of() {
  if LC_ALL=C grep -aq 'ErrorC1ENS_14SourceLocationENSt7__cxx11' "$1/libc10.so"; then echo 1; else echo 0; fi
}

if [[ ${1:-} == --remove ]]; then
  rm -rf "$HOME_DIR"
  say "removed $HOME_DIR"
  exit 0
elif [[ $# -gt 0 ]]; then
  die "unknown argument $1" "usage: scripts/libtorch.sh [--remove]"
fi

if [[ -n ${LIBTORCH_USE_PYTORCH:-} ]]; then
  say "LIBTORCH_USE_PYTORCH is set: using the libtorch of the torch package that python3 imports"
  exit 0
fi

if [[ -n ${LIBTORCH:-} ]]; then
  lib=${LIBTORCH_LIB:-$LIBTORCH}/lib
  [[ -d $lib ]] || die "LIBTORCH is $LIBTORCH, but there is no folder $lib" \
    "set LIBTORCH to a folder with include/ and lib/, or unset it to have libtorch $VERSION downloaded"
  if [[ -e $lib/libc10.so && ${LIBTORCH_CXX11_ABI:-0} != "$(abi_of "$lib")" ]]; then
    die "$LIBTORCH was built with another C++ ABI than the build would assume" "export LIBTORCH_CXX11_ABI=$(abi_of "$lib")"
  fi
  say "using LIBTORCH=$LIBTORCH"
  exit 0
fi

# Wheels as name==version sha256 platform, and the files to keep of them (shell patterns).
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64)
    wheels=(
      "torch==$VERSION 0b5f88afdfa05a335d80351e3cea57d38e578c8689f751d35e0ff36bce872113 manylinux1_x86_64"
      "nvidia-cuda-cupti-cu12==12.1.105 e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e manylinux1_x86_64"
      "nvidia-cuda-runtime-cu12==12.1.105 6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40 manylinux1_x86_64"
    )
    keep=('torch/include/*' 'torch/lib/libc10.so' 'torch/lib/libtorch_cpu.so' 'torch/lib/libgomp-*.so.1'
      'nvidia/*/lib/libcupti.so.12' 'nvidia/*/lib/libcudart.so.12')
    megabytes=1500 ;;
  Linux-aarch64)
    wheels=("torch==$VERSION ef503165f2341942bfdf2bd520152f19540d0c0e34961232f134dc59ad435be8 manylinux2014_aarch64")
    keep=('torch/include/*' 'torch/lib/*' 'torch.libs/*')
    megabytes=500 ;;
  Darwin-arm64)
    wheels=("torch==$VERSION ddddbd8b066e743934a4200b3d54267a46db02106876d21cf31f7da7a96f98ea macosx_11_0_arm64")
    keep=('torch/include/*' 'torch/lib/*')
    megabytes=500 ;;
  *) die "there is no torch $VERSION wheel for $(uname -s) on $(uname -m)" \
    "get a libtorch 2.4 for it and set LIBTORCH to its folder (the one with include/ and lib/)" ;;
esac

# What a finished set-up holds is listed in it, file by file with sizes, so that a damaged one is noticed.
complete() {
  local size path
  [[ -s $HOME_DIR/torch/files.txt ]] || return 1
  while read -r size path; do
    [[ -f $HOME_DIR/$path && $(wc -c <"$HOME_DIR/$path") -eq $size ]] || return 1
  done <"$HOME_DIR/torch/files.txt"
}

if complete; then
  say "libtorch $VERSION is in $HOME_DIR/torch"
  exit 0
fi

python=${PYTHON:-python3}
command -v "$python" >/dev/null || die "$python not found" "install Python 3 with pip, or set PYTHON to one"
"$python" -m pip --version >/dev/null 2>&1 || die "$python has no pip" \
  "install it (Debian and Ubuntu: apt-get install python3-pip; elsewhere: $python -m ensurepip)"
mkdir -p "$HOME_DIR" || die "cannot write to $PWD"
free=$(df -Pm "$HOME_DIR" | awk 'NR == 2 { print $4 }')
[[ $free -ge $megabytes ]] || die "$free MB are free in $PWD, but the set-up needs $megabytes MB (it keeps about a third)" \
  "make room, or set LIBTORCH to a libtorch that you have"

new=$(mktemp -d "$HOME_DIR/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT TERM

for wheel in "${wheels[@]}"; do
  read -r requirement hash platform <<<"$wheel"
  say "downloading $requirement for $platform"
  echo "$requirement --hash=sha256:$hash" >"$new/requirement.txt"
  # The Python that runs may be newer than every wheel of this torch, so the wheel's own is asked for.
  # pip compares the hash and refuses a wheel that differs. Its temporary files stay on this disk.
  TMPDIR=$PWD/$new "$python" -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: \
    --python-version 3.11 --implementation cp --platform "$platform" \
    --require-hashes --requirement "$new/requirement.txt" --dest "$new" >&2 ||
    die "pip could not download $requirement (its message is above)" \
      "check the network and pip's settings, then run scripts/libtorch.sh again; or set LIBTORCH to a libtorch 2.4 that you have"
done

"$python" - "$new" "${keep[@]}" <<'PYTHON' || die "the wheels could not be unpacked (the message is above)"
import fnmatch, glob, os, shutil, sys, zipfile

root, keep = sys.argv[1], sys.argv[2:]
kept = []
for wheel in sorted(glob.glob(os.path.join(root, "*.whl"))):
    with zipfile.ZipFile(wheel) as z:
        for item in z.infolist():
            name = item.filename
            if name.endswith("/") or not any(fnmatch.fnmatch(name, pattern) for pattern in keep):
                continue
            # The CUDA libraries go beside those that need them.
            path = "torch/lib/" + os.path.basename(name) if name.startswith("nvidia/") else name
            target = os.path.join(root, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with z.open(item) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            kept.append((item.file_size, path))
    os.remove(wheel)
lib = os.path.join(root, "torch", "lib")
# The linker asks for libtorch, which is a library of its own only where the wheel has one that needs no CUDA.
if not any(os.path.exists(os.path.join(lib, name)) for name in ("libtorch.so", "libtorch.dylib")):
    os.symlink("libtorch_cpu.so", os.path.join(lib, "libtorch.so"))
with open(os.path.join(root, "torch", "files.txt"), "w") as out:
    out.writelines(f"{size} {path}\n" for size, path in sorted(kept, key=lambda f: f[1]) if "/include/" not in path)
PYTHON

# Only whole folders come to their place, the one that tells that all is done last.
rm -rf "$HOME_DIR/torch" "$HOME_DIR/torch.libs"
[[ ! -d $new/torch.libs ]] || mv "$new/torch.libs" "$HOME_DIR/torch.libs"
mv "$new/torch" "$HOME_DIR/torch"
complete || die "the set-up in $HOME_DIR is not whole" "run scripts/libtorch.sh --remove, then scripts/libtorch.sh again"
say "libtorch $VERSION is in $HOME_DIR/torch"
