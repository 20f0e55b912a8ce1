//! What a run said on the console until its power was cut: how much of its reading was lost.

use serde_json::Value;

/// Lines of `--progress json`, as far as they came through whole: seconds since the start, bytes that were rescued.
fn steps(console: &str) -> Vec<(f64, f64)> {
    let lines = console.lines().filter_map(|line| line.find('{').map(|at| &line[at..]));
    let values = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values.filter_map(|value| Some((value["elapsed_seconds"].as_f64()?, value["rescued_bytes"].as_f64()?))).collect()
}

/// Seconds between the moment at which the run had read what its map says after the cut, and the cut; to a second, since
/// that is how often a run tells. `None` when it had told nothing.
pub(crate) fn lost(console: &str, claimed: usize) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a small disc")]
    let claimed = claimed as f64;
    let steps = steps(console);
    let had = steps.iter().rev().find(|(_, rescued)| *rescued <= claimed).or(steps.first())?.0;
    Some(steps.last()?.0 - had)
}

/// How long a sync of the disk took before the run, in seconds.
pub(crate) fn sync_seconds(console: &str) -> f64 {
    let hundredths = console.lines().find_map(|line| line.split_once("@@ sync ")?.1.trim().parse::<f64>().ok());
    hundredths.unwrap_or_default() / 100.0
}

#[test]
fn what_was_lost_is_what_was_read_behind_the_last_claim() {
    let console = "@@ sync 25\n\
        {\"elapsed_seconds\":1.0,\"rescued_bytes\":1000}\n[   3.2] kernel{\"elapsed_seconds\":2.0,\"rescued_bytes\":2000}\n\
        {\"elapsed_seconds\":3.5,\"rescued_bytes\":3000}\n{\"elapsed_sec";
    assert_eq!([lost(console, 2000), lost(console, 2500), lost(console, 0)], [Some(1.5), Some(1.5), Some(2.5)]);
    assert_eq!((lost("nothing", 0), sync_seconds(console)), (None, 0.25));
}
