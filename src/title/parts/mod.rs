//! The parts of a title: some left out, some that go straight on as one.

mod joined;
mod kept;

#[cfg(test)]
mod fixture;
