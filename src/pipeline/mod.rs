//! Two threads and a bounded channel between them: one reads, one writes.

pub mod bounded;
pub mod buffers;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

/// The reader's end of the channel.
#[derive(Debug)]
pub struct Feeder<'a, T> {
    sender: Sender<T>,
    closed: &'a AtomicBool,
}

/// The other side has stopped; nothing can be handed on any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed;

impl<T> Feeder<'_, T> {
    /// Hands `item` on; waits while the channel is full.
    ///
    /// # Errors
    /// [`Closed`] when the sink has stopped; the item is dropped.
    pub fn send(&self, item: T) -> Result<(), Closed> {
        self.sender.send(item).map_err(|_| Closed)
    }

    /// Whether the sink has stopped, so that a long read need not be begun.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

/// Runs `read` and `sink` on threads of their own, with a channel of `depth` items between them, and
/// calls `watch` on the calling thread about every `interval` until both have returned.
///
/// When the sink returns early, the reader sees a closed channel; when the reader returns, the
/// sink's channel ends after what is left in it. Both results come back, so that the caller decides
/// which error was first. A panic of either is carried on to the caller once both have ended.
///
/// # Errors
/// A thread cannot be started; `read` was not called then.
pub fn run<T: Send, A: Send, B: Send>(
    depth: usize,
    interval: Duration,
    read: impl FnOnce(&Feeder<'_, T>) -> A + Send,
    sink: impl FnOnce(&Receiver<T>) -> B + Send,
    mut watch: impl FnMut(),
) -> io::Result<(A, B)> {
    let closed = AtomicBool::new(false);
    let (sender, receiver) = crossbeam_channel::bounded(depth);
    // Nothing is ever sent here: the receiver learns that both threads are done when both ends are dropped.
    let (alive, done) = crossbeam_channel::bounded::<()>(0);
    std::thread::scope(|scope| {
        let (closed, writer_alive) = (&closed, alive.clone());
        let writer = Builder::new().spawn_scoped(scope, move || {
            let _alive = writer_alive;
            let _raise = RaiseOnDrop(closed);
            // The receiver is dropped when this returns, which wakes a reader that waits to send.
            sink(&receiver)
        })?;
        // When this one cannot be started its sender is dropped, and the sink ends with nothing to do.
        let reader = Builder::new().spawn_scoped(scope, move || {
            let _alive = alive;
            read(&Feeder { sender, closed })
        })?;
        while let Err(crossbeam_channel::RecvTimeoutError::Timeout) = done.recv_timeout(interval) {
            watch();
        }
        Ok((join(reader), join(writer)))
    })
}

/// Raises the flag however the thread ends.
struct RaiseOnDrop<'a>(&'a AtomicBool);

impl Drop for RaiseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(1);

    #[test]
    fn everything_sent_arrives_in_order() {
        let (sent, got) = run(
            4,
            INTERVAL,
            |feeder| (0..1000).filter(|i| feeder.send(*i).is_ok()).count(),
            |items| items.iter().collect::<Vec<i32>>(),
            || {},
        )
        .unwrap();
        assert_eq!(sent, 1000);
        assert_eq!(got, (0..1000).collect::<Vec<i32>>());
    }

    #[test]
    fn a_sink_that_stops_wakes_the_reader() {
        let (sent, got) = run(
            1,
            INTERVAL,
            |feeder| {
                let mut sent = 0;
                while feeder.send(sent).is_ok() {
                    sent += 1;
                }
                assert!(feeder.is_closed());
                sent
            },
            |items| items.iter().take(3).collect::<Vec<i32>>(),
            || {},
        )
        .unwrap();
        assert_eq!(got, vec![0, 1, 2]);
        assert!(sent <= 5, "{sent} sent after the end");
    }

    #[test]
    #[should_panic(expected = "reader broke")]
    fn a_panic_reaches_the_caller() {
        run::<(), (), ()>(1, INTERVAL, |_| panic!("reader broke"), |items| items.iter().for_each(drop), || {}).unwrap();
    }
}
