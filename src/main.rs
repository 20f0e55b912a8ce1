//! The freemkv command.

fn main() {}
