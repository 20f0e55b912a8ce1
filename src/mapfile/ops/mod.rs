//! What can be made of whole maps: sets of what is finished, differences, lists of block numbers. Pure, and exact to the byte:
//! a map of another program need not follow sectors.
//!
//! Results come as iterators, so that a map of a million ranges need not be in memory a third time.

pub mod difference;
pub mod merge;
pub mod missing;
pub mod numbers;
pub mod pairs;
pub mod sets;
pub mod tally;
