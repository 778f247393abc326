# Shared by the scripts in scripts/ and .ci/: source it, do not run it.
# It moves to the root of the checkout, so every path below and in the scripts is relative to that.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# Debian puts nats-server where only root's PATH looks.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

swift_sources=(Package.swift Plugins Sources Tests Fuzz)

say() { printf '%s\n' "$*" >&2; }
die() {
    say "${0##*/}: $*"
    exit 1
}

# What compiling needs, and what the tests and scripts/cluster need on top, as Debian package names.
build_packages=(libnats-dev libhiredis-dev libssl-dev zlib1g-dev libjemalloc-dev pkg-config)
cluster_packages=("${build_packages[@]}" nats-server redis-server openssl haproxy curl)

# Judges a package by what it is needed for, so that a copy from elsewhere (Homebrew, source, nats.io) counts too.
is_present() {
    case $1 in
        libnats-dev) has_header nats/nats.h ;;
        libhiredis-dev) has_header hiredis/hiredis.h ;;
        libssl-dev) has_header openssl/ssl.h ;;
        testssl.sh) command -v testssl > /dev/null ;;
        zlib1g-dev) has_header zlib.h ;;
        libjemalloc-dev) [[ $(uname -s) != Linux ]] || has_header jemalloc/jemalloc.h ;;
        python3-venv) python3 -c 'import ensurepip' 2> /dev/null ;;
        *) command -v "$1" > /dev/null ;;
    esac
}
has_header() { compgen -G "/usr/include/$1" || compgen -G "/usr/local/include/$1" || compgen -G "/opt/homebrew/include/$1"; } > /dev/null

# require PACKAGE…: Swift itself, and those packages; installs the missing ones.
require() {
    command -v swift > /dev/null || die "Swift 6.2 or newer is not on the PATH: see https://www.swift.org/install/"

    local package missing=() as_root=()
    for package in "$@"; do is_present "$package" || missing+=("$package"); done
    ((${#missing[@]})) || return 0

    command -v apt-get > /dev/null ||
        die "missing: ${missing[*]} (Debian's names). This machine has no apt-get: install their equivalents" \
            "(Homebrew: brew install cnats hiredis openssl@3 zlib pkgconf nats-server redis) and run this again."
    if [[ $(id -u) != 0 ]]; then
        command -v sudo > /dev/null || die "missing: ${missing[*]}; install them as root (there is no sudo here)"
        as_root=(sudo)
    fi
    say "Installing ${missing[*]}"
    # A broken third-party source fails the update, though Debian's own packages may still be had.
    apt_get update -qq || say "apt-get update failed; trying the package lists at hand"
    apt_get install -y -qq --no-install-recommends "${missing[@]}" || die "could not install ${missing[*]}"
    for package in "${missing[@]}"; do is_present "$package" || die "$package is installed but was not found"; done
}
# Waits for another apt run to end (new machines upgrade themselves) instead of failing on its lock.
apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" < /dev/null >&2
}

# build: compiles both executables and sets `bin` to their directory. CHAT_BUILD=release for the optimised ones;
# the default is debug, which compiles in a fraction of the time and shares its work with the tests.
build() {
    local configuration=${CHAT_BUILD:-debug}
    swift build -c "$configuration" >&2 && bin=$(swift build -c "$configuration" --show-bin-path)
}

port_is_taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# free_port FIRST: the first port from there on that nobody listens on.
free_port() {
    local port=$1
    while port_is_taken "$port"; do ((++port)); done
    echo "$port"
}

# How to join a server on this machine, as a command to paste into another terminal.
# page_addresses HOST CONFIG: where a browser finds a server that listens on HOST, one a line. Without HOST the file's counts,
# and without that the server's default, which is every address. Then the first address that other machines in the network can
# use is among them.
page_addresses() {
    local host=$1 route=()
    if [[ -z $host && -r $2 ]]; then host=$(sed -n 's/.*"host"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' "$2"); fi
    case ${host:-0.0.0.0} in
        0.0.0.0 | :: | '[::]')
            echo localhost
            # The address from which this machine would send something; nothing is sent.
            if command -v ip > /dev/null; then
                read -ra route < <(ip -4 route get 192.0.2.1 2> /dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p') || true
            elif command -v ipconfig > /dev/null; then
                read -ra route < <(ipconfig getifaddr en0 2> /dev/null) || true
            fi
            if [[ ${route[0]:-} ]]; then echo "${route[0]}"; fi
            ;;
        *:*) echo "[${host//[\[\]]/}]" ;;
        127.0.0.1) echo localhost ;;
        *) echo "$host" ;;
    esac
}

join_command() { printf '%q -addr localhost:%s -username %s' "$bin/chat-client" "$1" "${2:-alice}"; }
