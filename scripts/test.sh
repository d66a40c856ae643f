#!/usr/bin/env bash
# Sets libtorch up if it is not there, then runs all tests. Arguments go to `cargo test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/libtorch.sh
# Documentation tests find a libtorch of the user's own through the library path alone.
if [[ -n ${LIBTORCH:-} ]]; then
  export LD_LIBRARY_PATH=${LIBTORCH_LIB:-$LIBTORCH}/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi
exec cargo test "$@"
