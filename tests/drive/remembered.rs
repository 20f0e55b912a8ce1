//! What a run finds out about failures in quick succession, from the drive to its profile and to the next run. The program
//! keeps no profile of an emulated drive, so these runs are made with the library.

use std::path::Path;
use std::sync::Mutex;

use freemkv::base::cancel::Cancel;
use freemkv::base::event::{Event, Events};
use freemkv::base::media::Media;
use freemkv::base::outcome::Fault;
use freemkv::drive::emulated::EmulatedSpec;
use freemkv::drive::{Drive, DriveOptions};
use freemkv::imaging::{End, Job, Report, Task, run};
use freemkv::job::profile::{DriveProfile, Learned};
use freemkv::scsi::emulated::DamagePlan;
use freemkv::source::Input;

use crate::firmware::{has_the_rest, strewn};
use crate::support::bench::Bench;

const SWEEP: Task = Task::Sweep { restart: false };
const PATCH: Task = Task::Patch { passes: 3, finish: false, thorough: false };

/// What was said on the way.
#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Events for Heard {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// What came of a run.
struct Done {
    report: Report,
    end: End,
    /// The drive was put to the proof.
    tried: bool,
}

/// A run with a drive that has this plan and was just switched on, and with this profile.
fn go(bench: &Bench, image: &Path, task: Task, plan: &str, profile: &DriveProfile) -> Done {
    let spec = EmulatedSpec { image: bench.disc.clone(), profile: Some(Media::Dvd), faults: None, real_time: false };
    let drive = spec.build(DamagePlan::parse(plan).unwrap()).unwrap();
    let mut drive = Drive::open(Box::new(drive), DriveOptions::default()).unwrap();
    let learned = profile.load().unwrap_or_default();
    let plain = Job::new(task, image.to_owned());
    let job = Job { drive_log: false, times: learned.times, needs_rest: learned.needs_rest, ..plain };
    let heard = Heard::default();
    let (report, end) = run(&job, Input::Drive(&mut drive), &Cancel::new(), &heard).unwrap();
    let (times, needs_rest) = (report.times.or(job.times), report.needs_rest.or(job.needs_rest));
    profile.save(Learned { times, needs_rest, ..Learned::default() }).unwrap();
    let heard = heard.0.into_inner().unwrap();
    let tried = heard.iter().any(|event| matches!(event, Event::Notice(text) if text.contains("in quick succession")));
    Done { report, end, tried }
}

/// Sweeps, patches, and patches again with the drive switched off and on in between. Returns the two patches.
fn sweep_and_patch_twice(plan: &str) -> (Done, Done) {
    let bench = Bench::new(16 * crate::UNITS);
    let of = |revision| DriveProfile::new(bench.folder.path(), &format!("EMU DRIVE {revision}"), Some(Media::Dvd));
    let swept = go(&bench, &bench.out(), SWEEP, plan, &of("1.00"));
    assert!(matches!(swept.end, End::Done) && !swept.tried, "a sweep puts no drive to the proof: {:?}", swept.end);
    assert_eq!(swept.report.needs_rest, None);
    let first = go(&bench, &bench.out(), PATCH, plan, &of("1.00"));
    has_the_rest(&bench);
    bench.assert_no_false_claim();
    assert_eq!(of("1.00").load().unwrap().needs_rest, first.report.needs_rest);
    let again = go(&bench, &bench.out(), PATCH, plan, &of("1.00"));
    has_the_rest(&bench);
    bench.assert_no_false_claim();
    assert_eq!(of("1.01").load(), None, "another firmware is another matter");
    (first, again)
}

#[test]
fn a_drive_that_gives_up_for_good_is_never_put_to_the_proof_again() {
    // However it says so: refusing, failing, not ready, hardware; and whether the proof seemed to be passed by then.
    for how in ["7 6.5", "7 6.5 04/3E/02", "7 6.5 03/11/00", "7 6.5 02/04/00", "7 6.5 0B/00/00", "12 6.5"] {
        let (first, again) = sweep_and_patch_twice(&format!("{}wedge {how} stuck", strewn()));
        assert!(first.tried, "{how}");
        assert!(matches!(first.end, End::Fault { .. }), "{how}: {:?}", first.end);
        assert_eq!(first.report.needs_rest, Some(true), "{how}: {:?}", first.end);
        assert!(!again.tried && matches!(again.end, End::Done), "{how}: {:?}", again.end);
        assert_eq!(again.report.needs_rest, Some(true), "{how}");
    }
    let (first, _) = sweep_and_patch_twice(&format!("{}wedge 7 6.5 stuck", strewn()));
    assert!(matches!(first.end, End::Fault { fault: Fault::Wedged, .. }), "{:?}", first.end);
}

#[test]
fn a_drive_that_a_spin_cycle_brings_back_is_never_put_to_the_proof_again() {
    for how in ["7 6.5", "12 6.5 04/3E/02"] {
        let (first, again) = sweep_and_patch_twice(&format!("{}wedge {how}", strewn()));
        assert!(first.tried && matches!(first.end, End::Done), "{how}: {:?}", first.end);
        assert_eq!(first.report.needs_rest, Some(true), "{how}");
        assert!(!again.tried && matches!(again.end, End::Done), "{how}: {:?}", again.end);
    }
}

#[test]
fn a_drive_that_does_not_mind_is_spared_the_waits_from_then_on() {
    let (first, again) = sweep_and_patch_twice(&strewn());
    assert!(first.tried && !again.tried);
    assert_eq!((first.report.needs_rest, again.report.needs_rest), (Some(false), Some(false)));
    assert!(again.report.drive_seconds < first.report.drive_seconds, "{} s", again.report.drive_seconds);
}
