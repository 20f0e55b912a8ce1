//! What a merge is asked for.

use std::path::PathBuf;

use super::super::part::Part;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Job {
    /// The images with their maps, the first one first.
    pub parts: Vec<Part>,
    /// The new image.
    pub image: PathBuf,
    /// Go on when nothing shows that the images are of one disc, or with too little room.
    pub force: bool,
    /// What stands in the new map's comment.
    pub command: String,
}
