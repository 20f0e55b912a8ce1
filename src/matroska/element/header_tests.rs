use crate::base::time::Nanoseconds;
use crate::matroska::builder::Builder;
use crate::matroska::builder::tests::{audio, film, frame, subtitle, video, write};
use crate::matroska::element::segment::Segment;
use crate::matroska::element::track::{Addition, Colour, FieldOrder, Flags, Kind, Mastering, Scan};
use crate::matroska::ids;
use crate::matroska::reading::{Element, check, read};

fn names(element: &Element<'_>) -> Vec<u32> {
    element.children.iter().map(|c| c.id).collect()
}

#[test]
fn elements_come_in_the_order_that_players_like() {
    let file = write(&film(vec![video(1)]), &[frame(0, 0)]);
    let (ebml, segment) = read(&file);
    assert_eq!(ebml.text(ids::DOC_TYPE), "matroska");
    assert_eq!((ebml.uint(ids::DOC_TYPE_VERSION), ebml.uint(ids::DOC_TYPE_READ_VERSION)), (4, 2));
    let mut order = names(&segment);
    order.retain(|id| *id != ids::VOID);
    let expected = [ids::SEEK_HEAD, ids::INFO, ids::TRACKS, ids::CHAPTERS, ids::TAGS, ids::CUES, ids::CLUSTER];
    assert_eq!(order, expected);
    assert_eq!(names(&segment)[1], ids::VOID);
    assert_eq!(segment.children[2].start - segment.content_start, 4096);
    for element in segment.children.iter().filter(|e| ![ids::VOID, ids::CLUSTER].contains(&e.id)) {
        assert_eq!(element.children[0].id, ids::CRC_32, "{:#X}", element.id);
    }
}

#[test]
fn info_tells_the_exact_duration_and_no_date() {
    let mut last = frame(0, 41_708_333);
    last.duration = Some(Nanoseconds(41_708_334));
    let file = write(&film(vec![video(1)]), &[frame(0, 0), last]);
    let (_, segment) = read(&file);
    let info = segment.only(ids::INFO);
    assert_eq!(info.float(ids::DURATION), 83.416_667);
    assert_eq!(info.uint(ids::TIMESTAMP_SCALE), 1_000_000);
    assert_eq!((info.text(ids::TITLE), info.text(ids::WRITING_APP)), ("Film".into(), "test 1".into()));
    assert_eq!(info.only(ids::SEGMENT_UUID).data.len(), 16);
    assert!(info.all(0x4461).is_empty());
}

#[test]
fn a_video_entry_tells_all_that_the_disc_told() {
    let mut track = video(1);
    track.default_duration = Some(Nanoseconds(41_708_333));
    track.codec_private = vec![1, 2, 3];
    track.additions = vec![Addition { kind: u32::from_be_bytes(*b"dvcC"), name: None, data: vec![1; 24] }];
    let Kind::Video(v) = &mut track.kind else { unreachable!() };
    v.display = Some((853, 480));
    v.scan = Scan::Interlaced(Some(FieldOrder::TopFirst));
    let mastering = Mastering {
        red: (34_000, 16_000),
        green: (13_250, 34_500),
        blue: (7_500, 3_000),
        white: (15_635, 16_450),
        luminance_max: 10_000_000,
        luminance_min: 50,
    };
    v.colour = Some(Colour {
        matrix: Some(9),
        transfer: Some(16),
        primaries: Some(9),
        full_range: Some(false),
        max_cll: Some(1000),
        max_fall: Some(400),
        mastering: Some(mastering),
        ..Colour::default()
    });
    let file = write(&film(vec![track]), &[]);
    let (_, segment) = read(&file);
    let entry = segment.only(ids::TRACKS).only(ids::TRACK_ENTRY);
    assert_eq!((entry.uint(ids::TRACK_NUMBER), entry.uint(ids::TRACK_TYPE)), (1, 1));
    assert_eq!((entry.uint(ids::FLAG_LACING), entry.uint(ids::DEFAULT_DURATION)), (0, 41_708_333));
    assert_eq!(entry.only(ids::CODEC_PRIVATE).data, [1, 2, 3]);
    assert_eq!(entry.only(ids::BLOCK_ADDITION_MAPPING).only(ids::BLOCK_ADD_ID_EXTRA_DATA).data.len(), 24);
    let v = entry.only(ids::VIDEO);
    assert_eq!((v.uint(ids::DISPLAY_WIDTH), v.uint(ids::DISPLAY_HEIGHT), v.uint(ids::DISPLAY_UNIT)), (853, 480, 0));
    assert_eq!((v.uint(ids::FLAG_INTERLACED), v.uint(ids::FIELD_ORDER)), (1, 1));
    let colour = v.only(ids::COLOUR);
    assert_eq!((colour.uint(ids::RANGE), colour.uint(ids::MAX_CLL), colour.uint(ids::MAX_FALL)), (1, 1000, 400));
    assert!(colour.all(ids::BITS_PER_CHANNEL).is_empty());
    let mastering = colour.only(ids::MASTERING_METADATA);
    assert_eq!(mastering.float(ids::PRIMARY_R_CHROMATICITY_X), 0.68);
    assert_eq!((mastering.float(ids::LUMINANCE_MAX), mastering.float(ids::LUMINANCE_MIN)), (1000.0, 0.005));
}

#[test]
fn flags_and_languages_say_what_is_known() {
    let mut plain = audio(1);
    plain.language = "English".into();
    let mut full = subtitle(2);
    full.flags = Flags {
        default: true,
        forced: true,
        original: true,
        commentary: true,
        hearing_impaired: true,
        visual_impaired: true,
    };
    full.language_bcp47 = Some("es-419".into());
    full.zlib = true;
    let file = write(&film(vec![plain, full]), &[]);
    let (_, segment) = read(&file);
    let entries = segment.only(ids::TRACKS).all(ids::TRACK_ENTRY);
    assert_eq!((entries[0].text(ids::LANGUAGE), entries[1].text(ids::LANGUAGE_BCP47)), ("und".into(), "es-419".into()));
    assert_eq!((entries[0].uint(ids::FLAG_DEFAULT), entries[0].uint(ids::FLAG_FORCED)), (0, 0));
    for id in [ids::FLAG_ORIGINAL, ids::FLAG_COMMENTARY, ids::FLAG_HEARING_IMPAIRED, ids::FLAG_VISUAL_IMPAIRED] {
        assert_eq!((entries[0].find_uint(id), entries[1].find_uint(id)), (None, Some(1)));
    }
    let encoding = entries[1].only(ids::CONTENT_ENCODINGS).only(ids::CONTENT_ENCODING);
    assert_eq!(encoding.only(ids::CONTENT_COMPRESSION).uint(ids::CONTENT_COMP_ALGO), 0);
}

#[test]
fn chapters_make_one_default_edition_and_none_makes_no_element() {
    let file = write(&film(vec![video(1)]), &[]);
    let (_, segment) = read(&file);
    let edition = segment.only(ids::CHAPTERS).only(ids::EDITION_ENTRY);
    assert_eq!((edition.uint(ids::EDITION_FLAG_DEFAULT), edition.uint(ids::EDITION_FLAG_ORDERED)), (1, 0));
    let atoms = edition.all(ids::CHAPTER_ATOM);
    assert_eq!(atoms.iter().map(|a| a.uint(ids::CHAPTER_TIME_START)).collect::<Vec<_>>(), [0, 1_500_000_001]);
    let display = atoms[0].only(ids::CHAPTER_DISPLAY);
    assert_eq!((display.text(ids::CHAP_STRING), display.text(ids::CHAP_LANGUAGE)), ("One".into(), "und".into()));
    assert!(atoms[1].all(ids::CHAPTER_DISPLAY).is_empty());

    let file = write(&Segment { chapters: Vec::new(), ..film(vec![video(1)]) }, &[]);
    assert!(read(&file).1.all(ids::CHAPTERS).is_empty());
    check(&file);
}

#[test]
fn how_long_a_picture_lasts_may_turn_out_to_be_more() {
    let mut track = video(1);
    track.default_duration = Some(Nanoseconds(16_683_333));
    let mut builder = Builder::new(film(vec![track])).unwrap();
    let room = builder.head().unwrap().len();
    builder.push(&frame(0, 0)).unwrap();
    builder.set_default_duration(0, Some(Nanoseconds(20_854_167))).unwrap();
    assert_eq!(builder.finish().unwrap().head.len(), room);
}

#[test]
fn tags_tell_what_was_counted() {
    let mut track = audio(1);
    track.source_id = Some("001100".into());
    track.default_duration = Some(Nanoseconds(32_000_000));
    let second = crate::matroska::builder::Frame { timestamp: Nanoseconds(3_600_000_000_000), ..frame(0, 0) };
    let file = write(&film(vec![track]), &[frame(0, 0), second]);
    let (_, segment) = read(&file);
    let tags = segment.only(ids::TAGS).all(ids::TAG);
    let fields = |tag: &Element<'_>| -> Vec<(String, String)> {
        tag.all(ids::SIMPLE_TAG).iter().map(|t| (t.text(ids::TAG_NAME), t.text(ids::TAG_STRING))).collect()
    };
    assert_eq!(fields(tags[0]), [("TITLE".to_owned(), "Film".to_owned())]);
    let uid = segment.only(ids::TRACKS).only(ids::TRACK_ENTRY).uint(ids::TRACK_UID);
    assert_eq!(tags[1].only(ids::TARGETS).uint(ids::TAG_TRACK_UID), uid);
    let values: Vec<(String, String)> = fields(tags[1]);
    let of = |name: &str| values.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    assert_eq!(of("DURATION"), Some("01:00:00.032000000"));
    assert_eq!((of("NUMBER_OF_FRAMES"), of("NUMBER_OF_BYTES"), of("BPS")), (Some("2"), Some("10"), Some("0")));
    assert_eq!((of("SOURCE_ID"), of("_STATISTICS_WRITING_APP")), (Some("001100"), Some("test 1")));
    assert_eq!(of("_STATISTICS_TAGS"), Some("BPS DURATION NUMBER_OF_FRAMES NUMBER_OF_BYTES"));
}

#[test]
fn the_last_header_is_as_long_as_the_first_whatever_was_counted() {
    let segment = Segment { expected_cues: 3, ..film(vec![video(1), audio(2), subtitle(3)]) };
    for times in [vec![], vec![0], vec![u64::MAX - 1], vec![0, u64::MAX], (0..200).map(|n| n * 500_000_000).collect()] {
        let mut builder = Builder::new(segment.clone()).unwrap();
        let first = builder.head().unwrap();
        for track in 0..3 {
            times.iter().for_each(|t| drop(builder.push(&frame(track, *t)).unwrap()));
        }
        builder.set_forced(2, true).unwrap();
        let last = builder.finish().unwrap();
        assert_eq!(first.len(), last.head.len());
    }
}
