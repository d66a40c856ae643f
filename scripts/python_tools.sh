#!/usr/bin/env bash
# Sets up a Python environment with PACKAGES once, in target/NAME-venv, and prints its folder. Needs Python 3 with
# venv and pip, and the network the first time.
#
# usage: scripts/python_tools.sh NAME PACKAGE...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=target/$1-venv
if [[ ! -e $tools/ready ]]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet "${@:2}" >&2
  touch "$tools/ready"
fi
echo "$tools"
