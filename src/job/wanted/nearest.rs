//! The names that a person may have meant. Pure.

/// Names that are told.
const NAMED: usize = 3;

/// Longest name that is compared; longer ones are cut.
const LENGTH: usize = 64;

/// The names that look most like `wanted`, the nearest first. Names that share nothing with it are not among them, unless
/// all are like that.
#[must_use]
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut by_distance: Vec<(usize, &str)> = names.map(|name| (distance(wanted, name), name)).collect();
    by_distance.sort_unstable();
    let least = by_distance.first().map_or(0, |(distance, _)| *distance);
    let near = by_distance.into_iter().take(NAMED).filter(|(distance, _)| *distance <= 2 * least.max(2));
    near.map(|(_, name)| name.to_owned()).collect()
}

/// How many letters must be changed, put in or taken out to come from one to the other; the case counts for nothing.
fn distance(one: &str, other: &str) -> usize {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).take(LENGTH).collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.iter().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, theirs) in row.iter_mut().skip(1).zip(&other) {
            let replaced = diagonal + usize::from(letter != theirs);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("BDMV", "bdmv"), 0);
        assert_eq!(distance("", "abc"), 3);
        let names = ["00001.m2ts", "00010.m2ts", "00800.m2ts", "index.bdmv"];
        assert_eq!(nearest("00011.m2ts", names.into_iter()), ["00001.m2ts", "00010.m2ts", "00800.m2ts"]);
        assert!(nearest("x", std::iter::empty()).is_empty());
    }
}
