use super::*;
use crate::fs::MemorySectors;
use proptest::prelude::*;

/// Sectors whose bytes all differ from their neighbours'.
fn image(sectors: usize) -> Vec<u8> {
    (0..sectors * SECTOR_SIZE).map(|i| (i * 7 + i / SECTOR_SIZE * 13) as u8).collect()
}

fn file(runs: &[(Place, u64)]) -> File {
    let mut builder = Builder::default();
    for (place, length) in runs {
        builder.push(*place, *length).unwrap();
    }
    let length = builder.length();
    File { length, body: Body::Extents(builder.finish(length)), path: "FILM".to_owned() }
}

#[test]
fn neighbours_are_joined_and_the_end_is_cut() {
    let mut builder = Builder::default();
    for (place, length) in
        [(Place::Sector(5), 4096), (Place::Sector(7), 2048), (Place::Hole, 2048), (Place::Hole, 2048)]
    {
        builder.push(place, length).unwrap();
    }
    let extents = builder.finish(7000);
    assert_eq!(
        extents,
        [
            Extent { offset: 0, length: 6144, place: Place::Sector(5) },
            Extent { offset: 6144, length: 856, place: Place::Hole },
        ]
    );
    assert_eq!(extents[0].sectors(), SectorRange::new(5, 8));
    assert!(extents[1].sectors().is_empty());
}

#[test]
fn a_bad_sector_ends_a_read_and_fails_the_next() {
    // The image ends inside the file.
    let sectors = MemorySectors::new(image(10));
    let file = file(&[(Place::Sector(2), 2048), (Place::Sector(8), 3 * 2048)]);
    let mut buffer = vec![0; 5 * SECTOR_SIZE];
    assert_eq!(file.read(&sectors, 100, &mut buffer).unwrap(), 3 * SECTOR_SIZE - 100);
    let told = file.read(&sectors, 3 * 2048 + 5, &mut buffer).unwrap_err();
    assert_eq!(told.to_string(), "cannot read sector 10 (FILM): it lies past the end");
}

#[test]
fn missing_sectors_become_missing_bytes() {
    let file = file(&[(Place::Sector(10), 4 * 2048), (Place::Hole, 2048), (Place::Sector(2), 1000)]);
    let missing = [SectorRange::new(2, 3), SectorRange::new(12, 14), SectorRange::new(14, 20)].into_iter().collect();
    assert_eq!(file.bytes_in(&missing), [4096..8192, 10_240..11_240]);
}

proptest! {
    /// Whatever the extents, offset and length, a read gives what lies there.
    #[test]
    fn reads_give_the_bytes_of_the_extents(
        runs in prop::collection::vec((0u64..40, 1u64..9000, any::<bool>()), 1..8),
        offset in 0u64..40_000,
        length in 0usize..20_000,
    ) {
        let image = image(48);
        let mut expected = Vec::new();
        let mut places = Vec::new();
        for (sector, length, hole) in runs {
            let start = sector as usize * SECTOR_SIZE;
            if hole {
                places.push((Place::Hole, length));
                expected.resize(expected.len() + length as usize, 0);
            } else {
                places.push((Place::Sector(sector), length));
                expected.extend(&image[start..start + length as usize]);
            }
        }
        let file = file(&places);
        prop_assert_eq!(file.length(), expected.len() as u64);
        let mut buffer = vec![0; length];
        let got = file.read(&MemorySectors::new(image), offset, &mut buffer).unwrap();
        let from = expected.len().min(offset as usize);
        let to = expected.len().min(offset as usize + length);
        prop_assert_eq!(&buffer[..got], &expected[from..to]);
    }
}
