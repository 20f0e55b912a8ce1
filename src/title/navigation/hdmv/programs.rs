//! What is followed: the tables of a disc that say what it plays.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::bluray::program::bdjo::BdjObject;
use crate::bluray::program::command::Command;
use crate::bluray::program::index::Index;
use crate::bluray::program::interactive::{Button, Composition};
use crate::bluray::program::movie_object::MovieObject;

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

/// The buttons over a playlist. Playlists may share them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Menu(Vec<Arc<Composition>>);

/// Where a button lies: which composition, page and button, each counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct ButtonPlace {
    composition: u16,
    page: u16,
    button: u16,
}

impl Menu {
    /// A menu of all pages of these compositions.
    #[must_use]
    pub fn new(compositions: Vec<Arc<Composition>>) -> Self {
        Self(compositions)
    }

    /// The button of a place, and the number of its page.
    pub(super) fn button(&self, place: ButtonPlace) -> Option<(u8, &Button)> {
        let page = self.0.get(usize::from(place.composition))?.pages.get(usize::from(place.page))?;
        page.buttons.get(usize::from(place.button)).map(|button| (page.id, button))
    }

    /// The places of all buttons that do something.
    pub(super) fn places(&self) -> impl Iterator<Item = ButtonPlace> {
        (0..).zip(&self.0).flat_map(|(composition, menu)| {
            (0..).zip(&menu.pages).flat_map(move |(page, one)| {
                let acts = (0..).zip(&one.buttons).filter(|(_, b)| b.commands.iter().any(|c| *c != Command::Nop));
                acts.map(move |(button, _)| ButtonPlace { composition, page, button })
            })
        })
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
        let mut seen = HashSet::new();
        let menus = self.menus.values().flat_map(|m| &m.0).filter(|menu| seen.insert(Arc::as_ptr(menu)));
        let buttons = menus.flat_map(|m| &m.pages).flat_map(|p| &p.buttons).map(|b| b.commands.as_slice());
        objects.chain(buttons).collect()
    }
}
