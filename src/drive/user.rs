//! Who has a drive open.

use serde::Serialize;

/// A program that has a drive open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct User {
    /// Its process number.
    pub pid: u32,
    /// Its name.
    pub name: String,
}

/// `vlc (process 4711)`.
impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (process {})", self.name, self.pid)
    }
}
