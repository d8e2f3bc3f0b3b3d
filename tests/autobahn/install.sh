#!/usr/bin/env bash
# Build the environment of the Autobahn suite: a venv with Twisted and wsaccel (wheels) beside
# three source packages that port.py makes run on Python 3. Does nothing if it is there already.
#   AB_HOME   where to put it      (default: target/autobahn of this repository)
#   PYTHON    interpreter          (default: python3; 3.9 or later)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${AB_HOME:-$here/../../target/autobahn}
python=${PYTHON:-python3}

# Any change to what is installed, or to the port, is a new stamp and a new environment.
stamp=$({ "$python" --version; cat "$here/port.py" "$here/requirements.txt" "$here/sources.txt"; } | cksum)
if [[ $(cat "$home/.stamp" 2>/dev/null) == "$stamp" ]]; then
    echo "already installed"
    exit 0
fi

mkdir -p "$home"
home=$(cd "$home" && pwd)
rm -rf "${home:?}"/{venv,src,lib,.stamp}
mkdir "$home/src"
"$python" -m venv "$home/venv"
pip=("$home/venv/bin/python" -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --only-binary :all: -r "$here/requirements.txt"

# pip runs each setup.py to read its metadata; old ones need an old setuptools. The constraint is
# named without its folder, because pip splits this variable at spaces.
cd "$home/src"
echo 'setuptools<70' >constraint.txt
while read -r sum name version; do
    PIP_CONSTRAINT=constraint.txt "${pip[@]}" download --no-deps --no-binary :all: "$name==$version"
    echo "$sum  $name-$version.tar.gz" | sha256sum -c --quiet -
    tar -xzf "$name-$version.tar.gz"
    declare "$name=$home/src/$name-$version"
done <"$here/sources.txt"

"$home/venv/bin/python" "$here/port.py" "${autobahntestsuite:?}" "${autobahn:?}" "$home/lib" >/dev/null
cp -R "${txaio:?}/txaio" "$home/lib/txaio"

# The suite is whole, and its masking is the compiled one: the interpreted one takes minutes.
count=$(PYTHONPATH=$home/lib "$home/venv/bin/python" -c '
import autobahntestsuite.fuzzing
from autobahntestsuite.case import Cases
from autobahn.websocket.xormasker import createXorMasker
assert createXorMasker.__module__.startswith("wsaccel"), "wsaccel is not in use"
print(len(Cases))')
[[ $count == 517 ]] || { echo "expected 517 cases, found $count" >&2; exit 1; }

cd "$home"
rm -rf "$home/src"
echo "$stamp" >"$home/.stamp"
echo "installed: $count cases"
