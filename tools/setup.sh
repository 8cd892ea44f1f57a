#!/bin/sh
# Makes .venv with uv in it and brings it to what uv.lock says: `tools/setup.sh run` for what
# `make run` needs, `tools/setup.sh dev` for the tests' tools too. Fails in one sentence.
set -eu
UV_VERSION=0.13.9
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH
export UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT="$PWD/.venv" PIP_DISABLE_PIP_VERSION_CHECK=1

fail() {
	printf '%s\n' "$1" >&2
	exit 1
}

# The machine's Python: `python3`, or a newer one that is installed beside it.
find_python() {
	for name in python3 python3.14 python3.13 python3.12 python3.11; do
		if "$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
			command -v "$name"
			return
		fi
	done
	if found=$(python3 --version 2>/dev/null); then
		fail "Ringback needs Python 3.11 or later and python3 is ${found#Python }; nothing was changed. Install a newer one (Debian: apt install python3.11 python3.11-venv; macOS: brew install python) and run make again."
	fi
	fail "There is no python3 here, and Ringback needs Python 3.11 or later; nothing was changed. Install it (Debian: apt install python3 python3-venv; macOS: brew install python) and run make again."
}

# A .venv whose Python is gone, or that was moved here from another folder, is made anew.
usable() {
	.venv/bin/python -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null &&
		[ "$(cat .venv/.place 2>/dev/null)" = "$PWD" ] && .venv/bin/uv --version >/dev/null 2>&1
}

make_venv() {
	python=$(find_python)
	"$python" -c 'import ensurepip, venv' 2>/dev/null ||
		fail "The Python at $python cannot make virtual environments (it has no ensurepip); nothing was changed. Install that part (Debian: apt install python3-venv) and run make again."
	echo "Making .venv with $("$python" --version) …"
	"$python" -m venv --clear .venv >setup.log.new 2>&1 || {
		reason=$(tail -n 1 setup.log.new)
		rm -f setup.log.new
		fail "The folder .venv could not be made in $PWD ($reason). Check that the folder is yours and the disk has 500 MB left, then run make again."
	}
	mv setup.log.new .venv/setup.log
	.venv/bin/python -m pip install --quiet --retries 1 "uv==$UV_VERSION" >>.venv/setup.log 2>&1 ||
		fail "uv could not be fetched from the package index; the reason is in .venv/setup.log. Check the network (or HTTPS_PROXY and PIP_INDEX_URL), then run make again."
	printf '%s\n' "$PWD" >.venv/.place
}

usable || make_venv
echo "Fetching the packages of uv.lock (the first time about 150 MB) …"
case $1 in run) groups=--no-dev ;; *) groups=--dev ;; esac
# --inexact: uv itself and the tests' tools stay. --compile-bytecode: or five processes compile the
# same packages side by side at the first start.
sync() {
	.venv/bin/uv sync --frozen --inexact --compile-bytecode --extra embedded "$groups" "$@" >.venv/setup.log 2>&1
}
# Where a proxy signs the pages anew, only the machine's own certificates know it.
sync || { grep -q 'invalid peer certificate' .venv/setup.log && sync --system-certs; } || {
	reason=$(grep -m 1 '^error' .venv/setup.log || tail -n 1 .venv/setup.log)
	fail "The packages could not be fetched ($reason). Check the network (or HTTPS_PROXY), then run make again; the whole text is in .venv/setup.log."
}
