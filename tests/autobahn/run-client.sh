#!/usr/bin/env bash
# run-client.sh [OPTION..] -- COMMAND [ARG..]        test a WebSocket client
#   Starts a fuzzing server on 127.0.0.1 and runs COMMAND with AB_URL, AB_PORT and
#   AB_AGENT set; see abrun.py for what COMMAND has to do. Options: --help.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${AB_HOME:-$here/../../target/autobahn}
[[ -e $home/.stamp ]] || { echo "run install.sh first" >&2; exit 2; }
AB_LIB=$home/lib exec "$home/venv/bin/python" "$here/abrun.py" client "$@"
