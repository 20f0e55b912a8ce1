//! The machine itself: its drives behave as the tests of freemkv take for granted.

use crate::machine::{Drive, Machine};
use crate::support::{SECTOR, disc_bytes, disc_file};

#[test]
fn drives_are_there_in_order_and_fail_where_they_should() {
    let Some(machine) = Machine::new() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let damaged = disc_file(folder.path(), "damaged.iso", 1, 1024);
    let sound = disc_file(folder.path(), "sound.iso", 2, 512);
    let output =
        machine.drive(Drive::with(&damaged).bad(&[300])).drive(Drive::empty()).drive(Drive::with(&sound).usb()).run(
            "step whole dd if=/dev/sr2 of=/out/sr2.iso bs=2048\n\
             step before dd if=/dev/sr0 of=/out/before.iso bs=2048 count=256\n\
             step bad dd if=/dev/sr0 of=/dev/null bs=2048 skip=300 count=1\n\
             step empty dd if=/dev/sr1 of=/dev/null bs=2048 count=1\n\
             step group as_user 'dd if=/dev/sr2 of=/dev/null bs=2048 count=1'\n\
             step nodes ls -l /dev/sr0 /dev/sg0 /dev/sg2\n",
        );
    output.expect_exit("whole", 0);
    assert!(output.file("sr2.iso") == disc_bytes(2, 512), "the USB drive handed over something else");
    output.expect_exit("before", 0);
    assert!(
        output.file("before.iso") == disc_bytes(1, 1024)[..256 * SECTOR],
        "the first drive handed over something else"
    );
    output.expect_exit("bad", 1);
    output.expect_exit("empty", 1);
    output.expect_exit("group", 0);
    assert!(output.text("nodes.out").contains("cdrom"), "{}", output.text("nodes.out"));

    let failed: Vec<_> = output.commands(0).into_iter().filter(|command| command.is_read()).collect();
    assert!(failed.iter().any(|command| command.sense == Some((3, 0x11, 0))), "{failed:?}");
    assert!(output.commands(1).iter().any(|command| command.sense == Some((2, 0x3A, 0))));
}

#[test]
fn a_disk_keeps_what_was_written_before_the_power_went() {
    let Some(machine) = Machine::new() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(disk) = crate::machine::ext4_disk(folder.path(), 64 << 20) else { return };
    let machine = machine.disk(&disk);
    let first = machine.run("echo kept >/disk/synced; sync; echo lost >/disk/unsynced; power_cut\n");
    assert!(first.power_cut, "{}", first.console);
    let output = machine.run("cp /disk/synced /out/; step unsynced cat /disk/unsynced\n");
    assert_eq!(output.text("synced"), "kept\n");
    assert_ne!(output.text("unsynced.out"), "lost\n", "the power cut lost nothing: it proves nothing");
}
