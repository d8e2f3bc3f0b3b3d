#!/usr/bin/env bash
# Build the environment of the clients that we did not write. Does nothing if it is there already.
#   install.sh python|node|browser
#   INTEROP_HOME   where to put it              (default: target/interop of this repository)
#   PYTHON         interpreter of the python one (default: python3; 3.11 or later)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${INTEROP_HOME:-$here/../../target/interop}/${1-}
python=${PYTHON:-python3}

case ${1-} in
    python) wanted=$("$python" --version; cat "$here/python/requirements.txt") ;;
    node) package=$here/node/package.json wanted=$(cat "$package") ;;
    browser) package=$here/../browser/package.json wanted=$(cat "$package") ;;
    *) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac

if [[ $(cat "$home/.installed" 2>/dev/null) == "$wanted" ]]; then
    echo "already installed"
    exit 0
fi
rm -rf "$home"
mkdir -p "$home"

case $1 in
    python)
        "$python" -m venv "$home"
        "$home/bin/python" -m pip --disable-pip-version-check --quiet install -r "$here/python/requirements.txt"
        ;;
    *)
        # There is one dependency and it has none of its own, so the exact version in package.json
        # says all that a lock would.
        cp "$package" "$home"
        npm --prefix "$home" install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
        ;;
esac

echo "$wanted" >"$home/.installed"
echo "installed"
