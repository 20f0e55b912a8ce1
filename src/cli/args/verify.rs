//! Arguments of `verify`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::job;
use crate::job::source_name::{NameError, SourceName};
use crate::job::verify::Sample;

use super::format::{Format, choice};

/// `freemkv verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The disc: a drive, an image file, a block device, emu:IMAGE
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub source: OsString,
    /// The image that is compared with it; what its map lacks is not compared
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub image: PathBuf,
    /// Compare a sample only: this share of the disc, per cent, spread evenly, first and last sectors included; at least 2048 sectors
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub sample: Option<f64>,
    /// The same number picks the same sample again
    #[arg(long, value_name = "N", default_value_t = 1, requires = "sample")]
    pub seed: u64,
    /// The image's map [default: IMAGE with .map added, where that is there]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub map: Option<PathBuf>,
    /// Source and image are of this format whatever their names end in
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
}

impl Verify {
    /// What is asked for.
    ///
    /// # Errors
    /// The name of the image cannot be understood.
    pub(crate) fn job(&self) -> Result<job::verify::Verify, NameError> {
        let sample = self.sample.map(|percent| Sample { percent, seed: self.seed });
        let name = SourceName::parse(&self.image, choice(self.format).of_copied(self.image.as_os_str()))?;
        Ok(job::verify::Verify { name, image: self.image.clone(), map: self.map.clone(), sample })
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim_end().parse::<f64>().ok();
    let percent = number.filter(|percent| *percent > 0.0 && *percent <= 100.0);
    percent.ok_or_else(|| format!("'{text}' is no share: use a number above 0 and up to 100, such as 5 or 0.5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_above_nothing_and_no_more_than_all() {
        for (text, value) in [("5", 5.0), ("0.5%", 0.5), ("100", 100.0), ("2.5 %", 2.5)] {
            assert_eq!(percent(text), Ok(value));
        }
        for bad in ["", "0", "-1", "101", "nan", "inf", "five", "%"] {
            assert!(percent(bad).is_err(), "{bad}");
        }
    }
}
