//! Any bytes as the programs of a disc, followed: index, a menu, then movie objects.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use freemkv::bluray::program::index::Index;
use freemkv::bluray::program::interactive::Composition;
use freemkv::bluray::program::movie_object::MovieObjects;
use freemkv::title::navigation::hdmv::{Menu, Programs, follow};
use libfuzzer_sys::fuzz_target;

/// A piece with its length of two bytes in front, and what follows it.
fn piece(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fuzz_target!(|data: &[u8]| {
    let Some((index, data)) = piece(data) else { return };
    let Some((menu, objects)) = piece(data) else { return };
    let Ok(index) = Index::parse(index) else { return };
    let menus = Composition::parse(menu).map(|menu| BTreeMap::from([(0, Menu::new(vec![Arc::new(menu)]))]));
    let programs = Programs {
        index,
        objects: MovieObjects::parse(objects).ok().map(|o| o.objects),
        java: BTreeMap::new(),
        menus: menus.unwrap_or_default(),
        endless: BTreeSet::from([0]),
        lacks_menus: false,
    };
    let _ = follow(&programs);
});
