use super::*;

const DISC: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<disclib xmlns="urn:BDA:bdmv;disclib" xmlns:di="urn:BDA:bdmv;discinfo">
 <di:discinfo>
  <di:title><di:name>The &amp;  Cat&#x2019;s
     <![CDATA[<Tale>]]></di:name><di:numSets>3</di:numSets><di:setNumber>2</di:setNumber></di:title>
  <di:description><di:thumbnail href="x.jpg" size="416x240"/>
   <di:tableOfContents><di:titleName titleNumber="1">The Tale</di:titleName><di:titleName titleNumber="x">no number
   </di:titleName><di:titleName titleNumber="12"> How it was
   made </di:titleName><di:titleName titleNumber="13"> </di:titleName></di:tableOfContents></di:description>
  <di:name>not this</di:name>
 </di:discinfo>
</disclib>"#;

#[test]
fn title_and_place_in_the_set_are_read() {
    let meta = DiscMeta::parse(DISC.as_bytes()).unwrap();
    assert_eq!(meta.title.as_deref(), Some("The & Cat\u{2019}s <Tale>"));
    assert_eq!(meta.volume, Some((2, 3)));
    let titles: Vec<_> = meta.titles.iter().map(|(number, name)| (*number, name.as_str())).collect();
    assert_eq!(titles, [(1, "The Tale"), (12, "How it was made")]);
}

#[test]
fn sixteen_bit_text_is_read() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(DISC.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(DiscMeta::parse(&bytes), DiscMeta::parse(DISC.as_bytes()));
}

#[test]
fn a_disc_without_title_has_none() {
    assert_eq!(DiscMeta::parse(b"<disclib><title><name> \n</name></title></disclib>"), Ok(DiscMeta::default()));
    assert_eq!(DiscMeta::parse(b""), Ok(DiscMeta::default()));
}

#[test]
fn entities_of_ones_own_and_deep_nests_do_no_harm() {
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x><title><name>&b;!</name></title></x>"#;
    assert_eq!(DiscMeta::parse(bomb.as_bytes()).unwrap().title.as_deref(), Some("!"));
    let deep = "<a>".repeat(100_000);
    assert!(DiscMeta::parse(deep.as_bytes()).is_err());
    let long = format!("<x><title><name>{}</name></title></x>", "y".repeat(10_000));
    assert_eq!(DiscMeta::parse(long.as_bytes()).unwrap().title.unwrap().len(), 1024);
}

#[test]
fn the_language_stands_in_the_name() {
    assert_eq!(language_of("bdmt_eng.xml").as_deref(), Some("eng"));
    assert_eq!(language_of("BDMT_FRA.XML").as_deref(), Some("fra"));
    for other in ["bdmt_.xml", "bdmt_english.xml", "tnmt_eng_00001.xml", "bdmt_e1g.xml"] {
        assert_eq!(language_of(other), None);
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60), at in 0usize..900) {
        let mut file = DISC.as_bytes().to_vec();
        let at = at.min(file.len());
        file.splice(at..(at + bytes.len()).min(file.len()), bytes.iter().copied());
        let _ = DiscMeta::parse(&file);
    }
}
