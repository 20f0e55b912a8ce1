use super::*;

fn index() -> Vec<u8> {
    let mut file = b"INDX0300".to_vec();
    file.extend(40u32.to_be_bytes());
    file.resize(40, 0);
    let mut body = vec![0x40, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0];
    body.extend([0x80, 0, 0, 0, 0, 0]);
    body.extend(b"00042\0");
    body.extend([0, 3]);
    body.extend([0x70, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0]);
    body.extend([0x40, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0]);
    body.extend([0; 12]);
    file.extend((body.len() as u32).to_be_bytes());
    file.extend(body);
    file
}

#[test]
fn titles_name_their_programs() {
    let index = Index::parse(&index()).unwrap();
    assert!(index.is_ultra_hd());
    assert_eq!(index.first_playback, Object::Movie(3));
    assert_eq!(index.top_menu, Object::Java("00042".to_owned()));
    let titles: Vec<_> = index.titles.iter().map(|t| (t.object.clone(), t.may_be_searched, t.is_shown)).collect();
    assert_eq!(
        titles,
        [(Object::Movie(0x104), false, false), (Object::None, true, true), (Object::Unknown, true, true)]
    );
    assert_eq!((index.object(TOP_MENU), index.object(1)), (Some(&index.top_menu), Some(&titles[0].0)));
    assert_eq!((index.object(4), index.entries().count()), (None, 5));
}

#[test]
fn every_cut_is_an_error() {
    let file = index();
    for cut in 0..file.len() {
        assert!(Index::parse(&file[..cut]).is_err(), "{cut}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), at in 0usize..94) {
        let mut file = index();
        let end = (at + bytes.len()).min(file.len());
        file[at..end].copy_from_slice(&bytes[..end - at]);
        let _ = Index::parse(&file);
    }
}
