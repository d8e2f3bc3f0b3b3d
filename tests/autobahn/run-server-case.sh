#!/usr/bin/env bash
# run-server-case.sh PORT|URL [CASES] [OPTION..]     test a WebSocket echo server
#   CASES: comma list of core (1-7, 10), limits (9), deflate (12, 13), all,
#          or patterns such as 6.*,7.1.6 (default: all)
# Options: run with PORT --help. Prints a line per group, last line
# "N passed, N failed"; exit 0 if nothing failed, 1 if something did, 2 on error.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${AB_HOME:-$here/../../target/autobahn}
[[ $# -ge 1 ]] || { sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[[ -e $home/.stamp ]] || { echo "run install.sh first" >&2; exit 2; }

target=$1
shift
cases=all
if [[ ${1:--} != -* ]]; then
    cases=$1
    shift
fi
AB_LIB=$home/lib exec "$home/venv/bin/python" "$here/abrun.py" server "$target" --cases "$cases" "$@"
