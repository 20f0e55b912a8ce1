//! What a command block itself tells of its command.

use freemkv::scsi::cdb::op;

/// Most bytes that one command moves here: more than any of the kernel's drivers asks for.
pub(crate) const DATA_MAX: usize = 4 << 20;

/// Whether the command brings data: neither the target core nor USB Attached SCSI says so beside it.
pub(crate) fn brings_data(cdb: &[u8]) -> bool {
    matches!(cdb.first(), Some(&(op::MODE_SELECT_10 | op::SET_STREAMING)))
}

/// The command proper out of a field of fixed size: the group of its operation code gives the length (SPC-4, 4.3.4.1).
pub(crate) fn trimmed(field: &[u8]) -> &[u8] {
    let length = match field.first().map_or(0, |opcode| opcode >> 5) {
        1 | 2 => 10,
        4 => 16,
        5 => 12,
        _ => 6,
    };
    field.get(..length).unwrap_or(field)
}

#[test]
fn lengths_and_directions() {
    let field = |opcode: u8| [&[opcode][..], &[0; 15]].concat();
    for (opcode, length, out) in
        [(0x00, 6, false), (0x28, 10, false), (0x55, 10, true), (0xA8, 12, false), (0xB6, 12, true)]
    {
        assert_eq!(trimmed(&field(opcode)).len(), length, "{opcode:02X}");
        assert_eq!(brings_data(&field(opcode)), out, "{opcode:02X}");
    }
    assert_eq!(trimmed(&[0x28, 0]), [0x28, 0]);
}
