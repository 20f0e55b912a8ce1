//! Calls about files that the system has not answered yet: a hung mount or a disk that tries again holds them for long, and
//! whoever sits before the program wants to know what it waits for.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// All of this process. A thread that the kernel holds cannot tell anybody, so that others look here.
static UNDER_WAY: Mutex<Calls> = Mutex::new(Calls { last: 0, calls: Vec::new() });

#[derive(Debug)]
struct Calls {
    last: u64,
    calls: Vec<(u64, Unanswered)>,
}

/// A call that has not been answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unanswered {
    /// What was asked, as in "has not answered a write".
    pub what: &'static str,
    /// The file that it is about.
    pub path: PathBuf,
    /// Since when.
    pub since: Instant,
}

/// A call is under way until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct UnderWay(u64);

/// Says that a call about `path` begins. It costs two locks that nobody holds for long.
pub fn begin(what: &'static str, path: &Path) -> UnderWay {
    let mut all = lock();
    all.last += 1;
    let number = all.last;
    all.calls.push((number, Unanswered { what, path: path.to_owned(), since: Instant::now() }));
    UnderWay(number)
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock().calls.retain(|(number, _)| *number != self.0);
    }
}

/// The call that waits longest, if one has waited for `time` or more.
#[must_use]
pub fn unanswered_for(time: Duration) -> Option<Unanswered> {
    lock()
        .calls
        .iter()
        .map(|(_, call)| call)
        .filter(|call| call.since.elapsed() >= time)
        .min_by_key(|c| c.since)
        .cloned()
}

fn lock() -> MutexGuard<'static, Calls> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_that_waits_longest_is_told_until_it_is_answered() {
        let ours = |name: &str| {
            lock().calls.iter().find(|(_, call)| call.path == Path::new(name)).map(|(_, call)| call.clone())
        };
        let first = begin("write", Path::new("waits/first"));
        let second = begin("sync", Path::new("waits/second"));
        assert!(ours("waits/first").unwrap().since <= ours("waits/second").unwrap().since);
        assert!(unanswered_for(Duration::ZERO).is_some());
        assert_eq!(unanswered_for(Duration::from_secs(100_000)), None);
        drop(first);
        assert_eq!((ours("waits/first"), ours("waits/second").unwrap().what), (None, "sync"));
        drop(second);
        assert_eq!(ours("waits/second"), None);
    }
}
