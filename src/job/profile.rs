//! What earlier runs learned of a drive: a small file for each drive and kind of disc, in the folder for state. It is
//! a cache: lost or broken, it costs a few reads until the drive has told again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::media::Media;
use crate::os::durable;
use crate::recovery::Times;

/// What the file holds; another number is another program's.
const FORMAT: u32 = 1;

/// More than any such file has.
const FILE_MAX: u64 = 4096;

/// Seconds that are believed; what lies outside was measured on something that is no drive.
const SOUND: RangeInclusive<f64> = 1e-5..=10.0;
const FAILURE: RangeInclusive<f64> = 1e-2..=600.0;
const SEEK: RangeInclusive<f64> = 1e-4..=60.0;

/// Sectors of a command that are believed.
const LENGTHS: RangeInclusive<u64> = 1..=512;

/// Ways that are remembered; who has more of them forgets some.
const WAYS_MAX: usize = 16;

#[derive(Serialize, Deserialize)]
struct Profile {
    format: u32,
    drive: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sound_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seek_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    needs_rest: Option<bool>,
    /// Most sectors of one command, by what the drive hung on when longer ones failed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    longest_commands: BTreeMap<String, u64>,
}

impl Profile {
    /// What reads take, where that is to be believed.
    fn times(&self) -> Option<Times> {
        let times = Times { sound: self.sound_seconds?, failure: self.failure_seconds?, seek: self.seek_seconds? };
        let believed = SOUND.contains(&times.sound) && FAILURE.contains(&times.failure) && SEEK.contains(&times.seek);
        believed.then_some(times)
    }
}

/// What runs learn of a drive. Each is known without the other: a drive that gives up early has not told what its reads take.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Learned {
    /// What its reads take, when enough of them were seen.
    pub times: Option<Times>,
    /// Whether its failures must be kept apart in time, when that has been found out.
    pub needs_rest: Option<bool>,
    /// Most sectors of one command over the way that it hangs on now, where longer ones were found to fail.
    pub longest_command: Option<u64>,
}

/// The profile of one drive for one kind of disc.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriveProfile {
    drive: String,
    path: PathBuf,
    /// The port or the bridge that the drive hangs on: what commands it takes may be its doing.
    way: String,
}

impl DriveProfile {
    /// The one in `folder` of the drive with this identity.
    #[must_use]
    pub fn new(folder: &Path, drive: &str, media: Option<Media>) -> Self {
        let safe: String = drive.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        let safe = safe.get(..100).unwrap_or(&safe);
        let media = media.map_or("disc", Media::name);
        Self { drive: drive.to_owned(), path: folder.join(format!("drive-{safe}.{media}.json")), way: String::new() }
    }

    /// The same while the drive hangs on this port or bridge.
    #[must_use]
    pub fn on(self, way: Option<&str>) -> Self {
        Self { way: way.unwrap_or_default().to_owned(), ..self }
    }

    /// What is known; `None` when there is nothing, or nothing to believe.
    #[must_use]
    pub fn load(&self) -> Option<Learned> {
        let profile = self.read()?;
        let longest_command = profile.longest_commands.get(&self.way).copied().filter(|most| LENGTHS.contains(most));
        let learned = Learned { times: profile.times(), needs_rest: profile.needs_rest, longest_command };
        (learned != Learned::default()).then_some(learned)
    }

    /// The file, when it is of this drive.
    fn read(&self) -> Option<Profile> {
        let mut text = String::new();
        File::open(&self.path).ok()?.take(FILE_MAX).read_to_string(&mut text).ok()?;
        let profile: Profile = serde_json::from_str(&text).ok()?;
        (profile.format == FORMAT && profile.drive == self.drive).then_some(profile)
    }

    /// Keeps what a run learned.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, learned: Learned) -> io::Result<()> {
        let Learned { times, needs_rest, longest_command } = learned;
        // What is known of other ways stays.
        let mut longest_commands = self.read().map(|profile| profile.longest_commands).unwrap_or_default();
        longest_commands.remove(&self.way);
        while longest_commands.len() >= WAYS_MAX {
            longest_commands.pop_first();
        }
        longest_commands.extend(longest_command.map(|most| (self.way.clone(), most)));
        let profile = Profile {
            format: FORMAT,
            drive: self.drive.clone(),
            sound_seconds: times.map(|times| times.sound),
            failure_seconds: times.map(|times| times.failure),
            seek_seconds: times.map(|times| times.seek),
            needs_rest,
            longest_commands,
        };
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        durable::replace(&self.path, |file| {
            serde_json::to_writer(&mut *file, &profile)?;
            file.write_all(b"\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIMES: Times = Times { sound: 0.004, failure: 3.5, seek: 0.12 };
    const LEARNED: Learned = Learned { times: Some(TIMES), needs_rest: None, longest_command: None };

    #[test]
    fn what_was_learned_is_known_in_the_next_run_of_that_drive_and_kind_of_disc() {
        let folder = tempfile::tempdir().unwrap();
        let of = |drive, media| DriveProfile::new(&folder.path().join("new"), drive, media);
        let profile = of("HL-DT-ST BD-RE ../x 1.05 K9", Some(Media::Bd));
        assert_eq!(profile.load(), None);
        profile.save(LEARNED).unwrap();
        assert_eq!(profile.load(), Some(LEARNED));
        let more = Learned { needs_rest: Some(true), ..LEARNED };
        profile.save(more).unwrap();
        assert_eq!(profile.load(), Some(more));
        assert_eq!(of("HL-DT-ST BD-RE ../x 1.05 K9", Some(Media::Dvd)).load(), None);
        assert_eq!(of("HL-DT-ST BD-RE -..x 1.05 K9", Some(Media::Bd)).load(), None, "a name that looks alike");
        assert!(profile.path.starts_with(folder.path().join("new")));
    }

    #[test]
    fn what_no_drive_takes_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let profile = DriveProfile::new(folder.path(), "X", None);
        for times in [Times { sound: 0.0, ..TIMES }, Times { failure: 1e9, ..TIMES }, Times { seek: -1.0, ..TIMES }] {
            profile.save(Learned { times: Some(times), ..Learned::default() }).unwrap();
            assert_eq!(profile.load(), None, "{times:?}");
            let known = Learned { needs_rest: Some(true), ..Learned::default() };
            profile.save(Learned { times: Some(times), ..known }).unwrap();
            assert_eq!(profile.load(), Some(known), "{times:?}");
        }
    }

    #[test]
    fn each_is_known_without_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let profile = DriveProfile::new(folder.path(), "X", None);
        let rest = Learned { needs_rest: Some(true), ..Learned::default() };
        let longest = Learned { longest_command: Some(16), ..Learned::default() };
        for learned in [rest, longest, LEARNED] {
            profile.save(learned).unwrap();
            assert_eq!(profile.load(), Some(learned));
        }
        profile.save(Learned::default()).unwrap();
        assert_eq!(profile.load(), None);
    }

    #[test]
    fn how_long_commands_may_be_is_known_for_each_way() {
        let folder = tempfile::tempdir().unwrap();
        let on = |way: Option<&str>| DriveProfile::new(folder.path(), "X", None).on(way);
        let known = Learned { longest_command: Some(16), ..LEARNED };
        on(Some("usb 152d:0561 1-2")).save(known).unwrap();
        assert_eq!(on(Some("usb 152d:0561 1-2")).load(), Some(known));
        assert_eq!(on(Some("pci0000:00/ata3")).load(), Some(LEARNED));
        on(Some("pci0000:00/ata3")).save(LEARNED).unwrap();
        assert_eq!(on(Some("usb 152d:0561 1-2")).load(), Some(known), "what is known of another way stays");
        on(Some("usb 152d:0561 1-2")).save(LEARNED).unwrap();
        assert_eq!(on(Some("usb 152d:0561 1-2")).load(), Some(LEARNED), "it works again");
        (0..40).for_each(|n| on(Some(&format!("way {n}"))).save(known).unwrap());
        assert!(std::fs::metadata(&on(None).path).unwrap().len() < FILE_MAX);
        on(None).save(Learned { longest_command: Some(0), ..LEARNED }).unwrap();
        assert_eq!(on(None).load(), Some(LEARNED), "no command is that short");
    }

    proptest! {
        #[test]
        fn no_file_makes_a_panic(text in "(?s).{0,120}", drive in "(?s).{0,130}") {
            let folder = tempfile::tempdir().unwrap();
            let profile = DriveProfile::new(folder.path(), &drive, Some(Media::Cd));
            std::fs::write(&profile.path, text).unwrap();
            prop_assert_eq!(profile.load(), None);
        }
    }
}
