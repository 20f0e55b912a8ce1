//! How much time a gigabyte takes from packets to blocks. Run by hand:
//! `cargo test --release --test streams -- --ignored --nocapture seconds_a_gigabyte`

use std::process::Command;

use freemkv::codec::{Frame, Lost, Output, Splitter, Stamp};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink};

use crate::support::open;

const TOTAL: usize = 1 << 30;
const CLUSTER: usize = 5 << 20;

/// Builds clusters and throws them away.
#[derive(Default)]
struct Clusters {
    cluster: Vec<u8>,
    frames: u64,
    bytes: u64,
}

impl Output for Clusters {
    fn frame(&mut self, frame: Frame<'_>) {
        if self.cluster.len() + frame.payload.len() > CLUSTER {
            self.cluster.clear();
        }
        frame.payload.append_to(&mut self.cluster);
        self.frames += 1;
        self.bytes += frame.payload.len() as u64;
    }

    fn lost(&mut self, _: Lost) {}

    fn undecodable(&mut self, _: Lost) {}
}

struct Mux {
    splitters: Vec<Box<dyn Splitter>>,
    out: Clusters,
}

impl Sink for Mux {
    fn start(&mut self, slot: u8, head: &PesHead) {
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        self.splitters[usize::from(slot)].start(stamp, head.extension, &mut self.out);
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        self.splitters[usize::from(slot)].payload(bytes);
    }

    fn end(&mut self, slot: u8) {
        self.splitters[usize::from(slot)].end(&mut self.out);
    }

    fn lost(&mut self, slot: u8, _: Loss) {
        self.splitters[usize::from(slot)].discontinuity(&mut self.out);
    }
}

/// Ten seconds of noise at the rate of a disc.
fn stream() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.m2ts");
    let video = "testsrc2=s=1920x1080:r=24000/1001,noise=alls=40:allf=t";
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", video, "-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.3"])
        .args(["-t", "10", "-map", "0:v", "-map", "1:a", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-b:v", "35M", "-maxrate", "35M", "-bufsize", "30M", "-x264opts", "slices=4:bluray-compat=1:aud=1"])
        .args(["-c:a:0", "ac3", "-b:a:0", "640k", "-c:a:1", "truehd", "-strict", "-2", "-ac", "6"])
        .args(["-f", "mpegts", "-mpegts_m2ts_mode", "1"])
        .arg(&path)
        .status();
    assert!(done.unwrap().success());
    std::fs::read(path).unwrap()
}

/// User time of this process: other programs on the machine do not count.
fn user_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<f64>().unwrap() / 100.0
}

#[test]
#[ignore = "takes a minute, and says something in release builds only"]
fn seconds_a_gigabyte() {
    let data = std::env::var_os("FREEMKV_BENCH_STREAM").map_or_else(stream, |path| std::fs::read(path).unwrap());
    let (mut demux, tracks) = open(&data);
    let splitters = tracks.tracks.into_iter().map(|t| t.splitter).collect();
    let mut mux = Mux { splitters, out: Clusters::default() };
    let start = user_seconds();
    let mut done = 0;
    while done < TOTAL {
        for chunk in data.chunks(4 << 20) {
            demux.push(chunk, &mut mux);
        }
        done += data.len();
    }
    demux.finish(&mut mux);
    let seconds = user_seconds() - start;
    println!("{} frames, {:.3} GB in clusters", mux.out.frames, mux.out.bytes as f64 / 1e9);
    println!("{:.3} s of user time a GB", seconds / (done as f64 / 1e9));
}
