//! Which parameter sets come with a picture, and which it lacks.

/// A parameter set: unit type and id.
type Key = (u8, u8);

/// Keeps account of sets for pictures at which decoding may begin.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    /// Those that came since the last picture.
    arriving: Vec<Key>,
    /// Those that the picture under way brought along, or was given.
    present: Vec<Key>,
    /// The picture under way may be one at which decoding begins.
    gathers: bool,
    /// Those that it lacks, each with its length in front.
    missing: Vec<u8>,
}

impl Sets {
    /// A set came.
    pub(crate) fn arrive(&mut self, set: Key) {
        if !self.arriving.contains(&set) {
            self.arriving.push(set);
        }
    }

    /// A picture begins; `gathers`: decoding may begin with it.
    pub(crate) fn begin(&mut self, gathers: bool) {
        self.present = std::mem::take(&mut self.arriving);
        self.missing.clear();
        self.gathers = gathers;
    }

    /// Whether what the picture under way lacks is to be found out.
    pub(crate) fn gathers(&self) -> bool {
        self.gathers
    }

    /// Whether the picture under way has the set.
    pub(crate) fn has(&self, set: Key) -> bool {
        self.present.contains(&set)
    }

    /// The picture under way needs the set, which is the unit `nal`.
    pub(crate) fn need(&mut self, set: Key, nal: &[u8]) {
        if !self.has(set) {
            self.present.push(set);
            self.missing.extend_from_slice(&(nal.len() as u32).to_be_bytes());
            self.missing.extend_from_slice(nal);
        }
    }

    /// Appends what is missing of the picture under way, once.
    pub(crate) fn take_missing(&mut self, into: &mut Vec<u8>) {
        into.append(&mut self.missing);
    }

    /// Bytes are missing: what came before belongs to no picture behind.
    pub(crate) fn discontinuity(&mut self) {
        self.arriving.clear();
    }
}

/// Puts a set in its place by id, the list in order of id.
pub(crate) fn put<T>(list: &mut Vec<(u8, T)>, id: u8, set: T) {
    match list.binary_search_by_key(&id, |(id, _)| *id) {
        Ok(at) => list[at].1 = set,
        Err(at) => list.insert(at, (id, set)),
    }
}

/// The set with an id.
pub(crate) fn get<T>(list: &[(u8, T)], id: u8) -> Option<&T> {
    list.iter().find(|(known, _)| *known == id).map(|(_, set)| set)
}
