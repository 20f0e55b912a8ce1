//! Elementary streams that other programs made, wrapped into transport streams here: what they are is known, and what cannot be
//! written is named. Needs `FREEMKV_TEST_DATA` and ffprobe.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fixtures::packets::{self, AUDIO, Elementary};
use crate::stream_files::samples::{mux, probed, probed_as};
use crate::support::{program, run, test_data};
use freemkv::demux::m2ts::{Demux, Layout};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink};

const FIRST: i64 = 900_000;
/// Ticks of 90 kHz that an access unit of TrueHD or MLP lasts at 48 kHz and its multiples.
const UNIT: i64 = 75;

/// The files of a folder whose names end so.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let Some(data) = test_data().filter(|_| program("ffprobe").is_some()) else { return Vec::new() };
    let all = std::fs::read_dir(data.join("samples").join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    files
}

/// The packets of a stream.
#[derive(Default)]
struct Packets(Vec<(Option<i64>, Vec<u8>)>);

impl Sink for Packets {
    fn start(&mut self, _: u8, head: &PesHead) {
        self.0.push((head.pts.map(|pts| pts.0), Vec::new()));
    }
    fn payload(&mut self, _: u8, bytes: &[u8]) {
        self.0.last_mut().unwrap().1.extend(bytes);
    }
    fn end(&mut self, _: u8) {}
    fn lost(&mut self, _: u8, _: Loss) {}
}

fn packets_of(stream: &[u8], layout: Layout, pid: u16) -> Vec<(Option<i64>, Vec<u8>)> {
    let (mut demux, mut packets) = (Demux::new(layout, 0), Packets::default());
    demux.select(pid).unwrap();
    demux.push(stream, &mut packets);
    demux.finish(&mut packets);
    packets.0
}

/// Sound that can be written: AC-3 from `FIRST` on.
fn sound(pid: u16) -> Elementary {
    let mut packets = packets_of(&packets::film(3), Layout::M2ts, AUDIO);
    let shift = FIRST - packets[0].0.unwrap();
    packets.iter_mut().for_each(|(pts, _)| *pts = pts.map(|pts| pts + shift));
    Elementary { pid, kind: 0x81, id: 0xBD, extension: None, descriptors: Vec::new(), packets }
}

fn written(folder: &Path, streams: &[Elementary]) -> PathBuf {
    let path = folder.join("stream.m2ts");
    std::fs::write(&path, packets::wrapped(streams)).unwrap();
    path
}

/// What ffprobe says of a file: these entries, in order, each line once.
fn entries(file: &Path, entries: &str, more: &[&str]) -> Vec<String> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "quiet", "-show_entries", entries, "-of", "csv=p=0"]).args(more).arg(file);
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let lines = text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty());
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn truehd_has_the_parameters_that_ffprobe_finds() {
    let folder = tempfile::tempdir().unwrap();
    for file in files("truehd", "mlp") {
        let name = file.file_name().unwrap().to_str().unwrap();
        let data = std::fs::read(&file).unwrap();
        let (mut packets, mut at, mut pts) = (Vec::new(), 0, FIRST);
        while let Some(head) = data.get(at..at + 2) {
            let size = 2 * (usize::from(head[0] & 0x0F) << 8 | usize::from(head[1]));
            let unit = &data[at..data.len().min(at + size.max(4))];
            packets.push((Some(pts), unit.to_vec()));
            (at, pts) = (at + unit.len(), pts + UNIT);
        }
        let units = packets.len() as u64;
        let stream =
            Elementary { pid: 0x1100, kind: 0x83, id: 0xFD, extension: Some(0x72), descriptors: Vec::new(), packets };
        let output = folder.path().join("film.mkv");
        let _ = std::fs::remove_file(&output);
        if name.starts_with("fba") {
            let report = mux(&written(folder.path(), &[stream]), &output).unwrap();
            assert!(report.is_complete(), "{name}: {report:?}");
            assert_eq!(report.tracks[0].frames, units, "{name}");
            assert_eq!(probed(&output), probed_as(&file, &["-f", "truehd"]), "{name}");
            continue;
        }
        // MLP alone is no film; beside something that can be written it is named.
        let error = mux(&written(folder.path(), std::slice::from_ref(&stream)), &output).unwrap_err().to_string();
        assert!(error.contains("MLP"), "{name}: {error}");
        names(&written(folder.path(), &[stream, sound(0x1101)]), &output, "MLP");
    }
}

/// The film of a stream has its sound, and its report says that the other one is not there and what it is.
fn names(stream: &Path, output: &Path, codec: &str) {
    let done = run(["mux", stream.to_str().unwrap(), output.to_str().unwrap(), "--json"]);
    assert_eq!(done.code, Some(3), "{done:?}");
    let report: serde_json::Value = serde_json::from_str(done.stdout.trim()).unwrap();
    let film = &report["outputs"][0];
    assert_eq!(film["left_out"][0]["codec"], codec, "{film}");
    assert_eq!(film["tracks"][0]["codec"], "AC-3", "{film}");
    std::fs::remove_file(output).unwrap();
}

#[test]
fn dts_uhd_is_named_however_the_tables_name_it() {
    let Some(data) = test_data() else { return };
    let bytes = std::fs::read(data.join("samples/ts/sample_dts_uhd.ts")).unwrap();
    let layout = Layout::detect(&bytes).unwrap();
    let program = freemkv::demux::psi::scan(&bytes, layout).unwrap();
    let packets = packets_of(&bytes, layout, program.streams[0].pid);
    let first = packets.iter().find_map(|(pts, _)| *pts).unwrap();
    let packets: Vec<_> = packets.into_iter().map(|(pts, bytes)| (pts.map(|pts| pts - first + FIRST), bytes)).collect();
    let folder = tempfile::tempdir().unwrap();
    // As on discs; as private data with the extension descriptors of ETSI EN 300 468, annex G.
    for (kind, descriptors) in [(0x86, vec![]), (0x06, vec![0x7F, 2, 0x21, 0]), (0x06, vec![0x7F, 2, 0x0E, 0])] {
        let stream =
            Elementary { pid: 0x1101, kind, id: 0xFD, extension: Some(0x71), descriptors, packets: packets.clone() };
        names(&written(folder.path(), &[sound(0x1100), stream]), &folder.path().join("film.mkv"), "DTS-UHD");
    }
}

#[test]
fn hevc_has_the_parameters_and_messages_that_ffprobe_finds() {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for file in files("dolby-vision", "hevc").into_iter().chain(files("hdr10plus", "hevc")) {
        let name = file.display();
        let data = std::fs::read(&file).unwrap();
        let output = folder.path().join("film.mkv");
        let _ = std::fs::remove_file(&output);
        for size in [data.len(), 3000] {
            let packets = data.chunks(size).enumerate().map(|(n, part)| ((n == 0).then_some(FIRST), part.to_vec()));
            let stream = Elementary {
                pid: 0x1011,
                kind: 0x24,
                id: 0xE0,
                extension: None,
                descriptors: Vec::new(),
                packets: packets.collect(),
            };
            let muxed = mux(&written(folder.path(), &[stream]), &output);
            let kinds: Vec<u8> =
                memchr::memmem::find_iter(&data, &[0, 0, 1]).map(|at| data[at + 3] >> 1 & 0x3F).collect();
            let has = |wanted: u8| kinds.contains(&wanted);
            if kinds.iter().all(|kind| *kind >= 32) {
                // No more than messages: nothing that could be shown.
                assert!(muxed.is_err(), "{name}");
                continue;
            }
            let report = muxed.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(report.is_complete(), "{name}: {report:?}");
            assert_eq!(probed(&output), probed(&file), "{name}");
            let first = ["-read_intervals", "%+#1"];
            let messages = |file: &Path| entries(file, "frame_side_data=side_data_type", &first);
            assert_eq!(messages(&output), messages(&file), "{name}");
            let record = entries(&output, "stream_side_data=dv_profile,el_present_flag", &[]);
            let record: Vec<&str> = record.iter().map(String::as_str).collect();
            match (has(62), has(63)) {
                (false, _) => assert!(record.is_empty(), "{name}: {record:?}"),
                (true, true) => assert_eq!(record, ["1", "7"], "{name}"),
                // What a profile 7 of both layers came from may say so still.
                (true, false) => assert!(matches!(record[..], ["0", "7" | "8"]), "{name}: {record:?}"),
            }
            std::fs::remove_file(&output).unwrap();
            count += 1;
        }
    }
    assert!(count == 0 || count >= 40, "{count}");
}

#[test]
fn subtitles_of_sup_files_have_all_their_sets() {
    let folder = tempfile::tempdir().unwrap();
    for file in files("pgs", "sup") {
        let data = std::fs::read(&file).unwrap();
        let (mut packets, mut rest, mut sets) = (Vec::new(), &data[..], 0);
        while let [b'P', b'G', a, b, c, d, _, _, _, _, kind, high, low, ..] = *rest {
            let end = 13 + (usize::from(high) << 8 | usize::from(low));
            packets.push((Some(i64::from(u32::from_be_bytes([a, b, c, d]))), rest[10..end].to_vec()));
            sets += u64::from(kind == 0x80);
            rest = &rest[end..];
        }
        // The sound begins where they do.
        let first = packets[0].0.unwrap();
        packets.iter_mut().for_each(|(pts, _)| *pts = pts.map(|pts| pts - first + FIRST));
        let stream =
            Elementary { pid: 0x1200, kind: 0x90, id: 0xBD, extension: None, descriptors: Vec::new(), packets };
        let output = folder.path().join("film.mkv");
        let report = mux(&written(folder.path(), &[sound(0x1100), stream]), &output).unwrap();
        assert!(report.is_complete(), "{report:?}");
        let subtitles = report.tracks.iter().find(|track| track.codec == "PGS").unwrap();
        assert_eq!(subtitles.frames, sets, "{}", file.display());
        assert!(probed(&output).iter().any(|line| line.starts_with("hdmv_pgs_subtitle")));
        std::fs::remove_file(&output).unwrap();
    }
}

#[test]
fn streams_of_films_that_others_wrote_are_the_same_again() {
    if program("ffmpeg").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for file in files("mkv", "mkv") {
        let (stream, output) = (folder.path().join("stream.m2ts"), folder.path().join("film.mkv"));
        // DVD subtitles have no place in a transport stream.
        let tracks = ["-map", "0:v?", "-map", "0:a?", "-c", "copy", "-f", "mpegts", "-mpegts_m2ts_mode", "1"];
        let wrapped =
            Command::new("ffmpeg").args(["-v", "error", "-y", "-i"]).arg(&file).args(tracks).arg(&stream).status();
        assert!(wrapped.unwrap().success());
        let report = mux(&stream, &output).unwrap();
        assert!(report.is_complete(), "{report:?}");
        let known: Vec<String> = probed(&file).into_iter().filter(|line| !line.contains("subtitle")).collect();
        assert_eq!(probed(&output), known, "{}", file.display());
        std::fs::remove_file(&output).unwrap();
    }
}
