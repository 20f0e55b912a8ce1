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
    tag: u64,
}

impl Traced {
    /// Whether this is a READ (10) or READ (12).
    pub(crate) fn is_read(&self) -> bool {
        matches!(self.opcode, 0x28 | 0xA8)
    }
}

/// Reads the log.
pub(crate) fn read(log: &str) -> Vec<Traced> {
    let mut commands: Vec<Traced> = Vec::new();
    for line in log.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        // "scsi_req_parsed target 1 lun 0 tag 3 command 40 dir 1 length 2048"
        let number = |name: &str| {
            let at = words.iter().position(|word| *word == name)?;
            let value = words.get(at + 1)?;
            value.strip_prefix("0x").map_or_else(|| value.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok())
        };
        let byte = |name: &str| number(name).and_then(|value| u8::try_from(value).ok()).unwrap_or_default();
        let (Some(target), Some(tag)) = (number("target"), number("tag")) else { continue };
        let target = usize::try_from(target).expect("a small number");
        let latest = commands.iter_mut().rev().find(|command| command.target == target && command.tag == tag);
        if line.contains("scsi_req_parsed_lba ") {
            if let Some(command) = latest {
                command.lba = number("lba");
            }
        } else if line.contains("scsi_req_parsed ") {
            let bytes = number("length").unwrap_or_default();
            commands.push(Traced { target, opcode: byte("command"), lba: None, bytes, sense: None, tag });
        } else if line.contains("scsi_req_build_sense ")
            && let Some(command) = latest
        {
            command.sense = Some((byte("key"), byte("asc"), byte("ascq")));
        }
    }
    commands
}
