//! A drive made of software, for tests and for the `emu:` source.
