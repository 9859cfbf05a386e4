#!/bin/sh
# Finds Python 3.13 and lets bootstrap.py make .tools/ with it: the tox that the
# Makefile calls. Needs nothing but a POSIX shell and some python3.13.
set -eu
cd "$(dirname "$0")/../.."

case $(uname -s) in
Linux) ;;
Darwin) echo "macOS: LocalStack runs in a container here; start a Docker engine." >&2 ;;
*)
    echo "This runs on Linux (WSL 2 too), and on macOS with a Docker engine." >&2
    exit 1
    ;;
esac

is_313() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
}

for python in "${HARNESS_PYTHON:-}" python3.13 python3 \
    "$(uv python find --no-python-downloads 3.13 2>/dev/null || true)" \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python \
    "$HOME"/.local/share/uv/python/cpython-3.13*/bin/python3.13 \
    /opt/homebrew/bin/python3.13 /usr/local/bin/python3.13; do
    if [ -n "$python" ] && is_313 "$python"; then
        exec "$python" tests/requirements/bootstrap.py
    fi
done

cat >&2 <<'TEXT'
Python 3.13 was not found; the refund functions run on it and so do their tests.
Install it in one of these ways and run the command again:
  pyenv:   PYTHON_CONFIGURE_OPTS="--enable-optimizations --with-lto" pyenv install 3.13
           (without the options it is there sooner, and runs tests a fifth slower)
  uv:      uv python install 3.13
  Debian:  apt-get install python3.13 python3.13-venv   (Debian 13, Ubuntu 25.04 on)
  macOS:   brew install python@3.13
Or name one: HARNESS_PYTHON=/path/to/python3.13 make ...
TEXT
exit 1
