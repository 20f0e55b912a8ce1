//! The verb `map`: maps read with what lies beside them, looked at beside their images, written in other forms, merged with
//! their images.

pub mod convert;
mod error;
mod extents;
pub mod lies;
pub mod merge;
pub mod part;
pub mod product;
mod read;
pub mod sets;

pub use error::Error;
pub use read::{kept, read};
