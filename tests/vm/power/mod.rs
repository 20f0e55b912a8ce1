//! The power is cut in the middle of each command that writes, again and again: of what was written, the disk keeps what it
//! flushed and some of the rest. The map tells the truth, nothing that is half done has its final name, and going on ends with
//! what nobody disturbs gets.

mod chain;
mod progress;

use chain::{Chain, Verb};

/// The cuts of a file system and a way of writing: two in a sweep, two in a patch, one in a mux, one in a rip.
const CUTS: [Verb; 6] = [Verb::Sweep, Verb::Sweep, Verb::Patch, Verb::Patch, Verb::Mux, Verb::Rip];

/// One chain of cuts. Returns how many bytes were called rescued after each, or `None` where it cannot be.
fn cut(kind: &'static str, write: &'static str, cuts: &[Verb], seed: u64) -> Option<Vec<usize>> {
    let chain = Chain::new(kind, write, seed)?;
    let found = chain.run(cuts);
    let lost = found.iter().filter_map(|cut| cut.lost);
    println!(
        "figures: {kind} --write {write}: {} cuts; KiB called rescued after each: {}; reading lost of sweeps: {} s",
        found.len(),
        list(found.iter().map(|cut| (cut.rescued >> 10).to_string())),
        list(lost.map(|seconds| format!("{seconds:.1}"))),
    );
    Some(found.into_iter().map(|cut| cut.rescued).collect())
}

fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn power_cuts_on_ext4_leave_the_truth_and_no_half_product() {
    let cuts = &CUTS[1..];
    let Some(rescued) = cut("ext4", "auto", cuts, 1) else { return };
    assert!(rescued.iter().any(|bytes| *bytes > 0), "every cut came before the first claim: they prove nothing");
}

#[test]
#[ignore = "long: tests/long.sh runs it"]
fn power_cuts_on_every_file_system_and_way_of_writing_leave_the_truth() {
    let mut rescued = Vec::new();
    for (number, kind) in (0..).zip(["ext4", "xfs", "btrfs"]) {
        for (other, write) in (0..).zip(["window", "direct", "plain"]) {
            rescued.extend(cut(kind, write, &CUTS, 10 * number + other + 2).unwrap_or_default());
        }
    }
    println!("figures: {} power cuts in all", rescued.len());
}
