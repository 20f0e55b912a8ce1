use proptest::prelude::*;

use super::*;

const MIB: u64 = 1 << 20;

fn seconds(s: f64) -> Duration {
    Duration::from_secs_f64(s)
}

/// Carries the steps out on paper and checks what must hold at every one of them.
struct Paper {
    window: Window,
    now: Duration,
    written: Vec<ByteRange>,
    started: Vec<ByteRange>,
    watched: Vec<ByteRange>,
    waited: Vec<ByteRange>,
    dropped: Vec<ByteRange>,
    /// Bytes written and not started, or started and not waited for, counted beside the window's own count.
    outstanding: u64,
    most: u64,
}

impl Paper {
    fn new(window: Window) -> Self {
        Self {
            window,
            now: Duration::ZERO,
            written: Vec::new(),
            started: Vec::new(),
            watched: Vec::new(),
            waited: Vec::new(),
            dropped: Vec::new(),
            outstanding: 0,
            most: 0,
        }
    }

    /// `wait` lets time pass and says whether the wait ended in time.
    fn steps(&mut self, goal: Goal, mut wait: impl FnMut(&mut Duration) -> bool) {
        while let Some(step) = self.window.step(goal, self.now) {
            match step {
                Step::Start { range, watch } => {
                    self.started.push(range);
                    if watch {
                        self.watched.push(range);
                    }
                }
                Step::Wait(range) => {
                    assert_ne!(goal, Goal::Rest, "resting never waits");
                    let in_time = wait(&mut self.now);
                    if in_time {
                        self.waited.push(range);
                        self.outstanding -= range.len;
                    }
                    self.window.waited(in_time.then_some(self.now));
                }
                Step::Drop(range) => self.dropped.push(range),
            }
        }
    }

    fn write(&mut self, mut offset: u64, mut len: u64, mut wait: impl FnMut(&mut Duration) -> bool) {
        while len > 0 {
            self.steps(Goal::Write(offset), &mut wait);
            let part = len.min(self.window.room());
            assert!(part > 0);
            self.window.wrote(part);
            self.written.push(ByteRange { offset, len: part });
            self.outstanding += part;
            self.most = self.most.max(self.outstanding);
            self.steps(Goal::Rest, &mut wait);
            offset += part;
            len -= part;
        }
    }
}

fn done(_: &mut Duration) -> bool {
    true
}

/// The same bytes in the same order, however they were cut.
fn joined(ranges: &[ByteRange]) -> Vec<ByteRange> {
    let mut result: Vec<ByteRange> = Vec::new();
    for &range in ranges {
        match result.last_mut() {
            Some(last) if last.end() == range.offset => last.len += range.len,
            _ => result.push(range),
        }
    }
    result
}

#[test]
fn a_stream_is_started_in_windows_and_the_one_before_is_waited_for_and_dropped() {
    let mut paper = Paper::new(Window::new(false, Duration::ZERO));
    paper.write(0, 9 * MIB, done);
    assert_eq!(paper.started, [ByteRange { offset: 0, len: 4 * MIB }, ByteRange { offset: 4 * MIB, len: 4 * MIB }]);
    assert_eq!(paper.waited, &paper.started[..1]);
    assert_eq!(paper.dropped, paper.waited);
    assert_eq!(paper.window.outstanding(), 5 * MIB);
}

#[test]
fn the_window_follows_what_the_output_took_in_the_last_second() {
    // The slower of the two sides decides, in MiB/s: the source or the output.
    for (source, output) in [(1, 500), (12, 500), (20, 500), (200, 900), (200, 20), (200, 3)] {
        let sizes = simulate(f64::from(source), f64::from(output));
        let expected = u64::from(source.min(output).clamp(4_u32, 32)) * MIB;
        for size in &sizes[sizes.len() / 2..] {
            assert!(size.abs_diff(expected) <= 2 * MIB, "{source} to {output} MiB/s: {size}, not {expected}");
        }
    }
}

/// Sizes of the windows of 2 GiB or two minutes, with a source and an output of these speeds in MiB/s.
fn simulate(source: f64, output: f64) -> Vec<u64> {
    let mut window = Window::new(false, Duration::ZERO);
    let (mut now, mut offset, mut sizes) = (Duration::ZERO, 0, Vec::new());
    let mut ends = VecDeque::new();
    let mut free = Duration::ZERO;
    while offset < 2048 * MIB && now < seconds(120.0) {
        now += seconds(1.0 / source);
        let mut left = MIB;
        while left > 0 {
            while let Some(step) = window.step(Goal::Write(offset), now) {
                match step {
                    Step::Start { range, .. } => {
                        sizes.push(range.len);
                        free = free.max(now) + seconds(range.len as f64 / MIB as f64 / output);
                        ends.push_back(free);
                    }
                    Step::Wait(_) => {
                        let end = ends.pop_front().unwrap();
                        now = now.max(end);
                        window.waited(Some(end));
                    }
                    Step::Drop(_) => {}
                }
            }
            let part = left.min(window.room());
            window.wrote(part);
            offset += part;
            left -= part;
        }
    }
    sizes
}

#[test]
fn a_large_window_on_an_output_that_became_slow_does_not_keep_itself_large() {
    let mut speed = Speed::new(Duration::ZERO);
    speed.took(LARGEST, seconds(1.0));
    speed.took(LARGEST, seconds(5.0));
    assert_eq!(speed.in_last_span(), LARGEST / 4);
    speed.took(0, seconds(7.0));
    assert_eq!(speed.in_last_span(), 0);
}

#[test]
fn samples_of_the_speed_stay_few() {
    let mut speed = Speed::new(Duration::ZERO);
    for i in 1..100_000 {
        speed.took(2048, Duration::from_micros(i * 100));
    }
    assert!(speed.samples.len() < 50, "{}", speed.samples.len());
    let taken = speed.in_last_span();
    assert!((20_000_000..21_000_000).contains(&taken), "{taken}");
}

#[test]
fn going_on_where_one_is_is_no_boundary_and_a_real_seek_drains() {
    let mut paper = Paper::new(Window::new(false, Duration::ZERO));
    paper.write(0, MIB, done);
    paper.write(MIB, MIB, done);
    assert!(paper.started.is_empty());
    paper.write(10 * MIB, 2048, done);
    assert_eq!(paper.started, [ByteRange { offset: 0, len: 2 * MIB }]);
    assert_eq!(paper.dropped, paper.started);
    assert_eq!(paper.window.outstanding(), 2048);
}

#[test]
fn an_unaligned_start_ends_at_an_edge() {
    let mut paper = Paper::new(Window::new(false, Duration::ZERO));
    paper.write(2048 * 3, 8 * MIB, done);
    assert_eq!(paper.started[0].end(), 4 * MIB);
}

#[test]
fn after_a_late_wait_nobody_waits_until_a_write_out_ends_in_time() {
    let mut paper = Paper::new(Window::new(false, Duration::ZERO));
    paper.write(0, 12 * MIB, |_| false);
    assert!(paper.window.is_degraded());
    paper.write(12 * MIB, 40 * MIB, |_| unreachable!("waiting stopped"));
    assert_eq!(joined(&paper.started), [ByteRange { offset: 0, len: 52 * MIB }]);
    assert_eq!(paper.watched.len(), 2, "the late one and the one behind it");

    paper.window.came_back(false);
    assert!(paper.window.is_degraded());
    paper.write(52 * MIB, 40 * MIB, |_| unreachable!("waiting stopped"));
    assert_eq!(paper.watched.len(), 3, "one probe at a time");

    paper.window.came_back(true);
    assert!(!paper.window.is_degraded());
    let before = paper.waited.len();
    paper.write(92 * MIB, 40 * MIB, done);
    assert!(paper.waited.len() > before);
}

#[test]
fn a_network_file_system_is_never_waited_for_and_nothing_of_it_is_dropped() {
    let mut paper = Paper::new(Window::new(true, Duration::ZERO));
    paper.write(0, 100 * MIB, |_| unreachable!());
    paper.steps(Goal::Drain, |_| unreachable!());
    assert_eq!(joined(&paper.started), joined(&paper.written));
    assert!(paper.watched.is_empty() && paper.dropped.is_empty());
}

#[test]
fn amounts_do_not_care_where_the_bytes_lie() {
    let mut paper = Paper::new(Window::of_amounts(false, Duration::ZERO));
    for i in (0..1000).rev() {
        paper.write(i * 7 * MIB, 2048, done);
    }
    assert!(paper.started.is_empty());
    paper.write(0, 100 * MIB, done);
    assert!(paper.started.iter().all(|r| r.len == LARGEST));
    assert!(paper.most <= 2 * LARGEST);
}

#[test]
fn the_largest_offsets_do_not_overflow() {
    let mut window = Window::new(false, Duration::ZERO);
    assert_eq!(window.step(Goal::Write(u64::MAX), Duration::ZERO), None);
    assert_eq!(window.room(), 1);
    window.wrote(1);
    assert!(window.step(Goal::Rest, Duration::MAX).is_some());
}

/// One thing that may happen, in units of 2 KiB and milliseconds.
#[derive(Clone, Debug)]
enum Happening {
    Append { len: u64 },
    Elsewhere { offset: u64, len: u64 },
    Drain,
    Time { ms: u64 },
    CameBack { in_time: bool },
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => (1..20_000_u64).prop_map(|len| Happening::Append { len }),
        3 => (0..5_000_000_u64, 1..64_u64).prop_map(|(offset, len)| Happening::Elsewhere { offset, len }),
        1 => Just(Happening::Drain),
        4 => (0..3000_u64).prop_map(|ms| Happening::Time { ms }),
        1 => any::<bool>().prop_map(|in_time| Happening::CameBack { in_time }),
    ]
}

fn run(paper: &mut Paper, all: Vec<Happening>, mut wait: impl FnMut(&mut Duration) -> bool) {
    let mut position = 0;
    for one in all {
        match one {
            Happening::Append { len } => {
                paper.write(position, len * 2048, &mut wait);
                position += len * 2048;
            }
            Happening::Elsewhere { offset, len } => {
                paper.write(offset * 2048, len * 2048, &mut wait);
                position = (offset + len) * 2048;
            }
            Happening::Drain => paper.steps(Goal::Drain, &mut wait),
            Happening::Time { ms } => paper.now += Duration::from_millis(ms),
            Happening::CameBack { in_time } => paper.window.came_back(in_time),
        }
    }
    paper.steps(Goal::Drain, &mut wait);
}

proptest! {
    #[test]
    fn every_byte_is_started_waited_for_and_dropped_once_and_two_windows_bound_it(
        all in prop::collection::vec(happening(), 0..60),
        slow in prop::collection::vec(0..29_000_u64, 1..8),
        amounts: bool,
    ) {
        let window = if amounts { Window::of_amounts } else { Window::new }(false, Duration::ZERO);
        let mut paper = Paper::new(window);
        let mut waits = slow.into_iter().cycle();
        run(&mut paper, all, |now| {
            *now += Duration::from_millis(waits.next().unwrap_or(0));
            true
        });
        if amounts {
            let sum = |ranges: &[ByteRange]| ranges.iter().map(|r| r.len).sum::<u64>();
            prop_assert_eq!(sum(&paper.started), sum(&paper.written));
        } else {
            prop_assert_eq!(joined(&paper.started), joined(&paper.written));
        }
        prop_assert_eq!(&paper.watched, &paper.started);
        prop_assert_eq!(&paper.waited, &paper.started);
        prop_assert_eq!(&paper.dropped, &paper.started);
        prop_assert!(paper.started.iter().all(|r| r.len <= LARGEST));
        prop_assert!(paper.most <= 2 * LARGEST);
        prop_assert_eq!(paper.window.outstanding(), 0);
    }

    #[test]
    fn with_late_waits_every_byte_is_still_started_once_and_nothing_is_dropped_unwaited(
        all in prop::collection::vec(happening(), 0..60),
        lates in prop::collection::vec(any::<bool>(), 1..8),
    ) {
        let mut paper = Paper::new(Window::new(false, Duration::ZERO));
        let mut lates = lates.into_iter().cycle();
        // A late wait gives its bytes up; the count beside the window's own cannot follow that.
        run(&mut paper, all, |now| {
            *now += Duration::from_secs(1);
            lates.next() != Some(true)
        });
        prop_assert_eq!(joined(&paper.started), joined(&paper.written));
        prop_assert_eq!(&paper.dropped, &paper.waited);
        prop_assert!(paper.window.outstanding() <= 2 * LARGEST);
    }
}
