//! Clip information (CLPI): sequences of clocks, where pictures may be entered.

pub mod clpi;
pub mod ep_map;
pub mod stc;
