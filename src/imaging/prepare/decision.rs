//! What lies at the place of the image and its map, and what may be done about it: a decision table.

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// The image is there and not empty. A device always is.
    pub image: bool,
    /// A readable map is there.
    pub map: bool,
    /// The map calls something rescued.
    pub claims: bool,
}

/// What the person asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wanted {
    /// `patch`, which needs something to work on.
    pub patch: bool,
    /// `--restart`.
    pub restart: bool,
    /// `--force`.
    pub force: bool,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Decision {
    /// Begin with an empty map; what lies in the image is written over.
    Fresh,
    /// Move image, map and state aside, then begin with an empty map.
    MoveAside,
    /// Go on from the map, after checking that it is the same disc.
    Resume,
    /// Not without `--force` or `--restart`: the image would be written over.
    RefuseOverwrite,
    /// The map claims data, and the image is gone.
    RefuseNoImage,
    /// `patch` without a map.
    RefuseNothingToPatch,
}

/// The table. `--restart` wins over `--force`; `--force` never makes a map's claims true.
pub(super) fn decide(found: Found, wanted: Wanted) -> Decision {
    let Found { image, map, claims } = found;
    match wanted {
        Wanted { patch: true, .. } if !map => Decision::RefuseNothingToPatch,
        Wanted { patch: true, .. } if !image && claims => Decision::RefuseNoImage,
        Wanted { patch: true, .. } => Decision::Resume,
        Wanted { restart: true, .. } if image || map => Decision::MoveAside,
        _ if map && (image || !claims) => Decision::Resume,
        _ if map => Decision::RefuseNoImage,
        Wanted { force: false, .. } if image => Decision::RefuseOverwrite,
        _ => Decision::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep(image: bool, map: bool, claims: bool, restart: bool, force: bool) -> Decision {
        decide(Found { image, map, claims }, Wanted { patch: false, restart, force })
    }

    #[test]
    fn a_new_image_is_begun_and_a_half_done_one_resumed() {
        assert_eq!(sweep(false, false, false, false, false), Decision::Fresh);
        assert_eq!(sweep(true, true, true, false, false), Decision::Resume);
        // Nothing was rescued yet, and the empty image was deleted.
        assert_eq!(sweep(false, true, false, false, false), Decision::Resume);
    }

    #[test]
    fn an_image_without_a_map_is_not_written_over_unasked() {
        assert_eq!(sweep(true, false, false, false, false), Decision::RefuseOverwrite);
        assert_eq!(sweep(true, false, false, false, true), Decision::Fresh);
        assert_eq!(sweep(true, false, false, true, false), Decision::MoveAside);
    }

    #[test]
    fn a_map_without_its_image_is_not_believed() {
        assert_eq!(sweep(false, true, true, false, false), Decision::RefuseNoImage);
        assert_eq!(sweep(false, true, true, false, true), Decision::RefuseNoImage);
        assert_eq!(sweep(false, true, true, true, false), Decision::MoveAside);
    }

    #[test]
    fn restart_has_nothing_to_move_the_first_time() {
        assert_eq!(sweep(false, false, false, true, false), Decision::Fresh);
    }

    #[test]
    fn patch_needs_a_map_whatever_is_forced() {
        for force in [false, true] {
            let wanted = Wanted { patch: true, restart: false, force };
            assert_eq!(
                decide(Found { image: true, map: false, claims: false }, wanted),
                Decision::RefuseNothingToPatch
            );
            assert_eq!(decide(Found { image: false, map: true, claims: true }, wanted), Decision::RefuseNoImage);
            assert_eq!(decide(Found { image: true, map: true, claims: true }, wanted), Decision::Resume);
        }
    }
}
