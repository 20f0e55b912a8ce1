//! Options of sweep and patch about the drive and about when to end.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use crate::base::human::parse_duration;
use crate::imaging::{DriveSettings, Limits, Retries, Speed};

/// What the drive is to do, and for how long.
#[derive(Debug, Args)]
#[command(next_help_heading = "Drive")]
pub struct DriveArgs {
    /// Reading speed: max, kB/s, or times the base speed of the disc (4x) [default: as the drive has it]
    #[arg(long, value_name = "SPEED")]
    pub speed: Option<SpeedChoice>,
    /// Time limit of one read; the kernel allows no less than 7s, and aborting a read is worse than waiting [default: 30s, patch: 60s]
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub timeout: Option<Duration>,
    /// How often the drive itself tries before it gives up, 0 to 255; keep: as it was found [default: lowered for a sweep when timing shows that the drive obeys]
    #[arg(long, value_name = "N|keep")]
    pub drive_retries: Option<RetryChoice>,
    /// End when the drive has worked for this long without a new sector
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub give_up_after: Option<Duration>,
    /// End when more than N reads have failed
    #[arg(long, value_name = "N")]
    pub max_errors: Option<u64>,
    /// End when the drive has worked for this long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub budget: Option<Duration>,
    /// Open the tray when all is done
    #[arg(long)]
    pub eject: bool,
    /// Keep no log of what was wrong with reads; else it is IMAGE.log.jsonl, 64 MiB at most
    #[arg(long)]
    pub no_drive_log: bool,
}

impl DriveArgs {
    /// What the drive is to do.
    pub(crate) fn settings(&self) -> DriveSettings {
        DriveSettings {
            speed: self.speed.map(SpeedChoice::speed),
            retries: self.drive_retries.map_or(Retries::Probe, |choice| choice.0),
            timeout: self.timeout,
        }
    }

    /// When to end.
    pub(crate) fn limits(&self) -> Limits {
        Limits { give_up_after: self.give_up_after, max_errors: self.max_errors, budget: self.budget }
    }
}

fn parse_timeout(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time.is_zero() || time > Duration::from_secs(24 * 3600) {
        return Err("a read gets between 1s and 24h".into());
    }
    Ok(time)
}

/// A value of `--speed`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SpeedChoice(Speed);

impl SpeedChoice {
    /// The speed.
    pub(crate) fn speed(self) -> Speed {
        self.0
    }
}

impl FromStr for SpeedChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no speed: use max, a number of kB/s such as 5540, or times such as 4x");
        if text == "max" {
            return Ok(Self(Speed::Max));
        }
        let speed = match text.strip_suffix(['x', 'X']) {
            Some(times) => {
                let times: f64 = times.parse().map_err(|_| wrong())?;
                if !times.is_finite() || !(0.1..=1000.0).contains(&times) {
                    return Err(wrong());
                }
                Speed::Times(times)
            }
            // 0 is no speed, 65535 stands for the fastest.
            None => Speed::Kilobytes(text.parse().ok().filter(|k| (1..u16::MAX).contains(k)).ok_or_else(wrong)?),
        };
        Ok(Self(speed))
    }
}

/// A value of `--drive-retries`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetryChoice(Retries);

impl FromStr for RetryChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "keep" => Ok(Self(Retries::Keep)),
            _ => text
                .parse()
                .map(|count| Self(Retries::Count(count)))
                .map_err(|_| format!("'{text}' is no number of tries: use 0 to 255, or keep")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_max_a_number_or_times() {
        assert_eq!("max".parse(), Ok(SpeedChoice(Speed::Max)));
        assert_eq!("5540".parse(), Ok(SpeedChoice(Speed::Kilobytes(5540))));
        assert_eq!("2.4x".parse(), Ok(SpeedChoice(Speed::Times(2.4))));
        for bad in ["", "0", "65535", "fast", "x", "-1x", "nanx", "1e9x", "4 x"] {
            assert!(bad.parse::<SpeedChoice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn tries_are_a_byte_or_kept() {
        assert_eq!("keep".parse(), Ok(RetryChoice(Retries::Keep)));
        assert_eq!("255".parse(), Ok(RetryChoice(Retries::Count(255))));
        for bad in ["", "256", "-1", "none"] {
            assert!(bad.parse::<RetryChoice>().is_err(), "{bad}");
        }
        assert!(parse_timeout("0s").is_err() && parse_timeout("90m").is_ok());
    }
}
