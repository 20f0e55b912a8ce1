# Sourced by .ci/run, tests/run and tests/demo: what this machine must have to build and test freemkv.
# Call from the root of the project.

# Debian's names of what the tests use, beside Rust. A test whose program is missing says so and is skipped.
PROGRAMS="gcc g++ libc6-dev gddrescue qemu-system-x86 qemu-utils busybox-static e2fsprogs xz-utils python3 ffmpeg mkvtoolnix libbluray-bin p7zip-full"

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" </dev/null >/dev/null
}

# Installs what is missing. Wants root on Debian.
install_programs() {
    apt-get -qq update </dev/null
    # shellcheck disable=SC2086 # a list of words
    apt_install $PROGRAMS
}

# Whether cargo is there and no older than Cargo.toml asks for.
rust_is_new_enough() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$(cargo --version 2>/dev/null | cut -d' ' -f2)
    [ -n "$have" ] && [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

# Makes sure of a Rust that builds freemkv. Arguments: Debian packages to add to it, when it comes from Debian.
need_rust() {
    if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
        PATH=$HOME/.cargo/bin:$PATH
    fi
    if rust_is_new_enough; then
        return
    fi
    if may_install; then
        echo "Installing Rust (Debian's rustc-web and cargo-web)"
        apt-get -qq update </dev/null
        apt_install rustc-web cargo-web libc6-dev ca-certificates "$@"
        # In front of an older one of rustup's.
        PATH=/usr/bin:$PATH
        hash -r
        if rust_is_new_enough; then
            return
        fi
    fi
    echo "freemkv needs Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer and a C linker." >&2
    echo "On Debian 12, as root: apt-get install rustc-web cargo-web; elsewhere: https://rustup.rs" >&2
    return 1
}

# Builds the program that runs on any x86-64 Linux, at $STATIC_BIN. Without --target, proc macros fail to build.
STATIC_BIN=$PWD/target/static/x86_64-unknown-linux-gnu/release/freemkv
build_static() {
    RUSTFLAGS="-C target-feature=+crt-static" \
        cargo build --locked --release --target x86_64-unknown-linux-gnu --target-dir target/static
}
