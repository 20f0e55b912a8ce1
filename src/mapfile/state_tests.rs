use proptest::prelude::*;

use super::*;

fn fingerprint() -> Fingerprint {
    Fingerprint { sectors: 1000, size_bytes: 2_048_000, media: Some(Media::Bd), hash: "ab\"c".into() }
}

fn text(state: &State) -> Vec<u8> {
    let mut out = Vec::new();
    state.write(&mut out, &fingerprint(), 4096).unwrap();
    out
}

fn read(mut bytes: &[u8]) -> Result<State, Dropped> {
    State::read(&mut bytes, &fingerprint(), 4096)
}

fn set(ranges: &[(u64, u64)]) -> SectorSet {
    ranges.iter().map(|(start, end)| SectorRange::new(*start, *end)).collect()
}

fn asides() -> Asides {
    let said = Complaint { sense: Some(Sense::new(2, 4, 1)), status: 2, host_status: 0 };
    let aside = Aside { cause: Cause::Answer, said, attempts: 2, seconds: 0.5 };
    let mut asides = Asides::default();
    asides.insert(SectorRange::new(100, 164), aside);
    let said = Complaint { host_status: 3, ..Complaint::default() };
    asides.insert(SectorRange::new(164, 170), Aside { cause: Cause::RunEnded, said, attempts: 1, seconds: 30.0 });
    asides
}

fn example() -> State {
    let failure = Failure { sectors: 32, attempts: 3, sense: Some(Sense::new(3, 0x11, 0)), seconds: 2.25 };
    State {
        speeds: Speeds::of_earlier_runs((0..256).collect()),
        phase: "retry 2/3".into(),
        marginal: set(&[(0, 32), (64, 96)]),
        failures: [(32, failure), (992, Failure { sectors: 8, sense: None, ..failure })].into(),
        singles: set(&[(33, 35), (999, 1000)]),
        left_out: left_out_of(&[(100, 200), (900, 3000)]),
        asides: asides(),
        sitting: Some(Sitting { drive: "HL-DT-ST \"x\" 1.05 K9".into(), since: Some("17 of boot 3".into()) }),
    }
}

fn left_out_of(ranges: &[(u64, u64)]) -> LeftOut {
    let mut left_out = LeftOut::new();
    for (start, end) in ranges {
        left_out.insert(SectorRange::new(*start, *end), TractKind::SessionGap);
    }
    left_out
}

#[test]
fn tracts_are_told_whatever_drive_the_state_is_of() {
    let bytes = text(&example());
    let of = |end, rescued| left_out(&mut bytes.as_slice(), end, rescued);
    assert_eq!(of(2_048_000, 4096), example().left_out);
    assert_eq!(of(3_000_000, 9999), example().left_out, "another program has made the map longer");
    assert!(of(2_000_000, 4096).is_empty() && of(2_048_000, 0).is_empty(), "those of another map");
    assert!(left_out(&mut &b"{}"[..], 10, 0).is_empty());
    let cut = &bytes[..bytes.len() - 2];
    assert_eq!(left_out(&mut &cut[..], 2_048_000, 4096), example().left_out, "as far as they can be read");
}

#[test]
fn what_is_written_is_read_back() {
    assert_eq!(read(&text(&example())), Ok(example()));
    assert_eq!(read(&text(&State::default())), Ok(State::default()));
}

#[test]
fn the_state_of_another_disc_is_dropped() {
    let bytes = text(&example());
    for other in [
        Fingerprint { sectors: 999, ..fingerprint() },
        Fingerprint { size_bytes: 5, ..fingerprint() },
        Fingerprint { media: None, ..fingerprint() },
        Fingerprint { media: Some(Media::Uhd), ..fingerprint() },
        Fingerprint { hash: String::new(), ..fingerprint() },
    ] {
        assert_eq!(State::read(&mut bytes.as_slice(), &other, 4096), Err(Dropped::Foreign));
    }
}

#[test]
fn a_map_that_lost_something_makes_the_state_stale() {
    let bytes = text(&example());
    assert_eq!(State::read(&mut bytes.as_slice(), &fingerprint(), 4095), Err(Dropped::Stale));
    assert!(State::read(&mut bytes.as_slice(), &fingerprint(), 4097).is_ok());
}

#[test]
fn a_damaged_state_is_dropped_with_its_line() {
    let good = String::from_utf8(text(&example())).unwrap();
    let with = |line: &str| read(format!("{good}{line}").as_bytes());
    let count = good.lines().count();
    let header = good.lines().next().unwrap();
    for line in [
        "\n",
        "x\n",
        "{\"single\":{\"start\":1,\"sectors\":1}}",
        "{\"single\":{\"start\":1,\"sectors\":0}}\n",
        "{\"single\":{\"start\":999,\"sectors\":2}}\n",
        "{\"single\":{\"start\":18446744073709551615,\"sectors\":2}}\n",
        "{\"single\":{\"start\":-1,\"sectors\":2}}\n",
        "{\"single\":{\"start\":1,\"sectors\":1,\"more\":1}}\n",
        "{\"other\":{\"start\":1,\"sectors\":1}}\n",
        "{\"aside\":{\"start\":1,\"sectors\":1,\"cause\":\"whim\",\"sense\":null,\"status\":0,\"host_status\":0,\"attempts\":1,\"seconds\":1}}\n",
        "{\"aside\":{\"start\":999,\"sectors\":2,\"cause\":\"answer\",\"sense\":null,\"status\":0,\"host_status\":0,\"attempts\":1,\"seconds\":1}}\n",
        "{\"failed\":{\"start\":1,\"sectors\":1,\"attempts\":1,\"sense\":[1,2],\"seconds\":1}}\n",
        "{\"failed\":{\"start\":1,\"sectors\":1,\"attempts\":1,\"sense\":null,\"seconds\":1e999}}\n",
        &format!("{header}\n"),
        &format!("{{\"single\":{{\"start\":1,\"sectors\":1}}}}{}\n", " ".repeat(MAX_LINE)),
    ] {
        assert_eq!(with(line), Err(Dropped::Damaged(count + 1)), "{line}");
    }
    for text in ["", "\n", "0 + 1\n0 5 +\n", "{\"single\":{\"start\":1,\"sectors\":1}}\n"] {
        assert_eq!(read(text.as_bytes()), Err(Dropped::Damaged(1)), "{text}");
    }
    assert_eq!(read(good.replace("\"version\":1", "\"version\":2").as_bytes()), Err(Dropped::Version(2)));
}

#[test]
fn records_are_bounded_both_ways() {
    let singles = (0..MAX_RECORDS as u64 + 5).map(|i| SectorRange::with_len(2 * i, 1)).collect();
    let state = State { singles, ..State::default() };
    let disc = Fingerprint { sectors: 1 << 30, ..fingerprint() };
    let mut bytes = Vec::new();
    state.write(&mut bytes, &disc, 0).unwrap();
    let back = State::read(&mut bytes.as_slice(), &disc, 0).unwrap();
    assert_eq!(back.singles.len(), MAX_RECORDS as u64);
    bytes.extend_from_slice(b"{\"single\":{\"start\":1,\"sectors\":1}}\n");
    assert_eq!(State::read(&mut bytes.as_slice(), &disc, 0), Err(Dropped::Damaged(MAX_RECORDS + 2)));
}

#[test]
fn a_time_that_is_no_number_is_written_as_nothing() {
    let failure = Failure { sectors: 1, seconds: f64::NAN, ..Failure::default() };
    let state = State { failures: [(0, failure)].into(), ..State::default() };
    assert_eq!(read(&text(&state)).unwrap().failures[&0].seconds, 0.0);
}

#[test]
fn the_map_has_the_last_word() {
    let mut map = SectorMap::new(1000, 2_048_000);
    map.set(SectorRange::new(0, 64), Status::Finished);
    map.set(SectorRange::new(33, 34), Status::NonScraped);
    map.set(SectorRange::new(992, 1000), Status::Finished);
    let mut state = example();
    state.agree_with(&map);
    assert_eq!(state.failures.keys().copied().collect::<Vec<_>>(), [32]);
    assert_eq!(state.singles, set(&[(33, 34)]));
    assert_eq!(state.marginal, set(&[(0, 32)]));
}

proptest! {
    #[test]
    fn any_state_is_read_back(
        phase in ".{0,20}",
        failures in prop::collection::btree_map(0u64..900, (1u64..100, any::<u32>(), any::<Option<[u8; 3]>>(), 0.0..1e6), 0..20),
        marginal in prop::collection::vec((0u64..900, 1u64..100), 0..20),
        singles in prop::collection::vec((0u64..900, 1u64..100), 0..20),
    ) {
        let ranges = |v: Vec<(u64, u64)>| v.into_iter().map(|(s, n)| SectorRange::with_len(s, n)).collect::<SectorSet>();
        let failure = |(sectors, attempts, sense, seconds): (u64, u32, Option<[u8; 3]>, f64)| {
            Failure { sectors, attempts, sense: sense.map(|[a, b, c]| Sense::new(a, b, c)), seconds }
        };
        let failures = failures.into_iter().map(|(s, f)| (s, failure(f))).collect();
        let state = State {
            phase,
            marginal: ranges(marginal),
            failures,
            singles: ranges(singles),
            ..State::default()
        };
        let back = read(&text(&state)).unwrap();
        for (start, failure) in &state.failures {
            let read = back.failures[start];
            prop_assert!((read.seconds - failure.seconds).abs() < 1e-6);
            prop_assert_eq!(Failure { seconds: 0.0, ..read }, Failure { seconds: 0.0, ..*failure });
        }
        prop_assert_eq!((back.phase, back.marginal, back.singles), (state.phase, state.marginal, state.singles));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..400) {
        let _ = read(&bytes);
        let mut good = text(&example());
        let at = at.min(good.len());
        let end = (at + bytes.len() / 16).min(good.len());
        good.splice(at..end, bytes.iter().copied().take(bytes.len() / 16));
        let _ = read(&good);
    }
}
