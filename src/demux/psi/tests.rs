use super::*;
use proptest::prelude::*;

fn section(table: u8, id: u16, body: &[u8]) -> Vec<u8> {
    let length = 5 + body.len() + 4;
    let mut section = vec![table, 0xB0 | (length >> 8) as u8, length as u8];
    section.extend(id.to_be_bytes());
    section.extend([0xC1, 0, 0]);
    section.extend(body);
    let crc = crc32(&section);
    section.extend(crc.to_be_bytes());
    section
}

fn packets_of(pid: u16, section: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(section);
    let mut out = Vec::new();
    for (i, chunk) in bytes.chunks(184).enumerate() {
        out.extend([0x47, (pid >> 8) as u8 | if i == 0 { 0x40 } else { 0 }, pid as u8, 0x10 | i as u8]);
        out.extend(chunk);
        out.resize(out.len().next_multiple_of(188), 0xFF);
    }
    out
}

/// A program of Blu-ray kind, its table so long that it takes two packets.
fn sample() -> Vec<u8> {
    let mut data = packets_of(0, &section(0x00, 1, &[0, 0, 0xE0, 0x1F, 0, 1, 0xE1, 0x00]));
    let mut body = vec![0xF0, 0x01, 0xF0, 6, 0x05, 4, b'H', b'D', b'M', b'V'];
    body.extend([0x1B, 0xF0, 0x11, 0xF0, 0]);
    for i in 0..30u8 {
        body.extend([0x81, 0xF1, i, 0xF0, 6, 0x0A, 4, b'd', b'e', b'u', 0]);
    }
    data.extend(packets_of(0x100, &section(0x02, 1, &body)));
    data
}

#[test]
fn streams_are_found_over_several_packets() {
    let program = scan(&sample(), Layout::Ts).expect("a program");
    assert_eq!((program.number, program.pcr_pid, program.streams.len()), (1, 0x1001, 31));
    assert_eq!((program.streams[0].pid, program.streams[0].stream_type), (0x1011, 0x1B));
    assert_eq!(program.streams[30].language, Some(*b"deu"));
    assert_eq!(program.streams[30].descriptors, [0x0A]);
}

#[test]
fn a_table_with_a_wrong_checksum_is_believed_when_it_fits() {
    let whole = scan(&sample(), Layout::Ts);
    let mut data = sample();
    // The checksum of the PAT, and of the PMT.
    data[22] ^= 1;
    for packet in data.chunks_exact_mut(188).filter(|packet| packet[1] & 0x1F == 1 && packet[1] & 0x40 == 0) {
        let crc = packet.iter().rposition(|b| *b != 0xFF).unwrap();
        packet[crc] ^= 1;
    }
    assert_eq!(scan(&data, Layout::Ts), whole);
}

#[test]
fn a_table_that_does_not_fit_is_not_believed_without_its_checksum() {
    let mut data = sample();
    // A length of descriptors in the middle of the PMT.
    data[188 + 5 + 8 + 4 + 6 + 5 + 4] ^= 1;
    assert_eq!(scan(&data, Layout::Ts), None);
    data.extend(sample());
    assert!(scan(&data, Layout::Ts).is_some());
}

/// A PES packet of a PID.
fn pes(pid: u16) -> Vec<u8> {
    let mut packet = vec![0x47, 0x40 | (pid >> 8) as u8, pid as u8, 0x10, 0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0];
    packet.resize(188, 0xFF);
    packet
}

#[test]
fn of_several_programs_the_one_with_data_is_played() {
    let line = |pid: u16| vec![0x1B, 0xE0 | (pid >> 8) as u8, pid as u8, 0xF0, 0];
    let mut data = packets_of(0, &section(0x00, 1, &[0, 1, 0xE1, 0x00, 0, 2, 0xE2, 0x00, 0, 3, 0xE3, 0x00]));
    for (number, pid) in [(1u16, 0x111u16), (2, 0x211), (3, 0x311)] {
        let body = [vec![0xE0, 0x50, 0xF0, 0], line(pid)].concat();
        data.extend(packets_of(number << 8, &section(0x02, number, &body)));
    }
    let number = |data: &[u8]| scan(data, Layout::Ts).map(|program| program.number);
    assert_eq!(number(&data), Some(1));
    for (pid, expected) in [(0x311, 3), (0x211, 2), (0x111, 1)] {
        data.extend(pes(pid));
        assert_eq!(number(&data), Some(expected));
    }
}

proptest! {
    #[test]
    fn damaged_tables_do_no_harm(flips in prop::collection::vec((0usize..1128, any::<u8>()), 0..20), end in 0usize..1128) {
        let mut data = sample();
        for (at, value) in flips {
            let at = at % data.len();
            data[at] = value;
        }
        data.truncate(end);
        let _ = scan(&data, Layout::Ts);
        let _ = scan(&data, Layout::M2ts);
    }
}
