//! qcow2 images that are written.

mod check;
mod image;
mod stages;
mod tables;

pub(super) use image::Qcow2Image;
