//! What a person wants of the drive, sent to it before the first read.

use std::time::Duration;

use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::media::Media;
use crate::base::sector::SECTOR_BYTES;
use crate::source::drive::{Control, DriveSource, Supported};

/// A reading speed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Speed {
    /// The fastest there is.
    Max,
    /// kB/s (1000 bytes).
    Kilobytes(u16),
    /// Times the base speed of the kind of disc.
    Times(f64),
}

impl Speed {
    /// In kB/s for a kind of disc, `None` for the fastest. A drive rounds down, so this rounds up.
    fn kilobytes(self, media: Media) -> Option<u16> {
        // 1x of a CD is that of sound, 75 frames of 2352 bytes a second.
        let base = match media {
            Media::Cd => 176.4,
            Media::Dvd => 1385.0,
            Media::Bd | Media::Uhd => 4496.0,
        };
        let whole = |speed: f64| (1..u16::MAX).rev().find(|k| f64::from(*k - 1) < speed).unwrap_or(1);
        match self {
            Self::Max => None,
            Self::Kilobytes(speed) => Some(speed),
            // The largest number says "fastest".
            Self::Times(times) => Some(whole(times * base)),
        }
    }
}

/// How often the drive itself shall try (byte 3 of mode page 01h).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Retries {
    /// Lowered for a sweep when timing shows that the drive obeys; as it was found for a patch.
    #[default]
    Probe,
    /// As it was found.
    Keep,
    /// So often.
    Count(u8),
}

/// What a person wants of the drive.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct DriveSettings {
    /// Its speed; as it is by default.
    pub speed: Option<Speed>,
    /// Its own tries.
    pub retries: Retries,
    /// Time limit of a read.
    pub timeout: Option<Duration>,
}

/// Sends them; what the drive does not do is told.
pub(super) fn send(settings: &DriveSettings, media: Media, source: &mut dyn DriveSource, events: &dyn Events) {
    let name = source.facts().name.clone();
    let mut send = |control, what: &str| {
        if source.set(control) == Supported::No {
            events.event(Event::Warning(format!("{name} does not let its {what} be set")));
        }
    };
    if let Some(speed) = settings.speed {
        send(Control::Speed(speed.kilobytes(media)), "speed");
    }
    if let Retries::Count(count) = settings.retries {
        send(Control::Retries(Some(count)), "number of tries");
    }
}

/// Bytes that must have been read calmly before their speed says something.
const ENOUGH: u64 = 16 << 20;

/// A drive that reads at less than this share of its own top speed is held back by something.
const SHARE: f64 = 0.35;

/// A sentence when the drive read much slower than it says it can, though nothing was wrong where it did: `calm` are
/// sectors that were read far from any failure, and the seconds they took.
pub(super) fn riplock(calm: (u64, f64), settings: &DriveSettings, source: &dyn DriveSource) -> Option<String> {
    let (sectors, seconds) = calm;
    let bytes = sectors.saturating_mul(SECTOR_BYTES);
    let top = source.top_speed()?;
    let speed = bytes as f64 / seconds;
    let chosen = matches!(settings.speed, Some(Speed::Kilobytes(_) | Speed::Times(_)));
    if chosen || bytes < ENOUGH || !speed.is_finite() || speed >= SHARE * top as f64 {
        return None;
    }
    #[expect(clippy::cast_sign_loss, reason = "a speed is not negative")]
    let speed = human::bytes(speed as u64);
    Some(format!(
        "The drive read sound sectors at {speed}/s, though it says it can do {}/s: it slows itself down for this disc \
         (riplock), or its way here is slow. That is no damage.",
        human::bytes(top)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_in_the_unit_of_the_disc() {
        assert_eq!(Speed::Max.kilobytes(Media::Bd), None);
        assert_eq!(Speed::Kilobytes(2770).kilobytes(Media::Dvd), Some(2770));
        assert_eq!(Speed::Times(4.0).kilobytes(Media::Cd), Some(706));
        assert_eq!(Speed::Times(2.0).kilobytes(Media::Dvd), Some(2770));
        assert_eq!(Speed::Times(12.0).kilobytes(Media::Bd), Some(53_952));
        assert_eq!(Speed::Times(99.0).kilobytes(Media::Bd), Some(65_534));
        assert_eq!(Speed::Times(0.0).kilobytes(Media::Bd), Some(1));
    }
}
