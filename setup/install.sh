#!/usr/bin/env bash
# Installs what Sohoa needs on Debian or Ubuntu: system packages that are missing, and a .venv from
# the hash-pinned requirements.lock; with the argument `run` without what only tests need. Quiet when there is nothing to do; safe to run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Without these nothing is read or stamped; the tools are for checking results, and for the tests.
needed=(tesseract-ocr tesseract-ocr-vie fonts-croscore ca-certificates)
tools=(poppler-utils qpdf mupdf-tools libnss3-tools softhsm2)
# Drives the desk's pages in the tests. Not needed to run; Ubuntu has it as a snap alone.
browser=chromium
stamp=.venv/.sohoa-setup

say() { printf '%s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }

missing() {
    local package
    for package in "$@"; do
        installed "$package" || printf '%s ' "$package"
    done
}

# Runs a long command in silence; its words are shown when it fails.
quietly() {
    local words
    words=$(mktemp)
    if "$@" >"$words" 2>&1; then
        rm -f "$words"
        return 0
    fi
    tail -n 25 "$words" >&2
    rm -f "$words"
    return 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif [ -t 0 ]; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

can_be_root() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

lists_read=
# apt_install PACKAGE...: 0 when all are there afterwards.
apt_install() {
    if ! command -v apt-get >/dev/null; then
        say "This is no Debian or Ubuntu (no apt-get). Install with your own package manager what" \
            "these Debian packages hold, then run again: $*"
        return 1
    fi
    if ! can_be_root; then
        say "System packages are missing and there is no sudo here. Ask an administrator to run:" \
            "apt-get install $*"
        return 1
    fi
    if [ -z "$lists_read" ]; then
        lists_read=yes
        if [ "$(id -u)" -ne 0 ] && [ -t 0 ]; then
            sudo true || { say "sudo was refused. Ask an administrator to run: apt-get install $*"; return 1; }
        fi
        say "Reading the system's package lists ..."
        quietly as_root apt-get update -qq || say "Some package lists could not be read; going on."
    fi
    say "Installing system packages: $*"
    quietly as_root apt-get install -y -qq --no-install-recommends "$@" || {
        say "The system packages could not be installed. See the lines above; with the network up and" \
            "enough rights, run: apt-get install $*"
        return 1
    }
}

system_packages() {
    local lacking
    command -v dpkg-query >/dev/null || { without_dpkg; return; }
    lacking=$(missing "${needed[@]}" "${tools[@]}")
    [ -n "$lacking" ] || return 0
    # shellcheck disable=SC2086 # names of packages, parted by spaces
    apt_install $lacking || true
    lacking=$(missing "${needed[@]}")
    [ -z "$lacking" ] || stop "Sohoa cannot work without: $lacking"
}

browser_for_tests() {
    command -v dpkg-query >/dev/null && [ -n "$(missing "$browser")" ] || return 0
    apt-cache show "$browser" >/dev/null 2>&1 || return 0
    apt_install "$browser" || true
}

without_dpkg() {
    tesseract --list-langs 2>/dev/null | grep -qx vie ||
        stop "Tesseract with its Vietnamese data (vie) is missing. Install it with your package" \
            "manager, with the fonts of Debian's fonts-croscore, then run again."
}

# The first Python from 3.11 to 3.13 that can make a virtual environment with pip in it.
find_python() {
    local name
    for name in python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
            >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

choose_python() {
    local package
    find_python && return 0
    for package in python3 python3.13 python3.12 python3.11; do
        if [ "$package" != python3 ] && ! apt-cache show "$package-venv" >/dev/null 2>&1; then
            continue
        fi
        apt_install "$package" "$package-venv" >&2 || break
        find_python && return 0
    done
    stop "Python 3.11, 3.12 or 3.13 with venv is needed and this system offers none. Install one," \
        "for example with pyenv, so that 'python3.12 -m venv' works, then run again."
}

fingerprint() { { pwd && cat requirements.lock pyproject.toml setup/install.sh; } | sha256sum | cut -d' ' -f1; }

works() { .venv/bin/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; }

pip() {
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 PIP_USER=0 \
        .venv/bin/python -m pip "$@"
}

environment() {
    local wanted python
    wanted=$(fingerprint)
    if works && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && [ -x .venv/bin/sohoa ]; then
        return 0
    fi
    if ! works || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        python=$(choose_python)
        say "Making .venv with $("$python" --version) ..."
        rm -rf .venv
        quietly "$python" -m venv .venv || stop "The virtual environment could not be made; see above."
    fi
    rm -f "$stamp"
    say "Installing the Python packages of requirements.lock (some minutes the first time) ..."
    # the lock names all of them: pip resolves nothing anew
    quietly pip install -q --no-deps --require-hashes -r requirements.lock ||
        stop "The Python packages could not be installed. Check the network, and pip's configuration" \
            "when a mirror is used, then run again: it goes on where it stopped."
    quietly pip install -q --no-deps --no-build-isolation -e . ||
        stop "Sohoa itself could not be installed into .venv; see the lines above."
    printf '%s\n' "$wanted" >"$stamp"
}

# Bytecode beside the source, as pip makes it of packages: where nothing may write it later
# (PYTHONDONTWRITEBYTECODE, a service account), every process would compile all it imports anew.
# Without it everything works, too.
bytecode() {
    .venv/bin/python -m compileall -q flows ocr portal schemas signing sohoa storage training usecases \
        >/dev/null 2>&1 || true
}

system_packages
[ "${1:-}" = run ] || browser_for_tests
environment
bytecode
