//! What a plan says of single sectors and of how a run may end, read from its text.

use freemkv::base::media::Media;
use rangemap::RangeMap;

/// How a unit behaves, as far as the oracle asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    Recovered { wrong: u64, same: bool },
    Blank,
    Other,
}

/// A plan as the oracle sees it.
#[derive(Debug)]
pub(crate) struct Facts {
    unit: u64,
    manners: RangeMap<u64, Manner>,
    /// The drive may stop reading, say something of itself, or lose its disc: lines that say so.
    pub(crate) drive_may_fail: bool,
    /// The drive may end up in a state in which nothing that it says is believed.
    pub(crate) loses_trust: bool,
    /// What READ CAPACITY says is made up.
    pub(crate) says_capacity: bool,
    /// The last two sectors of a recordable CD may be run-out blocks.
    pub(crate) run_out: bool,
}

impl Facts {
    pub(crate) fn read(plan: &str, media: Media) -> Self {
        let mut facts = Self {
            unit: media.ecc_unit(),
            manners: RangeMap::new(),
            drive_may_fail: false,
            loses_trust: false,
            says_capacity: false,
            run_out: false,
        };
        let rewritable = plan.lines().any(|line| line.starts_with("blank ") || line == "rewritable 1");
        for line in plan.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |at: usize| words.get(at).and_then(|w| w.parse::<u64>().ok()).unwrap_or(0);
            let manner = match words.first().copied().unwrap_or_default() {
                "ecc" => {
                    facts.unit = number(1).max(1);
                    continue;
                }
                "recovered" => Manner::Recovered { wrong: number(3), same: words.get(4) == Some(&"same") },
                "blank" => Manner::Blank,
                "short" => Manner::Other,
                "answer" => {
                    let key = words.get(3).copied().unwrap_or_default();
                    // A pressed disc has nothing that was never written, and the drive is not at a loss for its table of contents.
                    let is_blank = key.starts_with("08/") && rewritable;
                    let of_the_disc = is_blank || (key.starts_with("03/") && key != "03/57/00");
                    facts.drive_may_fail |= !of_the_disc;
                    if is_blank { Manner::Blank } else { Manner::Other }
                }
                "at" | "wedge" | "zero-after" => {
                    facts.drive_may_fail = true;
                    facts.loses_trust = true;
                    continue;
                }
                "capacity" => {
                    facts.says_capacity = true;
                    continue;
                }
                "rewritable" => {
                    facts.run_out = media == Media::Cd;
                    continue;
                }
                _ => continue,
            };
            facts.run_out |= manner == Manner::Blank && media == Media::Cd;
            if number(2) > 0 {
                facts.manners.insert(number(1)..number(1) + number(2), manner);
            }
        }
        facts
    }

    fn manner(&self, lba: u64) -> Option<Manner> {
        self.manners.get(&(lba / self.unit)).copied()
    }

    /// The drive has to work for this sector.
    pub(crate) fn is_hard(&self, lba: u64) -> bool {
        matches!(self.manner(lba), Some(Manner::Recovered { .. }))
    }

    /// The drive may bring the same wrong bytes twice.
    pub(crate) fn is_alike_twice(&self, lba: u64) -> bool {
        matches!(self.manner(lba), Some(Manner::Recovered { wrong: 2.., same: true }))
    }

    /// There are such places.
    pub(crate) fn is_alike_anywhere(&self) -> bool {
        self.manners.iter().any(|(_, manner)| matches!(manner, Manner::Recovered { wrong: 2.., same: true }))
    }

    /// The drive calls this sector blank.
    pub(crate) fn is_blank(&self, lba: u64, sectors: u64) -> bool {
        self.manner(lba) == Some(Manner::Blank) || (self.run_out && lba + 2 >= sectors)
    }
}
