//! What is followed: the tables of a disc that say what it plays.

use std::collections::{BTreeMap, BTreeSet};

use crate::bluray::bdjo::BdjObject;
use crate::bluray::command::Command;
use crate::bluray::index::Index;
use crate::bluray::interactive::{Button, Composition};
use crate::bluray::movie_object::MovieObject;

/// The programs of a disc.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Programs {
    /// What starts where.
    pub index: Index,
    /// The movie objects; `None` where they cannot be read.
    pub objects: Option<Vec<MovieObject>>,
    /// The Java programs of the index, by their names; those that cannot be read are left out.
    pub java: BTreeMap<String, BdjObject>,
    /// The menus of playlists, by the playlists' numbers.
    pub menus: BTreeMap<u32, Menu>,
    /// Playlists whose last picture stands until the viewer acts.
    pub endless: BTreeSet<u32>,
    /// Whether a playlist has a menu that could not be read.
    pub lacks_menus: bool,
}

/// The buttons over a playlist.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Menu {
    /// Page and button, of all pages in a row.
    buttons: Vec<(u8, Button)>,
}

impl Menu {
    /// A menu of all buttons that do something.
    #[must_use]
    pub fn new(compositions: Vec<Composition>) -> Self {
        let mut menu = Self::default();
        for page in compositions.into_iter().flat_map(|c| c.pages) {
            for button in page.buttons {
                // The same button again, in a further composition of the stream.
                let known = menu.buttons.iter().any(|(id, known)| (*id, known) == (page.id, &button));
                if !known && button.commands.iter().any(|c| *c != Command::Nop) {
                    menu.buttons.push((page.id, button));
                }
            }
        }
        menu
    }

    /// The number of the page and the button, by its place.
    pub(super) fn button(&self, place: u32) -> Option<(u8, &Button)> {
        self.buttons.get(place as usize).map(|(page, button)| (*page, button))
    }

    /// The places of all buttons.
    pub(super) fn places(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.buttons.len()).unwrap_or(u32::MAX)
    }
}

impl Programs {
    /// The object of a number.
    pub(super) fn object(&self, number: u16) -> Option<&MovieObject> {
        self.objects.as_ref()?.get(usize::from(number))
    }

    /// The commands of every program: objects and buttons.
    pub(super) fn commands(&self) -> Vec<&[Command]> {
        let objects = self.objects.iter().flatten().map(|o| o.commands.as_slice());
        let buttons = self.menus.values().flat_map(|m| &m.buttons);
        objects.chain(buttons.map(|(_, button)| button.commands.as_slice())).collect()
    }
}
