//! `--forced-subs`: subtitles that are shown although subtitles are off.

use std::path::Path;

use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use crate::fixtures::packets::{pes, pid};
use freemkv::mux::plan::{Forced, Options};
use freemkv::mux::report::OutputReport;

const STREAM: &str = "BDMV/STREAM/00000.m2ts";
const SUBTITLES: u16 = 0x1200;

/// The bundled disc, on which every second English subtitle is forced; and how many are, of how many.
fn disc() -> (Disc, usize, usize) {
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso");
    let mut image = std::fs::read(film).unwrap();
    let file = Disc::memory(image.clone()).fs.open(STREAM).unwrap();
    let start = file.extents()[0].sectors().start() as usize * 2048;
    let (mut shown, mut forced) = (0, 0);
    for packet in image[start..start + file.length() as usize].chunks_exact_mut(192) {
        let Some(pes) = pes(packet).filter(|_| pid(packet) == SUBTITLES) else { continue };
        let at = pes + 9 + usize::from(packet[pes + 8]);
        // A presentation composition: its number of objects is its last byte in front of them.
        if packet[at] == 0x16 && packet[at + 3 + 10] > 0 {
            shown += 1;
            if shown % 2 == 0 {
                forced += 1;
                packet[at + 3 + 11 + 3] |= 0x40;
            }
        }
    }
    (Disc::memory(image), forced, shown)
}

fn mux(disc: &mut Disc, forced: Forced, output: &Path) -> OutputReport {
    disc.options = Options { forced, ..Options::default() };
    let report = disc.mux("00000", output).unwrap();
    assert!(report.is_complete(), "{report:?}");
    disc::programs_take(output);
    report
}

/// Number, language, frames and the forced flag of each subtitle track.
fn subtitles(report: &OutputReport) -> Vec<(usize, &str, u64, bool)> {
    let tracks = report.tracks.iter().filter(|track| track.kind == "subtitle");
    tracks.map(|t| (t.number, t.language.as_str(), t.frames, t.forced)).collect()
}

#[test]
fn forced_subtitles_stay_become_a_track_or_stand_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut disc, forced, shown) = disc();
    assert!(forced >= 2 && shown == 2 * forced, "{forced} of {shown}");
    let out = |name: &str| folder.path().join(name);
    let keep = mux(&mut disc, Forced::Keep, &out("keep.mkv"));
    let all = 2 * shown as u64;
    assert_eq!(subtitles(&keep), [(4, "eng", all, false), (5, "fre", all, false)]);
    // Each that is shown is followed by a set that clears it.
    let alone = 2 * forced as u64;
    let extra = mux(&mut disc, Forced::Extra, &out("extra.mkv"));
    assert_eq!(subtitles(&extra), [(4, "eng", all, false), (5, "fre", all, false), (6, "eng", alone, true)]);
    let only = mux(&mut disc, Forced::Only, &out("only.mkv"));
    assert_eq!(subtitles(&only), [(4, "eng", alone, true)], "of French nothing is forced");
    let [keep, extra, only] = ["keep.mkv", "extra.mkv", "only.mkv"].map(|name| mkv::blocks(&out(name)));
    assert_eq!(extra[&6], only[&4]);
    let times = |blocks: &[mkv::Block]| blocks.iter().map(|(time, _)| *time).collect::<Vec<_>>();
    let whole = times(&keep[&4]);
    assert!(times(&extra[&6]).iter().all(|time| whole.contains(time)), "at the times of the disc");
    assert_eq!(extra[&4], keep[&4]);
}

#[test]
fn the_plan_says_which_tracks_are_for_what_is_forced() {
    let (mut disc, ..) = disc();
    disc.options = Options { forced: Forced::Extra, ..Options::default() };
    let plan = disc.plan("00000").unwrap().summary();
    assert_eq!(plan.tracks.len(), 7);
    assert!(
        plan.notes.iter().any(|note| note.contains("only what is forced goes into tracks 6, 7")),
        "{:?}",
        plan.notes
    );
}
