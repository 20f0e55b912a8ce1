# Sourced by .ci/run, tests/run, tests/long.sh and tests/demo: what a machine must have to build and test freemkv, and how these
# commands say what they do. Source it from the root of the project, in a shell with errexit and pipefail.

# What the tests call, beside Rust, and the Debian package that brings it. A test whose program is missing is skipped.
PROGRAMS="cc:gcc c++:g++ libc:libc6-dev ddrescue:gddrescue ddrescuelog:gddrescue mkudffs:udftools qemu-system-x86_64:qemu-system-x86
busybox:busybox-static losetup:mount fincore:util-linux mkfs.ext4:e2fsprogs mkfs.vfat:dosfstools xz:xz-utils
python3:python3 zsh:zsh fish:fish ffmpeg:ffmpeg ffprobe:ffmpeg mkvmerge:mkvtoolnix mkvinfo:mkvtoolnix mkvextract:mkvtoolnix
bd_list_titles:libbluray-bin bd_splice:libbluray-bin 7z:p7zip-full genisoimage:genisoimage mediaconch:mediaconch
qemu-img:qemu-utils qemu-io:qemu-utils qemu-storage-daemon:qemu-system-common mkfs.xfs:xfsprogs mkfs.btrfs:btrfs-progs
pkg-config:pkg-config fuse3:libfuse3-dev"

# Where mkfs and losetup lie; a person's PATH may leave them out.
PATH=$PATH:/usr/sbin:/sbin

# with_signals SCRIPT ARGUMENT...: runs the script anew where whoever started it may have had signals ignored (nohup, a shell
# that puts a job into the background): that is inherited, and tests send signals.
with_signals() {
    [ -n "${FREEMKV_SIGNALS-}" ] || FREEMKV_SIGNALS=default exec env --default-signal=HUP,INT,QUIT,TERM "$@"
}

# report NAME: however the script ends, its last line says how long each stage took, what was skipped, and why.
report() {
    REPORT=$1 STAGES='' STAGE='' OWN_LIST=''
    # A script that another one runs adds to its list. The tests add to it as well (src/base/testing.rs).
    if [ -z "${FREEMKV_SKIPPED-}" ]; then
        OWN_LIST=yes
        mkdir -p target
        export FREEMKV_SKIPPED=$PWD/target/skipped
        : >"$FREEMKV_SKIPPED"
    fi
    trap last_line EXIT
}

# stage NAME COMMAND...: says what is done and how long it took.
stage() {
    local start=$SECONDS
    STAGE=$1
    shift
    echo "== $STAGE"
    "$@"
    echo "== $STAGE: $((SECONDS - start)) s"
    STAGES+="$STAGE $((SECONDS - start)) s, "
    STAGE=''
}

# beside COMMAND...: starts what keeps one processor busy for minutes, so that others can work meanwhile.
beside() {
    BESIDE_SAID=$(mktemp)
    # In a process group of its own, so that all of it ends when this script does.
    set -m
    "$@" >"$BESIDE_SAID" 2>&1 &
    BESIDE=$!
    set +m
}

# Waits for what was started beside, shows what it said, and fails if it failed.
joined() {
    local status=0
    wait "$BESIDE" || status=$?
    BESIDE=''
    cat "$BESIDE_SAID"
    rm "$BESIDE_SAID"
    return $status
}

# skip WHAT WHY: to be said at the end.
skip() {
    printf '%s\t%s\n' "$1" "$2" >>"$FREEMKV_SKIPPED"
}

last_line() {
    local skipped
    if [ -n "${BESIDE-}" ]; then
        kill -- "-$BESIDE" 2>/dev/null || true
        rm -f "$BESIDE_SAID"
    fi
    if [ -n "$OWN_LIST" ]; then
        sort -u "$FREEMKV_SKIPPED" | sed 's/^/skipped: /; s/\t/: /'
    fi
    # "PROGRAM TEST<tab>WHY" becomes "PROGRAM COUNT, PROGRAM COUNT (WHY); ...".
    skipped=$(sort -u "$FREEMKV_SKIPPED" | awk -F '\t' '{ sub(/ .*/, "", $1); print $2 "\t" $1 }' | sort | uniq -c |
        awk -F '\t' '{
            count = $1 + 0
            sub(/^ *[0-9]+ /, "", $1)
            printf "%s%s", (NR == 1 ? "" : $1 == why ? ", " : " (" why "); "), $2 (count > 1 ? " " count : "")
            why = $1
        }
        END { if (NR) printf " (%s)", why }')
    echo "$REPORT: ${STAGES}${STAGE:+$STAGE FAILED, }all $SECONDS s; skipped: ${skipped:-nothing}"
}

# has PROGRAM: whether the tests find it.
has() {
    case $1 in
    libc) echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 ;;
    fuse3) pkg-config --exists fuse3 2>/dev/null ;;
    # Where it runs, there are no libraries.
    busybox) command -v busybox >/dev/null && ! ldd "$(command -v busybox)" 2>/dev/null | grep -q '=>' ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# Whether the kernel of the test machine (tests/vm/machine/kernel.rs) lies here or can be downloaded: its small parent package
# is, to see that the lists of packages are no older than the mirror.
has_kernel() {
    local folder status=0
    if [ -n "$(ls tests/.cache/kernel 2>/dev/null)" ]; then
        return 0
    fi
    folder=$(mktemp -d)
    (cd "$folder" && apt-get "${APT[@]}" download linux-image-amd64) >/dev/null 2>&1 || status=1
    rm -r "$folder"
    return $status
}

may_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

# No questions, and an end where the network is gone.
APT=(-qq -y --no-install-recommends -o DPkg::Lock::Timeout=120
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)

# apt ARGUMENT...: what apt-get says is in SAID.
apt() {
    SAID=$(DEBIAN_FRONTEND=noninteractive apt-get "${APT[@]}" "$@" 2>&1 </dev/null)
}

apt_error() {
    sed -n 's/^E: //; T; s/^Failed to fetch [^ ]* *//; p; q' <<<"$SAID"
}

# Renews the lists of packages, once; without a network the old ones must do.
apt_update() {
    if [ -z "${APT_UPDATED-}" ]; then
        APT_UPDATED=yes
        apt -o APT::Update::Error-Mode=any update || echo "The lists of packages could not all be renewed: $(apt_error)"
    fi
}

# apt_would PACKAGE...: which installed packages these would change or remove: CHANGED, and of them the REMOVED.
apt_would() {
    apt -s install "$@" || return
    CHANGED=$(sed -n -E 's/^(Inst|Remv) ([^ ]+) \[.*/\2/p' <<<"$SAID" | sort -u | paste -sd ' ')
    mapfile -t REMOVED < <(sed -n -E 's/^Remv ([^ ]+) .*/\1/p' <<<"$SAID")
}

# Installs packages and what they need. Changes nothing that is installed; in CI it may, and says so.
apt_install() {
    local release
    release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
    if apt_would "$@" && [ -z "$CHANGED" ]; then
        apt install "$@"
    # What goes with an installed package from the backports lies there as well.
    elif apt_would -t "$release-backports" "$@" && [ -z "$CHANGED" ]; then
        apt install -t "$release-backports" "$@"
    elif ! apt_would "$@"; then
        return 1
    elif [ "${CI-}" = true ]; then
        echo "For $*, these get another version: $CHANGED"
        apt install --no-remove --allow-downgrades "$@" "${REMOVED[@]/%//$release}"
    else
        SAID="E: would change the version of $CHANGED, which apt-get upgrade may settle"
        return 1
    fi
}

# Installs what the tests call and is missing, each package by itself: one that cannot be had costs its own tests.
install_programs() {
    local pair package missing=()
    for pair in $PROGRAMS; do
        has "${pair%%:*}" || missing+=("${pair#*:}")
    done
    if [ ${#missing[@]} -eq 0 ] && has_kernel; then
        return
    fi
    if ! may_install; then
        [ ${#missing[@]} -eq 0 ] || skip "installation of ${missing[*]}" "needs root and apt-get"
        return
    fi
    apt_update
    for package in $(printf '%s\n' "${missing[@]}" | sort -u); do
        echo "Installing $package"
        apt_install "$package" || skip "$package" "not installed: $(apt_error)"
    done
}

# Whether cargo is there and no older than Cargo.toml asks for.
rust_is_new_enough() {
    local wanted have
    wanted=$(rust_wanted)
    have=$(cargo --version 2>/dev/null | cut -d' ' -f2)
    [ -n "$have" ] && [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

rust_wanted() {
    sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml
}

# Makes sure of a Rust that builds freemkv.
need_rust() {
    if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
        PATH=$HOME/.cargo/bin:$PATH
    fi
    if rust_is_new_enough && has cc; then
        return
    fi
    if may_install; then
        echo "Installing Rust (Debian's rustc-web and cargo-web)"
        apt_update
        if ! apt_install rustc-web cargo-web gcc libc6-dev ca-certificates; then
            echo "Debian's Rust cannot be installed: $(apt_error)" >&2
        fi
        # In front of an older one of rustup's.
        PATH=/usr/bin:$PATH
        hash -r
        if rust_is_new_enough; then
            return
        fi
    fi
    echo "freemkv needs Rust $(rust_wanted) or newer and a C linker." >&2
    echo "On Debian 12, as root: apt-get install rustc-web cargo-web (from bookworm-security); elsewhere: https://rustup.rs" >&2
    return 1
}

# has_cargo COMMAND PACKAGE: whether cargo has that command; beside a Rust of Debian's it is a package of its own.
has_cargo() {
    if cargo "$1" --version >/dev/null 2>&1; then
        return 0
    fi
    if may_install && [ "$(command -v cargo)" = /usr/bin/cargo ]; then
        apt_update
        if apt_install "$2"; then
            return 0
        fi
    fi
    skip "cargo-$1" "is not installed"
    return 1
}

# shellcheck disable=SC2034 # read by those who source this
STATIC_BIN=$PWD/target/static/x86_64-unknown-linux-gnu/release/freemkv
# Builds the program that runs on any x86-64 Linux, at $STATIC_BIN, and beside it, in examples/, the drive of the test
# machine (tests/vm/firmware). Without --target, proc macros fail to build.
build_static() {
    RUSTFLAGS="-C target-feature=+crt-static" \
        cargo build --locked --release --target x86_64-unknown-linux-gnu --target-dir target/static --bins --example firmware
}
