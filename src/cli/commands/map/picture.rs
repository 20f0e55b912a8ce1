//! `freemkv map picture`.

use std::path::Path;

use serde::Serialize;

use crate::base::human::bytes;
use crate::base::media::Media;
use crate::base::sector::SECTOR_BYTES;
use crate::job::map as job;
use crate::job::map::product;
use crate::mapfile::ops::missing::Figures;
use crate::mapfile::speed::Kept;
use crate::mapfile::text::MapText;
use crate::picture::disc::Disc;
use crate::picture::share::Share;
use crate::picture::spiral::Spiral;
use crate::picture::{png, row, svg, terminal};

use super::super::super::args::map::MapPicture;
use super::super::super::context::Context;
use super::super::super::exit::{Exit, Failure, maps};
use super::super::super::json;
use super::super::super::terminal::look::Look;
use super::super::super::terminal::print;
use super::deliver::shown;

/// Lines of a picture in rows, in the terminal.
const LINES: usize = 10;

/// Draws a map.
///
/// # Errors
/// The map cannot be read, or a picture has no place.
pub(super) fn picture(options: &MapPicture, context: &Context) -> Result<Exit, Failure> {
    let text = job::read(&options.map).map_err(|e| maps::failed(&e))?;
    let picture = Picture::new(options, &text);
    for (path, is_png) in [(&options.png, true), (&options.svg, false)] {
        let Some(path) = path else { continue };
        let content = if is_png { picture.png() } else { picture.svg().into_bytes() };
        product::write(path, options.force, |out| out.write_all(&content)).map_err(|e| maps::failed(&e))?;
    }
    let in_terminal = options.png.is_none() && options.svg.is_none();
    if context.json {
        let source = options.map.to_string_lossy();
        print::print_json(&json::ended(&Report::new(&picture, &source, options), Exit::Complete, None));
    } else if in_terminal {
        print::print(picture.terminal(Look::of_standard_output(options.width)).trim_end());
    } else if !context.quiet {
        [&options.png, &options.svg].into_iter().flatten().for_each(|path| tell(path, &options.map));
    }
    Ok(Exit::Complete)
}

fn tell(path: &Path, map: &Path) {
    print::print(&format!("{}: a picture of {}", shown(path), shown(map)));
}

/// The JSON object, but for how it ended.
#[derive(Serialize)]
struct Report<'a> {
    command: &'static str,
    source: &'a str,
    media: &'static str,
    layers: usize,
    size_bytes: u64,
    missing_bytes: u64,
    spiral: bool,
    kilobytes_per_second: &'a [Option<u32>],
    png: Option<String>,
    svg: Option<String>,
}

impl<'a> Report<'a> {
    fn new(picture: &'a Picture<'_>, source: &'a str, options: &MapPicture) -> Self {
        let name = |path: &Option<std::path::PathBuf>| path.as_deref().map(shown);
        Self {
            command: "map picture",
            source,
            media: picture.disc.media.name(),
            layers: picture.disc.layers.len(),
            size_bytes: picture.text.end(),
            missing_bytes: Figures::of(picture.text).bytes,
            spiral: picture.is_spiral,
            kilobytes_per_second: &picture.speeds,
            png: name(&options.png),
            svg: name(&options.svg),
        }
    }
}

/// A map to be drawn.
struct Picture<'a> {
    text: &'a MapText,
    disc: Disc,
    is_spiral: bool,
    /// The first line.
    title: String,
    /// The drive's speed over the disc, evenly; empty where it is not known.
    speeds: Vec<Option<u32>>,
}

impl<'a> Picture<'a> {
    fn new(options: &MapPicture, text: &'a MapText) -> Self {
        let Kept { media, speeds } = job::kept(&options.map, text);
        let disc = Disc::new(text.end().div_ceil(SECTOR_BYTES), options.media.media().or(media), options.layers);
        let missing = match Figures::of(text) {
            figures if figures.bytes == 0 => "nothing is missing".to_owned(),
            Figures { bytes: missing, areas: 1, .. } => format!("{} missing in 1 area", bytes(missing)),
            figures => format!("{} missing in {} areas", bytes(figures.bytes), figures.areas),
        };
        let title = format!("{}: {}, {missing}", shown(&options.map), bytes(text.end()));
        Self { text, disc, is_spiral: options.spiral, title, speeds }
    }

    fn spiral(&self, rings: usize, slices: usize) -> Spiral {
        Spiral::new(self.text, &self.disc, rings, slices)
    }

    fn png(&self) -> Vec<u8> {
        match self.is_spiral {
            true => png::spiral(&self.spiral(png::RINGS, png::SLICES), &self.speeds),
            false => png::rows(&row::cells(self.text, png::COLUMNS * png::ROWS), &self.speeds),
        }
    }

    fn svg(&self) -> String {
        match self.is_spiral {
            true => svg::spiral(&self.title, &self.spiral(svg::RINGS, svg::SLICES), &self.speeds),
            false => svg::rows(&self.title, &row::cells(self.text, svg::COLUMNS * svg::ROWS), &self.speeds),
        }
    }

    fn terminal(&self, look: Look) -> String {
        let Look { width, style } = look;
        if self.text.end() == 0 {
            return terminal::wrapped(&self.title, width) + "The map is empty: there is nothing to draw.";
        }
        let (body, cells) = if self.is_spiral { self.disc_in_terminal(look) } else { self.rows_in_terminal(look) };
        let speeds = terminal::speeds(&self.speeds, width, style).map(|bars| self.curve(&bars, width));
        let legend = terminal::legend(&cells, width, style);
        format!("{}{body}{}{legend}", terminal::wrapped(&self.title, width), speeds.unwrap_or_default())
    }

    fn curve(&self, bars: &str, width: usize) -> String {
        let most = self.speeds.iter().flatten().max().copied().unwrap_or(0);
        let words = format!("speed of the drive over the disc, up to {most} kB/s");
        format!("{bars}\n{}", terminal::wrapped(&words, width))
    }

    fn rows_in_terminal(&self, look: Look) -> (String, Vec<Share>) {
        let cells = row::cells(self.text, look.width * LINES);
        let each = self.text.end() / (cells.len() as u64).max(1);
        let rows = terminal::rows(&cells, look.width, look.style);
        let words = terminal::wrapped(&format!("a character is {}", bytes(each)), look.width);
        (rows + &words, cells)
    }

    fn disc_in_terminal(&self, look: Look) -> (String, Vec<Share>) {
        let abreast = terminal::discs_in_a_line(look.width, self.disc.layers.len());
        let across = terminal::disc_width(look.width, abreast);
        let spiral = self.spiral((across / 4).max(4), across * 2);
        let cells = spiral.layers.iter().flat_map(|grid| (0..grid.rings()).flat_map(|ring| grid.ring(ring))).copied();
        let layers = match self.disc.layers.len() {
            1 => "1 layer".to_owned(),
            more => format!("{more} layers"),
        };
        let words = format!("{} with {layers}, from the side that is read", media_words(self.disc.media));
        let words = terminal::wrapped(&words, look.width);
        (terminal::spiral(&spiral, look.width, look.style) + &words, cells.collect())
    }
}

fn media_words(media: Media) -> &'static str {
    match media {
        Media::Cd => "a CD",
        Media::Dvd => "a DVD",
        Media::Bd => "a Blu-ray",
        Media::Uhd => "an Ultra HD Blu-ray",
    }
}
