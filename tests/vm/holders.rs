//! Drives that somebody else has: a mount, another program; and trays opened, closed and locked.

use crate::imaging::machine;
use crate::machine::{Drive, ext4_disk};
use crate::support::{disc_bytes, disc_file};

#[test]
fn a_mounted_disc_is_named_with_its_mount_and_left_alone() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Any file system will do, and the machine has this one.
    let Some(disc) = ext4_disk(folder.path(), 4 << 20) else { return };
    let output = machine.drive(Drive::with(&disc)).run(
        "mkdir '/tmp/my film' && mount -t ext4 -o ro,noload /dev/sr0 '/tmp/my film'\n\
         step sr freemkv sweep /dev/sr0 /out/sr.iso\n\
         step sg freemkv sweep /dev/sg0 /out/sg.iso\n\
         step user as_user 'freemkv sweep /dev/sr0 /tmp/user.iso'\n\
         step info freemkv info /dev/sr0\n\
         step list freemkv drives\n\
         step eject freemkv drives /dev/sr0 --eject\n\
         umount '/tmp/my film'\n\
         step then freemkv sweep /dev/sr0 /out/then.iso\n",
    );
    for step in ["sr", "sg", "user"] {
        output.expect_exit(step, 4);
        let said = output.text(&format!("{step}.err"));
        assert!(said.contains("mounted at /tmp/my film") && said.contains("umount '/tmp/my film'"), "{said}");
        assert!(!output.has(&format!("{step}.iso")), "{step} began an image");
    }
    // Looking is no harm: what it finds in this file system is another matter.
    assert!(!output.text("info.err").contains("mounted"), "{}", output.text("info.err"));
    assert!(output.text("list.out").contains("mounted at /tmp/my film"), "{}", output.text("list.out"));
    output.expect_exit("eject", 4);
    output.expect_exit("then", 0);
}

#[test]
fn a_drive_that_another_program_reads_is_named_with_it() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 6, 2048);
    let output = machine.drive(Drive::with(&disc).slow(192 << 10)).run(
        "freemkv sweep /dev/sr0 /out/first.iso >/out/first.out 2>/out/first.err &\n\
         wait_for 30 at_least /out/first.iso 1\n\
         step sr freemkv sweep /dev/sr0 /out/second.iso\n\
         step sg freemkv sweep /dev/sg0 /out/second.iso\n\
         step list freemkv drives\n\
         wait $!\n\
         echo $? >/out/first.code\n",
    );
    for step in ["sr", "sg"] {
        output.expect_exit(step, 4);
        let said = output.text(&format!("{step}.err"));
        assert!(said.contains("in use by freemkv (process "), "{said}");
    }
    assert!(output.text("list.out").contains("in use by freemkv (process "), "{}", output.text("list.out"));
    output.expect_exit("first", 0);
    assert!(output.file("first.iso") == disc_bytes(6, 2048) && !output.has("second.iso"));
}

#[test]
fn a_tray_is_locked_while_its_disc_is_read_and_opens_and_closes_on_request() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 7, 512);
    let output = machine.drive(Drive::with(&disc)).run(
        "step read freemkv sweep /dev/sr0 /out/disc.iso --eject\n\
         step gone freemkv sweep /dev/sr0 /out/gone.iso\n\
         step close freemkv drives /dev/sr0 --close\n\
         step back freemkv sweep /dev/sr0 /out/back.iso\n\
         step open freemkv drives /dev/sr0 --eject\n\
         step empty freemkv sweep /dev/sr0 /out/empty.iso\n",
    );
    for (step, code) in [("read", 0), ("gone", 4), ("close", 0), ("back", 0), ("open", 0), ("empty", 4)] {
        output.expect_exit(step, code);
    }
    assert!(output.text("gone.err").contains("no disc in the drive"), "{}", output.text("gone.err"));
    for name in ["disc.iso", "back.iso"] {
        assert!(output.file(name) == disc_bytes(7, 512), "{name} differs from the disc");
    }
    // PREVENT ALLOW MEDIUM REMOVAL before the first READ of the run, and START STOP UNIT only after the last.
    let commands = output.commands(0);
    let first = |opcode: u8| commands.iter().position(|command| command.opcode == opcode);
    let reads = commands.iter().position(|command| command.is_read() && command.bytes > 2048);
    assert!(first(0x1E) < reads && reads < first(0x1B), "{commands:?}");
}

#[test]
fn a_usb_drive_that_slips_off_the_bus_is_found_again_and_read_to_the_end() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 8, 2048);
    let output = machine.drive(Drive::with(&disc).usb().slow(512 << 10)).run(
        "freemkv sweep /dev/sr0 /out/disc.iso >/out/sweep.out 2>/out/sweep.err &\n\
         wait_for 30 at_least /out/disc.iso 1\n\
         for device in /sys/bus/usb/devices/[0-9]-[0-9]/authorized; do\n\
             echo 0 >$device; usleep 500000; echo 1 >$device\n\
         done\n\
         wait $!\n\
         echo $? >/out/sweep.code\n\
         ls /dev/sr* >/out/nodes\n",
    );
    output.expect_exit("sweep", 0);
    let said = output.text("sweep.err");
    assert!(said.contains("is gone") && said.contains("is back as /dev/sr1"), "{said}");
    assert!(output.file("disc.iso") == disc_bytes(8, 2048), "the image differs from its disc");
}

#[test]
fn drives_that_nobody_uses_tell_what_lies_in_them() {
    let Some(machine) = machine() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disc = disc_file(folder.path(), "disc.iso", 6, 2048);
    let machine = machine.drive(Drive::with(&disc)).drive(Drive::empty()).drive(Drive::with(&disc).usb());
    let output = machine
        .run("step list freemkv drives --json\nstep words freemkv drives\nstep one freemkv drives /dev/sg2 --json\n");
    output.expect_exit("list", 0);
    let told: serde_json::Value = serde_json::from_str(&output.text("list.out")).expect("an object");
    let drives = told["drives"].as_array().expect("a list");
    assert_eq!(drives.len(), 3, "{told}");
    let (first, empty, usb) = (&drives[0], &drives[1], &drives[2]);
    assert_eq!((&first["node"], &first["generic"]), (&"/dev/sr0".into(), &"/dev/sg0".into()), "{told}");
    assert!(first["vendor"].is_string() && first["model"].is_string() && first["revision"].is_string(), "{told}");
    assert_eq!((&first["status"], &first["disc"]["size_bytes"]), (&"disc".into(), &(2048 * 2048).into()), "{told}");
    assert!(first["disc"]["media"].is_string(), "{told}");
    assert!(empty["disc"].is_null() && empty["status"] != "disc", "{told}");
    assert_eq!((&usb["bus"], &usb["disc"]["size_bytes"]), (&"usb".into(), &(2048 * 2048).into()), "{told}");
    let words = output.text("words.out");
    assert!(words.contains("4.0 MiB") && words.contains("USB"), "{words}");
    let one: serde_json::Value = serde_json::from_str(&output.text("one.out")).expect("an object");
    assert_eq!((&one["source"], &one["drives"][0]["node"]), (&"/dev/sg2".into(), &"/dev/sr2".into()), "{one}");
}
