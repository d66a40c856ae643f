#!/usr/bin/env bash
# Sets up a Python environment with PACKAGES once, in target/NAME-venv, and prints its folder. Needs Python 3 with
# venv and pip, and the network the first time and when PACKAGES change.
#
# usage: scripts/python_tools.sh NAME PACKAGE...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=target/$1-venv
if [[ ! -e $tools/ready || $(<"$tools/ready") != "${*:2}" ]]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet "${@:2}" >&2
  echo "${*:2}" >"$tools/ready"
fi
echo "$tools"
