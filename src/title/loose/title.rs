//! A title of nothing but parts and tracks.

use super::super::model::{Channels, Part, Title, Track};

/// The title of a stream file.
pub(super) fn of_parts(path: &str, tracks: Vec<Track>, mut parts: Vec<Part>) -> Title {
    let name = path.rsplit('/').next().unwrap_or(path);
    let clip = name.split('.').next().unwrap_or(name).to_owned();
    for piece in parts.iter_mut().flat_map(|part| &mut part.pieces) {
        piece.clip.clone_from(&clip);
    }
    Title {
        id: clip,
        number: 1,
        parts,
        tracks,
        sub_paths: Vec::new(),
        chapters: Vec::new(),
        angles: 1,
        static_hdr: None,
        captions: Channels::default(),
        notes: Vec::new(),
        has_menu: false,
        is_random: false,
    }
}
