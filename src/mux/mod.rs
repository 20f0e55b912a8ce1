//! Level 6: a title of a disc to a Matroska file.
//!
//! [`plan::plan`] looks at the title's streams and says what the file will hold; [`run::run`] writes it:
//!
//! ```text
//! reader: the needed bytes of each clip --buffers--> splitters, cut, interleaver, clusters --clusters--> writer
//! ```
//!
//! What is missing of the source becomes a loss with film time and place, never an error and never silence.

mod causes;
mod error;
mod film;
mod gathered;
mod input;
mod memory;
pub mod options;
mod paths;
pub mod plan;
mod progress;
pub mod report;
pub mod run;

pub use error::MuxError;
