//! What is known of one job that is under way, and its line. Time is handed in.

use std::time::{Duration, Instant};

use crate::base::event::{Event, Progress};
use crate::base::human::{self, counted};

use super::line::{Field, cut, fit};

/// A read is told by its sector when it takes longer than this.
const LONG_READ: Duration = Duration::from_secs(2);

/// Time without a new sector that is told, seconds.
const BARREN: u64 = 10;

/// Columns of the name of a source in a narrow terminal.
const NAME: usize = 12;

/// What one job is at.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// Of which source, where there are several.
    name: Option<String>,
    phase: String,
    phase_began: Instant,
    progress: Option<Progress>,
    /// What is missing of the film.
    film: String,
}

impl Lane {
    /// Nothing heard yet.
    pub(super) fn new(name: Option<String>, now: Instant) -> Self {
        Self { name, phase: String::new(), phase_began: now, progress: None, film: String::new() }
    }

    /// Whether there is anything to show.
    pub(super) fn is_idle(&self) -> bool {
        self.phase.is_empty()
    }

    /// Takes what is to be shown.
    pub(super) fn hear(&mut self, event: Event, now: Instant) {
        match event {
            Event::Phase(phase) => self.begin(phase, now),
            Event::Progress(progress) => {
                if !progress.phase.is_empty() && progress.phase != self.phase {
                    self.begin(progress.phase.clone(), now);
                }
                self.progress = Some(progress);
            }
            Event::Film(film) => self.film = film,
            Event::Notice(_) | Event::Warning(_) => {}
        }
    }

    fn begin(&mut self, phase: String, now: Instant) {
        if phase != self.phase {
            // A phase without figures of its own must not wear those of the one before.
            (self.phase, self.phase_began, self.progress) = (phase, now, None);
        }
    }

    /// The line in `width` columns.
    pub(super) fn line(&self, width: usize, now: Instant) -> String {
        let mut fields = Vec::new();
        if let Some(name) = &self.name {
            fields.push(Field::new(0, if width < 80 { cut(name, NAME) } else { name.clone() }));
        }
        let elapsed = now.saturating_duration_since(self.phase_began);
        fields.push(Field::new(0, self.phase.clone()));
        let Some(progress) = &self.progress else {
            fields.push(Field::new(1, human::duration(elapsed)));
            return alive(&fields, None, width, elapsed);
        };
        self.figures(&mut fields, progress, now);
        fields.push(Field::new(7, format!("for {}", human::duration(elapsed))));
        let share = progress.rescued_bytes as f64 / progress.total_bytes.max(1) as f64;
        alive(&fields, Some(share), width, elapsed)
    }

    fn figures(&self, fields: &mut Vec<Field>, progress: &Progress, now: Instant) {
        let is_pass = progress.pass_units.is_some();
        fields.push(Field::new(0, percent(progress)));
        if let Some((unit, units)) = progress.pass_unit.zip(progress.pass_units) {
            fields.push(Field::new(2, format!("unit {unit}/{units}")));
        }
        let long = progress.reading.map(|reading| (reading.sector, now.saturating_duration_since(reading.since)));
        match long.filter(|(_, time)| *time >= LONG_READ) {
            Some((sector, time)) => {
                fields.push(Field::new(1, format!("sector {sector}: {}", human::duration(time))));
            }
            None if progress.bytes_per_second > 0 => {
                let weight = if is_pass { 8 } else { 1 };
                fields.push(Field::new(weight, format!("{}/s", human::bytes(progress.bytes_per_second))));
            }
            None => {}
        }
        if let Some(seconds) = progress.seconds_left {
            let time = human::duration(Duration::from_secs(seconds));
            fields.push(Field::new(4, format!("{time} left")));
        }
        if !self.film.is_empty() && progress.pass_units.is_some() | (progress.errors > 0) {
            fields.push(Field::new(3, self.film.clone()));
        }
        if progress.errors > 0 {
            let mut text = counted(progress.errors, "error", "errors");
            if progress.failed_bytes > 0 {
                text.push_str(&format!(", {} failed", human::bytes(progress.failed_bytes)));
            }
            fields.push(Field::new(5, text));
        }
        if progress.barren_seconds >= BARREN {
            let time = human::duration(Duration::from_secs(progress.barren_seconds));
            fields.push(Field::new(6, format!("nothing new for {time}")));
        }
    }
}

/// The line that fits. Where nothing in it counts seconds, a mark at its end turns once a second: a line that stands still
/// looks like a program that does.
fn alive(fields: &[Field], share: Option<f64>, width: usize, elapsed: Duration) -> String {
    const MARKS: [char; 4] = ['|', '/', '-', '\\'];
    const HOUR: u64 = 3600;
    let line = fit(fields, share, width);
    let seconds = elapsed.as_secs();
    let counts = fields.last().is_some_and(|last| line.ends_with(&last.text) && seconds < HOUR);
    if counts || width < NAME {
        return line;
    }
    let mark = MARKS.get(usize::try_from(seconds % 4).unwrap_or(0)).copied().unwrap_or('|');
    format!("{} {mark}", fit(fields, share, width.saturating_sub(2)))
}

/// Never "100 %" while a byte is missing.
fn percent(p: &Progress) -> String {
    let share = if p.total_bytes == 0 { 1.0 } else { p.rescued_bytes as f64 / p.total_bytes as f64 };
    format!("{:.1} %", (share * 1000.0).floor() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::super::line::columns;
    use super::*;
    use crate::base::event::Reading;

    fn retry() -> Progress {
        Progress {
            phase: "retry 2/3".into(),
            total_bytes: 100_000,
            rescued_bytes: 97_299,
            failed_bytes: 65_536,
            errors: 3,
            bytes_per_second: 4096,
            seconds_left: Some(600),
            pass_unit: Some(14),
            pass_units: Some(32),
            barren_seconds: 130,
            ..Progress::default()
        }
    }

    #[test]
    fn nothing_missing_is_the_only_hundred_percent() {
        let p = Progress { total_bytes: 100_000, rescued_bytes: 99_999, ..Progress::default() };
        assert_eq!(percent(&p), "99.9 %");
        assert_eq!(percent(&Progress { rescued_bytes: 100_000, ..p }), "100.0 %");
    }

    #[test]
    fn a_pass_says_where_it_is_and_what_it_means_for_the_film() {
        let began = Instant::now();
        let mut lane = Lane::new(None, began);
        lane.hear(Event::Film("film hurt 0:29-0:31".into()), began);
        lane.hear(Event::Progress(retry()), began);
        let line = |width| lane.line(width, began + Duration::from_secs(65));
        assert_eq!(line(20), "retry 2/3  97.2 % /");
        assert_eq!(lane.line(20, began + Duration::from_secs(66)), "retry 2/3  97.2 % -", "it is seen to live");
        assert_eq!(lane.line(9, began + Duration::from_secs(66)), "retry 2/3");
        assert!(line(40).starts_with("retry 2/3  97.2 %  unit 14/32"), "{}", line(40));
        assert!(line(79).contains("  10 min 0 s left  film hurt 0:29-0:31"), "{}", line(79));
        let wide = line(200);
        for part in ["film hurt 0:29-0:31", "3 errors, 64.0 KiB failed", "nothing new for 2 min 10 s", "for 1 min 5 s"]
        {
            assert!(wide.contains(part), "{part}: {wide}");
        }
        for width in 0..=200 {
            assert!(columns(&line(width)) <= width, "{width}: {}", line(width));
        }
    }

    #[test]
    fn a_read_that_takes_long_is_told_with_its_sector() {
        let began = Instant::now();
        let mut lane = Lane::new(Some("sr0".into()), began);
        let reading = Some(Reading { sector: 123_456, since: began });
        lane.hear(Event::Progress(Progress { reading, ..retry() }), began);
        assert!(!lane.line(80, began + Duration::from_secs(1)).contains("sector"));
        let long = lane.line(60, began + Duration::from_secs(12));
        assert!(long.starts_with("sr0  retry 2/3  97.2 %") && long.contains("sector 123456: 12 s"), "{long}");
    }

    #[test]
    fn a_phase_without_figures_says_how_long_it_has_lasted() {
        let began = Instant::now();
        let mut lane = Lane::new(None, began);
        assert!(lane.is_idle());
        lane.hear(Event::Progress(retry()), began);
        lane.hear(Event::Phase("compare".into()), began + Duration::from_secs(5));
        assert_eq!(lane.line(80, began + Duration::from_secs(8)), "compare  3 s");
    }
}
