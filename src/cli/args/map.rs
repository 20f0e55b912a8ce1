//! Arguments of `map`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use crate::base::human::parse_bytes;
use crate::mapfile::ops::difference::What;
use crate::mapfile::status::Status;

use super::help::map as help;
use super::imaging::MediaChoice;

/// `freemkv map`.
#[derive(Debug, Subcommand)]
pub enum MapCommand {
    /// Show what a map says: totals, and the ranges that are missing; and what lies there in the image
    #[command(before_help = help::SHOW_EXAMPLES, after_help = help::SHOW)]
    Show(MapShow),
    /// Draw a map: in the terminal, as PNG or SVG, in a row or as the disc's spiral
    #[command(before_help = help::PICTURE_EXAMPLES, after_help = help::PICTURE)]
    Picture(MapPicture),
    /// Write a map in another form: as ddrescue has it, as a list of block numbers, as JSON
    #[command(before_help = help::CONVERT_EXAMPLES, after_help = help::CONVERT)]
    Convert(MapConvert),
    /// Write the map in which is rescued what is rescued in both
    #[command(before_help = help::AND_EXAMPLES, after_help = help::SETS)]
    And(MapPair),
    /// Write the map in which is rescued what is rescued in either
    #[command(before_help = help::OR_EXAMPLES, after_help = help::SETS)]
    Or(MapPair),
    /// Write the map in which is rescued what is rescued in one and not in the other
    #[command(before_help = help::XOR_EXAMPLES, after_help = help::SETS)]
    Xor(MapPair),
    /// Write the opposite of a map
    #[command(before_help = help::INVERT_EXAMPLES, after_help = help::INVERT)]
    Invert(MapOne),
    /// Say where two maps differ
    #[command(before_help = help::COMPARE_EXAMPLES, after_help = help::COMPARE)]
    Compare(MapCompare),
    /// Make one image, or one map, of several of the same disc
    #[command(before_help = help::MERGE_EXAMPLES, after_help = help::MERGE)]
    Merge(MapMerge),
}

impl MapCommand {
    /// What it is called in its report.
    #[must_use]
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Show(_) => "map show",
            Self::Picture(_) => "map picture",
            Self::Convert(_) => "map convert",
            Self::And(_) => "map and",
            Self::Or(_) => "map or",
            Self::Xor(_) => "map xor",
            Self::Invert(_) => "map invert",
            Self::Compare(_) => "map compare",
            Self::Merge(_) => "map merge",
        }
    }

    /// Whether it prints a map, a list or such on standard output, so that a report has no place there.
    #[must_use]
    pub(crate) fn prints_a_result(&self) -> bool {
        match self {
            Self::Show(_) | Self::Picture(_) | Self::Compare(_) => false,
            Self::Convert(convert) => convert.product.output.is_none(),
            Self::And(pair) | Self::Or(pair) | Self::Xor(pair) => pair.product.output.is_none(),
            Self::Invert(one) => one.product.output.is_none(),
            Self::Merge(merge) => merge.output.is_none(),
        }
    }

    /// The maps, or images with maps, that it reads, in order.
    #[must_use]
    pub(crate) fn sources(&self) -> Vec<&PathBuf> {
        match self {
            Self::Show(show) => show.maps.iter().collect(),
            Self::Picture(picture) => vec![&picture.map],
            Self::Convert(convert) => vec![&convert.map],
            Self::And(pair) | Self::Or(pair) | Self::Xor(pair) => vec![&pair.map, &pair.other],
            Self::Invert(one) => vec![&one.map],
            Self::Compare(compare) => vec![&compare.map, &compare.other],
            Self::Merge(merge) => merge.maps.iter().collect(),
        }
    }
}

/// `freemkv map show`.
#[derive(Debug, Args)]
pub struct MapShow {
    /// Map files, as freemkv or ddrescue write them
    #[arg(required = true, value_name = "MAP", value_hint = ValueHint::FilePath)]
    pub maps: Vec<PathBuf>,
    /// The image that the map is of [default: the map's name without .map, when that is there]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub image: Option<PathBuf>,
}

/// Where a map, a list or a picture goes.
#[derive(Debug, Args)]
pub struct Product {
    /// Write it into FILE, whole or not at all [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `freemkv map picture`.
#[derive(Debug, Args)]
pub struct MapPicture {
    /// The map
    #[arg(value_hint = ValueHint::FilePath)]
    pub map: PathBuf,
    /// The disc as it lies, in place of a row
    #[arg(long)]
    pub spiral: bool,
    /// Columns of the picture in the terminal, 20 to 200 [default: as wide as it is, 80 elsewhere]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=200))]
    pub width: Option<u16>,
    /// Write it as a PNG file in place of the terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub png: Option<PathBuf>,
    /// Write it as an SVG file in place of the terminal
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub svg: Option<PathBuf>,
    /// The kind of disc; auto: as the state beside the map says, else by its size
    #[arg(long, value_name = "MEDIA", default_value = "auto")]
    pub media: MediaChoice,
    /// Layers of the disc, 1 to 4 [default: as many as its size takes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub layers: Option<u8>,
    /// Write over files that are there
    #[arg(long)]
    pub force: bool,
}

/// `freemkv map convert`.
#[derive(Debug, Args)]
pub struct MapConvert {
    /// The map
    #[arg(value_hint = ValueHint::FilePath)]
    pub map: PathBuf,
    /// What it becomes
    #[arg(long, value_name = "FORM")]
    pub to: Form,
    /// Bytes in a block of the list
    #[arg(long, value_name = "SIZE", default_value = "2048", value_parser = block_size)]
    pub block_size: NonZeroU64,
    /// Statuses that the list has: ? not tried, * failed in a long read, / failed alone, - bad, + rescued
    #[arg(long, value_name = "STATUSES", default_value = "?*/-", allow_hyphen_values = true)]
    pub status: Statuses,
    /// Where it goes.
    #[command(flatten)]
    pub product: Product,
}

/// What a map becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Form {
    /// A map as GNU ddrescue writes it: contiguous from 0, neighbours joined.
    Ddrescue,
    /// Block numbers, one a line, as badblocks prints them.
    Blocks,
    /// One JSON object.
    Json,
}

/// A value of `--status`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statuses(pub Vec<Status>);

impl FromStr for Statuses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let status =
            |symbol| Status::from_symbol(symbol).ok_or_else(|| format!("'{symbol}' is no status: use ? * / - +"));
        match text.chars().map(status).collect::<Result<Vec<_>, _>>()? {
            statuses if statuses.is_empty() => Err("name at least one of ? * / - +".into()),
            statuses => Ok(Self(statuses)),
        }
    }
}

fn block_size(text: &str) -> Result<NonZeroU64, String> {
    NonZeroU64::new(parse_bytes(text)?).ok_or_else(|| "a block has at least one byte".into())
}

impl Form {
    /// Its name in `--to`.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ddrescue => "ddrescue",
            Self::Blocks => "blocks",
            Self::Json => "json",
        }
    }
}

/// `freemkv map and`, `or` and `xor`.
#[derive(Debug, Args)]
pub struct MapPair {
    /// The map that keeps its statuses where nothing is decided
    #[arg(value_name = "MAP", value_hint = ValueHint::FilePath)]
    pub map: PathBuf,
    /// The other map
    #[arg(value_name = "OTHER", value_hint = ValueHint::FilePath)]
    pub other: PathBuf,
    /// Where the result goes.
    #[command(flatten)]
    pub product: Product,
}

/// `freemkv map invert`.
#[derive(Debug, Args)]
pub struct MapOne {
    /// The map
    #[arg(value_hint = ValueHint::FilePath)]
    pub map: PathBuf,
    /// Where the result goes.
    #[command(flatten)]
    pub product: Product,
}

/// `freemkv map compare`.
#[derive(Debug, Args)]
pub struct MapCompare {
    /// A map
    #[arg(value_name = "MAP", value_hint = ValueHint::FilePath)]
    pub map: PathBuf,
    /// Another one
    #[arg(value_name = "OTHER", value_hint = ValueHint::FilePath)]
    pub other: PathBuf,
    /// Only whether something is rescued or not, whatever else is said of it
    #[arg(long)]
    pub rescued: bool,
}

impl MapCompare {
    /// What counts as a difference.
    #[must_use]
    pub(crate) fn what(&self) -> What {
        if self.rescued { What::Finished } else { What::Statuses }
    }
}

/// `freemkv map merge`.
#[derive(Debug, Args)]
pub struct MapMerge {
    /// Images with their maps beside them, or the maps of images that lie beside them; at least two
    #[arg(value_name = "MAP", required = true, num_args = 2.., value_hint = ValueHint::FilePath)]
    pub maps: Vec<PathBuf>,
    /// The new image; its map is FILE.map. With --maps-only the new map [default then: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "maps_only")]
    pub output: Option<PathBuf>,
    /// Merge the maps alone, whatever their images hold
    #[arg(long)]
    pub maps_only: bool,
    /// Go on when no sector shows that the images are of one disc, or with too little room; write over a map with --maps-only
    #[arg(long)]
    pub force: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_those_of_a_map() {
        assert_eq!("?-".parse(), Ok(Statuses(vec![Status::NonTried, Status::Bad])));
        assert_eq!("".parse::<Statuses>().unwrap_err(), "name at least one of ? * / - +");
        assert_eq!("-x".parse::<Statuses>().unwrap_err(), "'x' is no status: use ? * / - +");
    }
}
