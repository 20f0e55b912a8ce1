//! The drive log, `IMAGE.log.jsonl`: a line for each command that failed, was recovered or was slow.

mod file;

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::source::drive::{Incident, Trouble};

use file::open_log;

/// Most bytes of a log, all runs together.
const BYTES_MAX: u64 = 64 << 20;

/// The last line of a log that is full.
const FULL: &str = "{\"full\":true}\n";

/// One line.
#[derive(Serialize)]
struct Line {
    /// Seconds on the source's clock when it ended.
    at: f64,
    phase: String,
    /// How a drive was asked again for what had failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_mode: Option<&'static str>,
    trouble: &'static str,
    lba: u64,
    length: u64,
    fua: bool,
    ms: u64,
    status: u8,
    host_status: u16,
    key: Option<u8>,
    asc: Option<u8>,
    ascq: Option<u8>,
}

/// Incidents of one read.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::imaging) struct Entry {
    /// What was wrong, command by command.
    pub(in crate::imaging) incidents: Vec<Incident>,
    /// What was being done.
    pub(in crate::imaging) phase: String,
    /// How the drive was asked again for what had failed.
    pub(in crate::imaging) retry_mode: Option<&'static str>,
}

/// The log of one image. It is made when there is something to write, and no trouble with it ever ends a run.
#[derive(Debug)]
pub(in crate::imaging) struct DriveLog {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
    /// Full, or broken.
    closed: bool,
}

impl DriveLog {
    /// A log at `path`, behind what earlier runs wrote there.
    pub(in crate::imaging) fn new(path: PathBuf) -> Self {
        Self { path, file: None, bytes: 0, closed: false }
    }

    /// Appends lines for the incidents.
    pub(in crate::imaging) fn append(&mut self, entry: &Entry) {
        if self.closed || entry.incidents.is_empty() {
            return;
        }
        if let Err(cause) = self.write(entry) {
            tracing::warn!("the drive log {} is given up: {cause}", self.path.display());
            self.closed = true;
        }
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut text: Vec<u8> = Vec::new();
        for incident in &entry.incidents {
            serde_json::to_writer(&mut text, &line(incident, entry))?;
            text.push(b'\n');
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let (file, bytes) = open_log(&self.path)?;
                self.bytes = bytes;
                none.insert(file)
            }
        };
        if self.bytes + text.len() as u64 + FULL.len() as u64 > BYTES_MAX {
            self.closed = true;
            if self.bytes + FULL.len() as u64 <= BYTES_MAX {
                file.write_all(FULL.as_bytes())?;
            }
            return Ok(());
        }
        file.write_all(&text)?;
        self.bytes += text.len() as u64;
        Ok(())
    }
}

fn line(incident: &Incident, entry: &Entry) -> Line {
    Line {
        at: (incident.at.as_secs_f64() * 1000.0).round() / 1000.0,
        phase: entry.phase.clone(),
        retry_mode: entry.retry_mode,
        trouble: match incident.trouble {
            Trouble::Failed => "failed",
            Trouble::Recovered => "recovered",
            Trouble::Slow => "slow",
            Trouble::None => "none",
        },
        lba: incident.range.start(),
        length: incident.range.len(),
        fua: incident.fua,
        ms: std::time::Duration::try_from_secs_f64(incident.seconds)
            .map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        status: incident.status,
        host_status: incident.host_status,
        key: incident.sense.map(|s| s.key),
        asc: incident.sense.map(|s| s.asc),
        ascq: incident.sense.map(|s| s.ascq),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::outcome::Sense;
    use crate::base::sector::SectorRange;
    use std::time::Duration;

    fn entry() -> Entry {
        let incident = Incident {
            range: SectorRange::new(640, 672),
            fua: true,
            trouble: Trouble::Failed,
            at: Duration::from_micros(12_345_600),
            seconds: 4.0123,
            status: 2,
            host_status: 0,
            sense: Some(Sense::new(3, 0x11, 5)),
        };
        Entry { incidents: vec![incident], phase: "sweep".into(), retry_mode: None }
    }

    #[test]
    fn a_line_says_where_how_long_and_what_the_drive_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.iso.log.jsonl");
        let mut log = DriveLog::new(path.clone());
        log.append(&Entry::default());
        assert!(!path.exists(), "nothing to say, no file");
        log.append(&entry());
        DriveLog::new(path.clone()).append(&entry());
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().count(), 2);
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let expected = serde_json::json!({
            "at": 12.346, "phase": "sweep", "trouble": "failed", "lba": 640, "length": 32, "fua": true, "ms": 4012,
            "status": 2, "host_status": 0, "key": 3, "asc": 17, "ascq": 5
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn a_full_log_says_so_and_grows_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        DriveLog::new(path.clone()).append(&entry());
        File::options().write(true).open(&path).unwrap().set_len(BYTES_MAX - 100).unwrap();
        for _ in 0..3 {
            DriveLog::new(path.clone()).append(&entry());
        }
        let length = std::fs::metadata(&path).unwrap().len();
        assert!((BYTES_MAX - 100..=BYTES_MAX).contains(&length));
        assert!(std::fs::read(&path).unwrap().ends_with(FULL.as_bytes()));
    }

    #[test]
    fn a_log_that_cannot_be_written_is_given_up() {
        let mut log = DriveLog::new("/no/such/folder/log".into());
        log.append(&entry());
        assert!(log.closed);
    }
}
