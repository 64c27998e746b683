# Functions shared by the scripts of this folder. Source it; it does nothing by itself but set paths.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${BELLBIRD_CACHE:-$HOME/.cache/bellbird}
DOWNLOADS=$CACHE/downloads
MODELS=$CACHE/models
STAMPS=$CACHE/stamps
NODE_VERSION=20.20.2
RUST_VERSION=1.95.0
RUSTUP_VERSION=1.28.2
RUSTUP_SHA256=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c

export BELLBIRD_CACHE=$CACHE
export BELLBIRD_MODELS=${BELLBIRD_MODELS:-$MODELS}
export CARGO_TARGET_DIR=$CACHE/target
export PATH=$HOME/.cargo/bin:$CACHE/node/bin:$PATH

mkdir -p "$DOWNLOADS" "$MODELS" "$STAMPS"

say() { printf 'bellbird: %s\n' "$*" >&2; }

die() {
    printf 'bellbird: %s\n' "$*" >&2
    exit 1
}

# step TITLE COMMAND…: a long step, quiet unless it fails; shows that it lives and how long it took.
step() {
    local title=$1 log started shown
    shift
    log=$(mktemp "$CACHE/step.XXXXXX")
    started=$SECONDS
    shown=0
    say "$title …"
    "$@" >"$log" 2>&1 &
    local child=$!
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - started >= shown + 15)); then
            shown=$((SECONDS - started))
            say "$title … ${shown} s: $(tail -n 1 "$log" | tr -d '\r' | cut -c 1-90)"
        fi
    done
    if wait "$child"; then
        rm -f "$log"
        say "$title: done in $((SECONDS - started)) s"
    else
        tail -n 40 "$log" >&2
        rm -f "$log"
        die "$title: failed"
    fi
}

sha256() { sha256sum "$1" | cut -d ' ' -f 1; }

# check_sha FILE SHA256
check_sha() {
    local got
    got=$(sha256 "$1")
    [ "$got" = "$2" ] || die "$1 has SHA-256 $got but $2 is expected. Delete the file and run script/setup again."
}

# fetch URL SHA256 FILE: downloads once, checks, and only then gives the file its name.
fetch() {
    [ -f "$3" ] && return
    say "fetching ${1##*/}"
    curl --proto '=https' --tlsv1.2 -fsSL --retry 3 -o "$3.part" "$1" || die "cannot fetch $1: is the network reachable?"
    check_sha "$3.part" "$2"
    mv "$3.part" "$3"
}

# fetch_wheel NAME VERSION SHA256 FILE: the same through PyPI; FILE is a name in the downloads folder.
fetch_wheel() {
    local target=$DOWNLOADS/$4 folder
    [ -f "$target" ] && return
    say "fetching $1 $2"
    folder=$(mktemp -d "$DOWNLOADS/part.XXXXXX")
    "$CACHE/python/bin/python" -m pip download -q --no-deps --only-binary=:all: --python-version 3.11 \
        --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 -d "$folder" "$1==$2" ||
        die "cannot fetch $1 $2 from PyPI: is the network reachable?"
    check_sha "$folder/$4" "$3"
    mv "$folder/$4" "$target"
    rmdir "$folder"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# need_apt PACKAGE…: installs what is missing, with one retry after a fresh package list.
need_apt() {
    local missing=() package
    for package in "$@"; do
        [ -e "/var/lib/dpkg/info/$package.list" ] || [ -e "/var/lib/dpkg/info/$package:amd64.list" ] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    step "installing Debian packages: ${missing[*]}" apt_install "${missing[@]}"
}

apt_install() {
    local i
    for i in 1 2; do
        as_root apt-get update -q || continue
        # In this run level no server that comes with a package is started.
        as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "$@" && return
        sleep $((i * 3))
    done
    return 1
}

# Tests start a server of their own in a folder of their own: of Postgres they need the programs alone.
need_postgres() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || need_apt postgresql
}

need_rust() {
    command -v cargo >/dev/null && return
    need_apt curl ca-certificates
    local init=$DOWNLOADS/rustup-init-$RUSTUP_VERSION
    fetch "https://static.rust-lang.org/rustup/archive/$RUSTUP_VERSION/x86_64-unknown-linux-gnu/rustup-init" "$RUSTUP_SHA256" "$init"
    chmod +x "$init"
    step "installing Rust $RUST_VERSION" "$init" -y -q --no-modify-path --profile minimal -c clippy -c rustfmt \
        --default-toolchain "$RUST_VERSION"
}

# Node from nodejs.org into the cache: Debian 12 carries an older one than the portal's build needs.
need_node() {
    local major
    major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
    if [ "${major:-0}" -lt 20 ]; then
        need_apt curl ca-certificates xz-utils
        step "installing Node $NODE_VERSION" install_node
    fi
    # npm 10 cannot install the portal's packages.
    if [ ! -e "$STAMPS/npm" ]; then
        major=$(npm --version | cut -d . -f 1)
        [ "$major" -ge 11 ] || step "updating npm" npm install -g --prefix "$CACHE/node" npm@11.19.1
        touch "$STAMPS/npm"
    fi
}

install_node() {
    local name=node-v$NODE_VERSION-linux-x64 base=https://nodejs.org/dist/v$NODE_VERSION sum
    sum=$(curl --proto '=https' -fsSL --retry 3 "$base/SHASUMS256.txt" | awk -v file="$name.tar.xz" '$2 == file {print $1}')
    [ -n "$sum" ] || die "nodejs.org does not list $name.tar.xz"
    fetch "$base/$name.tar.xz" "$sum" "$DOWNLOADS/$name.tar.xz"
    rm -rf "$CACHE/node.part"
    mkdir -p "$CACHE/node.part"
    tar -xJf "$DOWNLOADS/$name.tar.xz" -C "$CACHE/node.part" --strip-components 1
    rm -rf "$CACHE/node"
    mv "$CACHE/node.part" "$CACHE/node"
}

# The recognition library is built for this machine's processor. A cache that moved to another
# processor keeps everything but that one library.
need_native_build() {
    local now stamp=$STAMPS/cpu
    now=$(grep -m 1 '^flags' /proc/cpuinfo | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" != "$now" ] && [ -d "$CARGO_TARGET_DIR" ]; then
        say "the processor changed: whisper will be compiled again"
        (cd "$ROOT" && cargo clean -q -p whisper-rs-sys)
    fi
    printf '%s\n' "$now" >"$stamp"
}
