//! What is known of disc and drive: the map, where reads fail, at which distances failures repeat, what reads cost.

pub(crate) mod costs;
pub(crate) mod failure_rate;
pub(crate) mod map_view;
mod periodicity;
pub(crate) mod regions;
