//! What is known of a file only when its frames have come, or never.

use super::*;

#[test]
fn a_subtitle_whose_end_shows_later_gets_its_duration_wherever_its_cluster_is() {
    let mut builder = Builder::new(film(vec![video(1), subtitle(2)])).unwrap();
    let mut file = builder.head().unwrap();
    let mut opened = Vec::new();
    let out = |file: &mut Vec<u8>, cluster: Option<Cluster>| file.extend(cluster.unwrap_or_default().to_vec());
    for n in 0..3 {
        let cluster = builder.push(&frame(0, n * 1000 * MS)).unwrap();
        out(&mut file, cluster);
        let (cluster, open) = builder.push_open(&frame(1, (n * 1000 + 10) * MS)).unwrap();
        out(&mut file, cluster);
        assert_eq!(open.cluster(), builder.cluster_start());
        assert_eq!(open.cluster(), file.len() as u64);
        opened.push(open);
    }
    let ends = [300, 70_000, 2_500];
    for (open, end) in opened.into_iter().zip(ends) {
        let is_last = open.cluster() == builder.cluster_start();
        let patch = builder.close(open, Nanoseconds(end * MS));
        assert_eq!(patch.is_none(), is_last);
        if let Some(Patch { position, bytes }) = patch {
            file[position as usize..][..bytes.len()].copy_from_slice(&bytes);
        }
    }
    let ending = builder.finish().unwrap();
    file.extend(&ending.tail);
    file[..ending.head.len()].copy_from_slice(&ending.head);
    check(&file);
    let read: Vec<_> = read_blocks(&file).iter().filter(|b| b.track == 2).map(|b| (b.timestamp, b.duration)).collect();
    assert_eq!(read, [(10, Some(290)), (1010, Some(68_990)), (2010, Some(490))]);
    assert_eq!(ending.summary.duration, Nanoseconds(2000 * MS));
    let (_, segment) = crate::matroska::reading::read(&file);
    let cues = segment.only(ids::CUES).all(ids::CUE_POINT);
    let durations: Vec<u64> =
        cues.iter().filter_map(|point| point.only(ids::CUE_TRACK_POSITIONS).find_uint(ids::CUE_DURATION)).collect();
    assert_eq!(durations, [290, 68_990, 490]);
}

#[test]
fn a_film_that_goes_out_in_order_promises_nothing_that_comes_later() {
    let tracks = vec![video(1), audio(2), subtitle(3)];
    let frames: Vec<Frame<'_>> = (0..200).flat_map(|n| [frame(0, n * 100 * MS), frame(1, n * 100 * MS)]).collect();
    let mut builder = Builder::in_order(film(tracks.clone()), Some(Nanoseconds(20_000 * MS))).unwrap();
    let mut stream = builder.head().unwrap();
    for frame in &frames {
        let cluster = builder.push(frame).unwrap();
        stream.extend(cluster.unwrap_or_default().to_vec());
    }
    let ending = builder.finish().unwrap();
    stream.extend(&ending.tail);
    assert!(ending.head.is_empty());
    assert_eq!(ending.summary.bytes, stream.len() as u64);
    let (_, segment) = read(&stream);
    assert_eq!(stream[segment.content_start - 8..segment.content_start], crate::matroska::ebml::UNKNOWN_SIZE);
    let kinds: Vec<u32> = segment.children.iter().map(|e| e.id).filter(|id| *id != ids::CLUSTER).collect();
    assert_eq!(kinds, [ids::INFO, ids::TRACKS, ids::CHAPTERS, ids::TAGS]);
    assert_eq!(segment.only(ids::INFO).float(ids::DURATION), 20_000.0);
    let in_file = read_blocks(&write(&film(tracks), &frames));
    let without_place =
        |blocks: Vec<ReadBlock>| blocks.into_iter().map(|b| ReadBlock { cluster: 0, ..b }).collect::<Vec<_>>();
    assert_eq!(without_place(blocks(&segment)), without_place(in_file), "the same blocks in the same clusters");
}

#[test]
fn a_film_in_order_of_unknown_length_has_no_duration() {
    let builder = Builder::in_order(film(vec![video(1)]), None).unwrap();
    let head = builder.head().unwrap();
    let (_, segment) = read(&head);
    assert!(segment.only(ids::INFO).all(ids::DURATION).is_empty());
    assert!(segment.all(ids::VOID).is_empty() && segment.all(ids::SEEK_HEAD).is_empty());
}

#[test]
fn a_subtitle_whose_end_never_shows_has_no_duration() {
    let mut builder = Builder::in_order(film(vec![subtitle(1)]), None).unwrap();
    let mut stream = builder.head().unwrap();
    let _ = builder.push_open(&frame(0, 0)).unwrap();
    stream.extend(builder.finish().unwrap().tail);
    assert_eq!(read_blocks(&stream)[0].duration, None);
}

#[test]
fn a_track_that_nothing_came_for_can_be_taken_out_in_the_end() {
    let mut builder = Builder::new(film(vec![video(1), subtitle(2), audio(3)])).unwrap();
    let mut file = builder.head().unwrap();
    for track in [0, 2] {
        let cluster = builder.push(&frame(track, 0)).unwrap();
        file.extend(cluster.unwrap_or_default().to_vec());
    }
    assert!(builder.omit(1).unwrap());
    let ending = builder.finish().unwrap();
    file.extend(&ending.tail);
    file[..ending.head.len()].copy_from_slice(&ending.head);
    check(&file);
    let (_, segment) = read(&file);
    let numbers: Vec<u64> =
        segment.only(ids::TRACKS).all(ids::TRACK_ENTRY).iter().map(|entry| entry.uint(ids::TRACK_NUMBER)).collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(segment.only(ids::TAGS).all(ids::TAG).len(), 3, "of the film and of two tracks");
    let mut builder = Builder::new(film(vec![video(1)])).unwrap();
    assert!(matches!(builder.omit(1), Err(Error::NoSuchTrack { track: 1 })));
    assert!(matches!(builder.omit(0), Err(Error::NoTracks)));
}

#[test]
fn a_name_that_says_how_many_channels_there_are_goes_when_there_are_more() {
    for (name, left) in [("Stereo", None), ("Commentary", Some("Commentary"))] {
        let audio = Kind::Audio(Audio { rate: 48_000, channels: 2, bit_depth: None });
        let named = Track { name: Some(name.to_owned()), ..track(0x1100, "A_AC3", audio) };
        let mut builder = Builder::new(film(vec![named])).unwrap();
        builder.grow(0, Grown { channels: 2, ..Grown::default() }).unwrap();
        assert_eq!(builder.tracks()[0].name.as_deref(), Some(name));
        builder.grow(0, Grown { channels: 6, ..Grown::default() }).unwrap();
        assert_eq!(builder.tracks()[0].name.as_deref(), left);
    }
}

#[test]
fn whole_pictures_that_fields_come_behind_are_not_called_whole() {
    let scanned = |scan: Scan, is_interlaced: bool| {
        let mut entry = video(1);
        if let Kind::Video(video) = &mut entry.kind {
            video.scan = scan;
        }
        let mut builder = Builder::new(film(vec![entry])).unwrap();
        let mut file = builder.head().unwrap();
        builder.push(&frame(0, 0)).unwrap();
        builder.grow(0, Grown { is_interlaced, ..Grown::default() }).unwrap();
        let ending = builder.finish().unwrap();
        file.extend(&ending.tail);
        file[..ending.head.len()].copy_from_slice(&ending.head);
        check(&file);
        let (_, segment) = read(&file);
        segment.only(ids::TRACKS).only(ids::TRACK_ENTRY).only(ids::VIDEO).uint(ids::FLAG_INTERLACED)
    };
    let order = Scan::Interlaced(Some(FieldOrder::TopFirst));
    assert_eq!(
        [(Scan::Progressive, false), (Scan::Progressive, true), (order, true)].map(|(s, i)| scanned(s, i)),
        [2, 1, 1]
    );
}
