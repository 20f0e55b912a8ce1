//! The answers that a kernel changes on their way, and what it does itself: what a sweep and a patch make of that. One
//! boot for each way to the drive; `table.rs` has all answers.

use std::fmt::Write;
use std::time::Duration;

use crate::machine::Output;
use crate::plugged::{Came, FIRST, Place, Way, plugged, run};
use crate::table::{line, name_of};

use Place::{Always, Once};

/// What the drive says, where, how what the kernel hands up of one read begins, and the statuses that the missing sectors
/// may have in the end: those of the unit are missing and no others, with exit code 3; without a status none is, with 0.
type Cell = (&'static str, Place, &'static str, &'static str);

/// A machine with two processors to itself needs a quarter of it.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// Runs the cells, then the script, in one boot.
fn check(way: Way, cells: &[Cell], script: &str) -> Option<Output> {
    let machine = plugged(way)?.time_limit(TIME_LIMIT);
    let lines: String = cells.iter().map(|(says, place, ..)| line(says, *place)).collect();
    let output = run(&machine, way, &format!("{lines}{script}"));
    let mut wrong = String::new();
    for (says, place, handed, statuses) in cells {
        let name = name_of(says, *place);
        let came = Came::of(&output, &name);
        let is_right = if statuses.is_empty() { came.missing.is_empty() } else { is_unit(&came.missing, statuses) };
        let exit = if statuses.is_empty() { "0" } else { "3" };
        if !came.handed.starts_with(handed) || came.exit != exit || !is_right {
            let said = output.text(&format!("{name}.err"));
            let _ = writeln!(wrong, "{says} {}: wanted {handed}, {exit}, {statuses:?}; {came:?}\n{said}", place.name());
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{}", output.console);
    Some(output)
}

/// Whether exactly the unit is missing, with these statuses.
fn is_unit(missing: &str, statuses: &str) -> bool {
    let mut next = FIRST;
    for range in missing.split(", ") {
        let part = range.split_once(' ').and_then(|(place, status)| Some((place.split_once('+')?, status)));
        let Some(((first, count), status)) = part else { return false };
        if first.parse() != Ok(next) || !statuses.contains(status) {
            return false;
        }
        next += count.parse::<usize>().unwrap_or_default();
    }
    next == FIRST + 32
}

#[test]
fn a_unit_is_told_from_more_and_less() {
    assert!(is_unit("640+2 /, 642+30 *", "/*") && is_unit("640+32 ?", "?"));
    for missing in ["", "640+31 ?", "640+33 ?", "641+31 ?", "640+2 ?, 643+29 ?", "640+32 /", "no such file"] {
        assert!(!is_unit(missing, "?"), "{missing}");
    }
}

/// A drive that a sweep takes some seconds for.
const SLOW: &str = "SLOW='rate 1'\nmidway() { wait_for 30 asked ' 28 00 00 00 01'; }\n";

/// The cable is pulled and plugged in again; then the firmware dies, and comes to life when it is plugged in anew.
const CABLE: &str = "begin pulled \"$SLOW\"; midway; tell unplug; sleep 1; tell plug; finish\n\
     begin dead \"$SLOW\" --timeout 8s; midway; tell deaf; finish\n\
     tell unplug; sleep 1; tell plug; wait_for 20 is_there; follow ''\n\
     step revived $SWEEP \"$(node)\" /tmp/disc.iso\n\
     [ \"$(cat revived.code)\" = 0 ] || step revived $PATCH \"$(node)\" /tmp/disc.iso; judge revived\n";

fn check_cable(output: &Output) {
    output.expect_exit("pulled", 0);
    let said = output.text("pulled.err");
    assert!(said.contains("the drive is gone") && said.contains("is back as"), "{said}");
    // The kernel takes it off the bus, and nobody plugs it in while it is looked for.
    output.expect_exit("dead", 4);
    assert_ne!(Came::missing(output, "dead"), "", "it came too late to prove anything");
    output.expect_exit("revived", 0);
    for name in ["pulled", "revived"] {
        assert_eq!(Came::missing(output, name), "", "{name}");
    }
}

#[test]
fn bulk_only_transport() {
    let script = format!("{SLOW}{CABLE}");
    let Some(output) = check(Way::Usb, &USB, &script) else { return };
    check_cable(&output);
}

#[test]
fn attached_scsi() {
    // The kernel's error handler: the abort fails, the reset works, and TEST UNIT READY is not answered either.
    let script = format!(
        "{SLOW}begin offline \"$SLOW\" --timeout 8s; midway; follow 'command any hang'; finish\n\
         cat /sys/block/sr*/device/state >state\n\
         follow ''; echo running >\"$(echo /sys/block/sr*/device/state)\"\n\
         step again $SWEEP \"$(node)\" /tmp/disc.iso\n\
         [ \"$(cat again.code)\" = 0 ] || step again $PATCH \"$(node)\" /tmp/disc.iso; judge again\n"
    );
    let Some(output) = check(Way::Uas, &UAS, &script) else { return };
    output.expect_exit("offline", 7);
    assert_eq!(output.text("state"), "offline\n");
    assert_ne!(Came::missing(&output, "offline"), "", "it came too late to prove anything");
    output.expect_exit("again", 0);
    assert_eq!(Came::missing(&output, "again"), "");
}

#[test]
fn host_adapter() {
    let script = format!(
        "{SLOW}begin away \"$SLOW\"; midway; echo offline >$GROUP/transport_status; sleep 3\n\
         echo online >$GROUP/transport_status; finish\n\
         begin deleted \"$SLOW\"; midway; echo 1 >/sys/block/sr0/device/delete; finish\n"
    );
    let Some(output) = check(Way::Scsi, &SCSI, &script) else { return };
    output.expect_exit("away", 0);
    assert_eq!(Came::missing(&output, "away"), "");
    // Nobody plugs it in again.
    output.expect_exit("deleted", 4);
    assert_ne!(Came::missing(&output, "deleted"), "", "it came too late to prove anything");
}

/// What the kernel hands up of an answer that it leaves alone.
const DAMAGE: &str = "status 02 host 00 driver 08 residue 65536 sense 03/11/05";

/// A place that has its answer each time is left out and told, and never called damage.
const ASIDE: &str = "?";

/// Damage that was looked into.
const DAMAGED: &str = "/*";

const USB: [Cell; 19] = [
    ("03/11/05", Always, DAMAGE, DAMAGED),
    ("03/11/05 data 3", Always, "status 02 host 00 driver 08 residue 92160 sense 03/11/05", DAMAGED),
    ("01/18/00 data all", Always, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("00/00/00", Once, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ""),
    ("00/00/00", Always, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ASIDE),
    ("status:08", Once, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ""),
    ("status:08", Always, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ASIDE),
    ("status:18", Always, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ASIDE),
    ("status:28", Once, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ""),
    ("status:40", Always, "status 00 host 07 driver 08 residue 65536 sense 04/00/00", ASIDE),
    ("host:07", Once, "status 00 host 07 driver 00 residue 65536 sense none", ""),
    ("host:07", Always, "status 00 host 07 driver 00 residue 65536 sense none", ASIDE),
    ("hang", Once, "status 00 host 03", ""),
    ("06/29/00", Once, "status 02 host 00 driver 08 residue 65536 sense 06/29/00", ""),
    ("02/04/01", Always, "status 02 host 00 driver 08 residue 65536 sense 02/04/01", ASIDE),
    ("02/3A/00", Once, "status 02 host 00 driver 08 residue 65536 sense 02/3A/00", ""),
    ("0B/47/00", Always, "status 02 host 00 driver 08 residue 65536 sense 0B/47/00", ASIDE),
    ("05/24/00", Always, "status 02 host 00 driver 08 residue 65536 sense 05/24/00", ASIDE),
    ("09/80/00", Always, "status 02 host 00 driver 08 residue 65536 sense 09/80/00", ASIDE),
];

const UAS: [Cell; 18] = [
    ("03/11/05", Always, DAMAGE, DAMAGED),
    ("03/11/05 data 3", Always, "status 02 host 00 driver 08 residue 92160 sense 03/11/05", DAMAGED),
    ("01/18/00 data all", Always, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("00/00/00", Always, "status 02 host 00 driver 08 residue 65536 sense 00/00/00", ASIDE),
    ("status:08", Once, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("status:18", Once, "status 18 host 00 driver 00 residue 65536 sense none", ""),
    ("status:18", Always, "status 18 host 00 driver 00 residue 65536 sense none", ASIDE),
    ("status:28", Once, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("status:40", Always, "status 40 host 00 driver 00 residue 65536 sense none", ASIDE),
    ("host:07", Once, "status 00 host 07 driver 00 residue 65536 sense none", ""),
    ("host:07", Always, "status 00 host 07 driver 00 residue 65536 sense none", ASIDE),
    ("host:04", Once, "status 00 host 04 driver 00 residue 65536 sense none", ""),
    ("hang", Once, "status 00 host 03", ""),
    ("06/29/00", Once, "status 02 host 00 driver 08 residue 65536 sense 06/29/00", ""),
    ("02/04/01", Always, "status 02 host 00 driver 08 residue 65536 sense 02/04/01", ASIDE),
    ("0B/47/00", Always, "status 02 host 00 driver 08 residue 65536 sense 0B/47/00", ASIDE),
    ("05/24/00", Always, "status 02 host 00 driver 08 residue 65536 sense 05/24/00", ASIDE),
    ("09/80/00", Always, "status 02 host 00 driver 08 residue 65536 sense 09/80/00", ASIDE),
];

const SCSI: [Cell; 16] = [
    ("03/11/05", Always, DAMAGE, DAMAGED),
    ("03/11/05 data 3", Always, "status 02 host 00 driver 08 residue 92160 sense 03/11/05", DAMAGED),
    ("01/18/00 data all", Always, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("00/00/00", Always, "status 02 host 00 driver 08 residue 65536 sense 00/00/00", ASIDE),
    ("status:08", Once, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("status:18", Once, "status 18 host 00 driver 00 residue 0 sense none", ""),
    ("status:18", Always, "status 18 host 00 driver 00 residue 0 sense none", ASIDE),
    ("status:28", Once, "status 00 host 00 driver 00 residue 0 sense none", ""),
    ("status:40", Once, "status 40 host 00 driver 00 residue 0 sense none", ""),
    ("status:40", Always, "status 40 host 00 driver 00 residue 0 sense none", ASIDE),
    ("hang", Once, "status 00 host 03", ""),
    ("06/29/00", Once, "status 02 host 00 driver 08 residue 65536 sense 06/29/00", ""),
    ("02/04/01", Always, "status 02 host 00 driver 08 residue 65536 sense 02/04/01", ASIDE),
    ("0B/47/00", Always, "status 02 host 00 driver 08 residue 65536 sense 0B/47/00", ASIDE),
    ("05/24/00", Always, "status 02 host 00 driver 08 residue 65536 sense 05/24/00", ASIDE),
    ("09/80/00", Always, "status 02 host 00 driver 08 residue 65536 sense 09/80/00", ASIDE),
];
