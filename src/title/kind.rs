//! What a disc is that is neither a Blu-ray nor a DVD-Video.

use crate::fs::FileSystem;

/// Folders that tell a kind of disc, and what it is called.
const KINDS: [(&[&str], &str); 9] = [
    (&["HVDVD_TS"], "an HD DVD"),
    (&["AUDIO_TS/AUDIO_TS.IFO"], "a DVD-Audio"),
    (&["DVD_RTAV"], "a DVD of a video recorder (DVD-VR)"),
    (&["BDAV"], "a Blu-ray of a video recorder (BDAV)"),
    (&["PRIVATE/AVCHD", "AVCHD"], "a disc of a camcorder (AVCHD)"),
    (&["SVCD", "MPEG2"], "a Super Video CD"),
    (&["VCD", "MPEGAV"], "a Video CD"),
    (&["CDI"], "a CD-i disc"),
    (&["PHOTO_CD"], "a Photo CD"),
];

/// What kind of disc has such folders, beside what else it may be; `None` where none of them is there.
#[must_use]
pub fn by_folders(fs: &dyn FileSystem) -> Option<&'static str> {
    let has = |path: &&str| fs.list(path).is_ok() || fs.open(path).is_ok();
    KINDS.iter().find(|(paths, _)| paths.iter().any(has)).map(|(_, what)| *what)
}

/// What a disc is; `None` where it has what a Blu-ray or a DVD-Video has.
#[must_use]
pub fn of_other_disc(fs: &dyn FileSystem) -> Option<&'static str> {
    let has = |path: &&str| fs.list(path).is_ok() || fs.open(path).is_ok();
    if ["BDMV", "VIDEO_TS"].iter().any(has) {
        return None;
    }
    Some(by_folders(fs).unwrap_or("a disc of files, neither Blu-ray nor DVD-Video"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::folder::Folder;

    fn kind(folders: &[&str]) -> Option<&'static str> {
        let root = tempfile::tempdir().unwrap();
        folders.iter().for_each(|folder| std::fs::create_dir_all(root.path().join(folder)).unwrap());
        of_other_disc(&Folder::open(root.path()).unwrap())
    }

    #[test]
    fn discs_are_called_by_their_folders() {
        assert_eq!(kind(&["HVDVD_TS", "ADV_OBJ"]), Some("an HD DVD"));
        assert_eq!(kind(&["SVCD", "MPEG2", "EXT"]), Some("a Super Video CD"));
        assert_eq!(kind(&["VCD", "MPEGAV"]), Some("a Video CD"));
        assert_eq!(kind(&["PRIVATE/AVCHD/BDMV"]), Some("a disc of a camcorder (AVCHD)"));
        assert_eq!(kind(&["Photos"]), Some("a disc of files, neither Blu-ray nor DVD-Video"));
        assert_eq!((kind(&["BDMV/STREAM"]), kind(&["VIDEO_TS", "AUDIO_TS"])), (None, None));
    }
}
