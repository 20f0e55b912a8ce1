#!/usr/bin/env bash
# The long campaigns: tests/long.sh [PART...]; without a name all of them, which takes a day; tests/long.sh --list names them.
# Each ends with a line of its result, its date and its commit; the lines are kept in target/long/results, what was said in
# target/long/PART.log. docs/reliability.md holds the results. Ends with 1 when a part failed.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null
. tests/support/machine.sh
with_signals tests/long.sh "$@"
if [ -z "${FREEMKV_TEST_DATA-}" ] && [ -d ../shared ]; then
    FREEMKV_TEST_DATA=$(cd ../shared && pwd)
    export FREEMKV_TEST_DATA
fi

# A part is a function part_NAME, and in PARTS what it is. What follows "figures: " in what it prints is its result.
PARTS="cuts:power cuts of a machine, whose disk keeps what was flushed and some of the rest
replay:every command onto a disk that logs its writes, and a power cut at hundreds of places of the log
ddrescue:ddrescue through the same kills and cuts, and freemkv beside it (numbers only)
kills:every command, killed, stopped, continued, its terminal and its pipe gone
plans:2,000 damage plans from seeds
faults:system calls that fail, changed discs, damage without end
containers:qcow2 images: kills, power cuts, mutated files
holes:a hole at every 64 KiB of every disc of the test data, and the films made of it
vm-table:all answers of a drive behind a real kernel (renews docs/drive-answers-vm.md)
fuzz:every fuzz target for 300 CPU seconds, those of the largest formats for 1,800"

# The tests of a program that long campaigns run, those that are left out otherwise too.
ignored() {
    local program=$1
    shift
    cargo test --locked --test "$program" -- --ignored --nocapture --test-threads 1 "$@"
}

part_cuts() {
    static_program
    ignored vm power::
}

part_replay() {
    static_program
    ignored crash replay::
}

part_ddrescue() {
    static_program
    ignored crash beside::
}

part_kills() {
    static_program
    ignored crash kill:: storm::
    cargo test --locked --test imaging -- --nocapture killed_
}

part_plans() {
    FREEMKV_TEST_LONG=1 cargo test --locked --test plans -- --nocapture
}

part_faults() {
    FREEMKV_TEST_LONG=1 cargo test --locked --test faults -- --nocapture --test-threads 1 whatever mutate load
}

part_containers() {
    FREEMKV_TEST_LONG=1 cargo test --locked --test containers -- --include-ignored --nocapture
}

part_holes() {
    tests/holes
}

part_vm-table() {
    static_program
    ignored vm the_whole_table
}

part_fuzz() {
    local seconds=${FREEMKV_FUZZ_SECONDS:-300} large="udf ts ps dvd_manager dvd_titles mpls avc hevc container" others
    others=$(sed -n 's/^name = "\([a-z0-9_]*\)"$/\1/p' tests/fuzz/Cargo.toml | grep -vxF "$(tr ' ' '\n' <<<"$large")")
    # shellcheck disable=SC2086 # names without spaces
    tests/fuzz/run "$seconds" $others
    # shellcheck disable=SC2086
    tests/fuzz/run $((6 * seconds)) $large
}

# The machine in QEMU has no libraries: it runs the static program.
static_program() {
    if [ -z "${FREEMKV_STATIC_BIN-}" ]; then
        build_static
        export FREEMKV_STATIC_BIN=$STATIC_BIN
    fi
}

# run_part NAME: its line of result.
run_part() {
    local start=$SECONDS log=target/long/$1.log end=passed status
    # Where its status is asked for, a function would go on after a failure.
    set +e
    (
        set -e
        "part_$1"
    ) >"$log" 2>&1
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        end=FAILED
        FAILED+=("$1")
    fi
    printf '%s %s %s in %s s, commit %s: %s\n' "$(date +%F)" "$1" "$end" $((SECONDS - start)) "$COMMIT" \
        "$(figures "$log")" | tee -a target/long/results
}

# Without a figure of its own, a part tells how many tests passed.
figures() {
    local own
    own=$(sed -n 's/^.*figures: //p' "$1" | paste -sd ';' | sed 's/;/; /g')
    [ -n "$own" ] || own=$(sed -n 's/^test result: [a-zA-Z]*\. \([0-9]* passed; [0-9]* failed\).*/\1/p' "$1" | paste -sd ',')
    echo "${own:-$(tail -n 1 "$1")}"
}

names() {
    sed 's/:.*//' <<<"$PARTS"
}

if [ "${1-}" = --list ]; then
    sed 's/:/: /' <<<"$PARTS"
    exit
fi
# shellcheck disable=SC2046 # names without spaces
[ $# -gt 0 ] || set -- $(names)
for part in "$@"; do
    names | grep -qx -- "$part" || { echo "no part $part: $(names | paste -sd ' ')" >&2; exit 2; }
done
mkdir -p target/long
COMMIT=$(git rev-parse --short=8 HEAD 2>/dev/null || echo unknown)
git diff --quiet HEAD 2>/dev/null || COMMIT="$COMMIT, changed"
FAILED=()
for part in "$@"; do
    run_part "$part"
done
[ ${#FAILED[@]} -eq 0 ] || { echo "failed: ${FAILED[*]}; see target/long" >&2; exit 1; }
