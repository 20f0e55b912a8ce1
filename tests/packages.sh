#!/usr/bin/env bash
# Tries each way to get freemkv that docs/install.md tells, on machines as bare as they can be had here. Root, Debian, network;
# a quarter of an hour. Not a part of tests/run.
#   tests/packages.sh [cargo|deb|container|static ...]   all four by default
# FREEMKV_STATIC_BIN names a static program that is there already; FREEMKV_BARE_DEBIAN a folder with a fresh debootstrap.
# Needs cargo-deb for deb (cargo install cargo-deb --locked), debootstrap, and buildah or podman for container.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/support/machine.sh
report tests/packages.sh
need_rust

WORK=$(mktemp -d)
FILM=$PWD/tests/discs/film.iso

# The static program, where Containerfile takes it from.
static_program() {
    if [ -n "${FREEMKV_STATIC_BIN-}" ] && [ "$FREEMKV_STATIC_BIN" != "$STATIC_BIN" ]; then
        install -D "$FREEMKV_STATIC_BIN" "$STATIC_BIN"
    elif [ -z "${FREEMKV_STATIC_BIN-}" ]; then
        build_static
    fi
}

# in_chroot COMMAND...: in the bare machine.
in_chroot() {
    chroot "$WORK/bare" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}

# The program by itself, with a person's own folder for cargo that has nothing in it yet.
try_cargo() {
    CARGO_HOME=$WORK/cargo-home CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target} cargo install --path . --locked --root "$WORK/installed"
    "$WORK/installed/bin/freemkv" --version
    "$WORK/installed/bin/freemkv" info "$FILM" | head -n 1
    "$WORK/installed/bin/freemkv" man "$WORK/installed/man1"
    [ -s "$WORK/installed/man1/freemkv-sweep.1" ]
}

# The package, in a Debian that has nothing but what every Debian has.
try_deb() {
    if ! has cargo-deb || ! has debootstrap; then
        skip "deb" "cargo-deb or debootstrap is not installed"
        return
    fi
    local deb
    cargo deb --locked --output "$WORK/"
    deb=$(echo "$WORK"/freemkv_*.deb)
    dpkg-deb --info "$deb"
    dpkg-deb --contents "$deb" | awk '{ print $1, $3, $6 }'
    if has lintian; then
        # A glance: what it says is for a person.
        lintian --no-tag-display-limit "$deb" || true
    fi
    if [ -d "${FREEMKV_BARE_DEBIAN-}" ]; then
        cp -a "$FREEMKV_BARE_DEBIAN" "$WORK/bare"
    else
        debootstrap --variant=minbase bookworm "$WORK/bare" >"$WORK/debootstrap.log"
    fi
    cp "$deb" "$FILM" "$WORK/bare/root/"
    # As `apt install` does, which scripts should not call.
    in_chroot apt-get install -qq -y --no-install-recommends "/root/$(basename "$deb")"
    in_chroot freemkv --version
    in_chroot bash -c 'source /usr/share/bash-completion/completions/freemkv; complete -p freemkv'
    in_chroot freemkv info /root/film.iso | head -n 1
    in_chroot freemkv mux -q /root/film.iso /root/film.mkv
    [ -s "$WORK/bare/usr/share/man/man1/freemkv-sweep.1.gz" ]
    [ -s "$WORK/bare/usr/share/bash-completion/completions/freemkv" ]
    [ -s "$WORK/bare/usr/share/zsh/vendor-completions/_freemkv" ]
    [ -s "$WORK/bare/usr/share/fish/vendor_completions.d/freemkv.fish" ]
    [ -s "$WORK/bare/usr/share/doc/freemkv/copyright" ]
    in_chroot apt-get remove -qq -y freemkv
    [ -z "$(find "$WORK/bare/usr" -name '*freemkv*')" ]
}

# The container: built, and run with an image and with what lies in a folder.
try_container() {
    local tool
    tool=$(command -v podman || command -v buildah || true)
    static_program
    mkdir -p "$WORK/data"
    cp "$FILM" "$WORK/data/"
    if [ -z "$tool" ]; then
        skip "container" "neither podman nor buildah is installed"
        return
    fi
    if [ "${tool##*/}" = podman ]; then
        podman build -t freemkv .
        podman run --rm freemkv --version
        podman run --rm -v "$WORK/data:/data" freemkv mux -q film.iso film.mkv
    else
        # Without the network and the mounts that a machine inside a machine may lack.
        export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
        buildah --root "$WORK/store" --runroot "$WORK/run" build -t freemkv .
        local container
        container=$(buildah --root "$WORK/store" --runroot "$WORK/run" from localhost/freemkv)
        buildah --root "$WORK/store" --runroot "$WORK/run" run "$container" -- /freemkv --version
        buildah --root "$WORK/store" --runroot "$WORK/run" run -v "$WORK/data:/data" "$container" -- /freemkv mux -q film.iso film.mkv
    fi
    [ -s "$WORK/data/film.mkv" ]
}

# The static program alone in an empty root: no libraries, no /proc, no /dev, no user.
try_static() {
    static_program
    mkdir -p "$WORK/empty/data"
    cp "$STATIC_BIN" "$WORK/empty/freemkv"
    cp "$FILM" "$WORK/empty/data/"
    chroot "$WORK/empty" /freemkv --version
    chroot "$WORK/empty" /freemkv info /data/film.iso | head -n 1
    chroot "$WORK/empty" /freemkv sweep -q emu:/data/film.iso,profile=bd /data/copy.iso
    chroot "$WORK/empty" /freemkv mux -q /data/copy.iso /data/film.mkv
    cmp "$WORK/empty/data/film.iso" "$WORK/empty/data/copy.iso"
    [ -s "$WORK/empty/data/film.mkv" ]
}

[ $# -gt 0 ] || set -- static container cargo deb
for way; do
    stage "$way" "try_$way"
done
rm -rf "$WORK"
