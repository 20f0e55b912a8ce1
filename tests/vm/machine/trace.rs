//! The commands that reached the drives, out of QEMU's own log.

/// Events that QEMU is to log. They name a drive by its target number.
pub(crate) const ARGUMENTS: [&str; 6] =
    ["-trace", "scsi_req_parsed", "-trace", "scsi_req_parsed_lba", "-trace", "scsi_req_build_sense"];

/// The target number of a drive on the SCSI bus; 0 is left to the drives on USB, which can have no other.
pub(crate) fn target_of(drive: usize) -> usize {
    drive + 1
}

/// One command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Traced {
    /// Which drive got it.
    pub(crate) target: usize,
    /// Operation code.
    pub(crate) opcode: u8,
    /// First sector that it is about, for a command that is about any.
    pub(crate) lba: Option<u64>,
    /// Bytes that it transfers.
    pub(crate) bytes: u64,
    /// Key, additional code and qualifier, when it failed.
    pub(crate) sense: Option<(u8, u8, u8)>,
    /// As it is written: it may be negative, since Linux takes the low half of an address for it and QEMU writes it with a
    /// sign. Whether it is, differs from boot to boot.
    tag: String,
}

impl Traced {
    /// Whether this is a READ (10) or READ (12).
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.opcode, 0x28 | 0xA8)
    }
}

/// Reads the log. A last line without its end was being written when the machine was killed; it is left out.
///
/// # Panics
/// A command's line says less than it should: a command left out would look like one that the drive never got.
pub(crate) fn read(log: &str) -> Vec<Traced> {
    let mut commands: Vec<Traced> = Vec::new();
    let whole = log.rfind('\n').map_or("", |end| &log[..end]);
    for line in whole.lines().filter(|line| line.contains("scsi_req_")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        // "scsi_req_parsed target 1 lun 0 tag 3 command 40 dir 1 length 2048"
        let word = |name: &str| {
            let at = words.iter().position(|word| *word == name);
            let value = at.and_then(|at| words.get(at + 1));
            *value.unwrap_or_else(|| panic!("no {name} in QEMU's log: {line}"))
        };
        let number = |name: &str| {
            let value = word(name);
            let number = value.strip_prefix("0x").map_or_else(|| value.parse(), |hex| u64::from_str_radix(hex, 16));
            number.unwrap_or_else(|e| panic!("{name} in QEMU's log: {e}: {line}"))
        };
        let byte =
            |name: &str| u8::try_from(number(name)).unwrap_or_else(|e| panic!("{name} in QEMU's log: {e}: {line}"));
        let (target, tag) = (usize::try_from(number("target")).expect("a small number"), word("tag"));
        let latest = commands.iter_mut().rev().find(|command| command.target == target && command.tag == tag);
        if line.contains("scsi_req_parsed_lba ") {
            if let Some(command) = latest {
                command.lba = Some(number("lba"));
            }
        } else if line.contains("scsi_req_parsed ") {
            let (opcode, bytes, tag) = (byte("command"), number("length"), tag.to_owned());
            commands.push(Traced { target, opcode, lba: None, bytes, sense: None, tag });
        } else if line.contains("scsi_req_build_sense ")
            && let Some(command) = latest
        {
            command.sense = Some((byte("key"), byte("asc"), byte("ascq")));
        }
    }
    commands
}

#[test]
fn commands_are_read_whatever_their_tags_are() {
    for (one, two) in [("0", "1"), ("-2043238704", "104244944"), ("2251728592", "0x8636a6d0")] {
        let log = format!(
            "scsi_req_parsed target 1 lun 0 tag {one} command 40 dir 1 length 2048\n\
             scsi_req_parsed_lba target 1 lun 0 tag {one} command 40 lba 300\n\
             scsi_req_parsed target 1 lun 0 tag {two} command 0 dir 0 length 0\n\
             scsi_req_build_sense target 1 lun 0 tag {one} key 0x03 asc 0x11 ascq 0x00\n\
             scsi_req_parsed target 1 lun 0 tag {one} comma"
        );
        let commands = read(&log);
        let told: Vec<_> = commands.iter().map(|command| (command.opcode, command.lba, command.sense)).collect();
        assert_eq!(told, [(0x28, Some(300), Some((3, 0x11, 0))), (0, None, None)], "tag {one}");
    }
}
