//! Languages: from what a disc or a person writes to the code that Matroska wants.
//!
//! The codes are those of ISO 639-2 and ISO 639-1. Where ISO 639-2 has two codes for a language, Matroska's
//! `Language` element takes the bibliographic one (RFC 9559, 12), and so does everything here.

/// The code for a language that is not known.
pub const UNDETERMINED: &str = "und";

/// The bibliographic code of ISO 639-2 for a code of three letters (of either kind) or two, in any case; also for
/// the first part of a BCP 47 tag. A code that was withdrawn gives the one that took its place, a code reserved for
/// local use (`qaa` to `qtz`) itself. `None` where it is no code.
#[must_use]
pub fn bibliographic(code: &str) -> Option<&'static str> {
    let code = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let code = WITHDRAWN.iter().find(|(old, _)| *old == code).map_or(code.as_str(), |(_, today)| today);
    let row = LANGUAGES.iter().find(|(b, t, two, _)| [*b, *t, *two].contains(&code));
    row.map(|row| row.0)
        .or_else(|| OTHERS.split_ascii_whitespace().find(|other| *other == code))
        .or_else(|| local_use(code))
}

/// The same code where it is one of those that ISO 639-2 reserves for local use.
fn local_use(code: &str) -> Option<&'static str> {
    let all = std::str::from_utf8(&LOCAL_USE).ok()?;
    let [b'q', second @ b'a'..=b't', third @ b'a'..=b'z'] = code.as_bytes() else { return None };
    let at = 3 * (usize::from(second - b'a') * 26 + usize::from(third - b'a'));
    all.get(at..at + 3)
}

/// `qaa`, `qab` and so on up to `qtz`.
static LOCAL_USE: [u8; 3 * 20 * 26] = {
    let mut codes = [b'q'; 3 * 20 * 26];
    let mut number = 0;
    while number < 20 * 26 {
        codes[3 * number + 1] = b'a' + (number / 26) as u8;
        codes[3 * number + 2] = b'a' + (number % 26) as u8;
        number += 1;
    }
    codes
};

/// Codes that ISO 639 withdrew, and what stands for their language today. Serbo-Croatian has none of its own any more;
/// as in CLDR it is taken for Serbian.
const WITHDRAWN: [(&str, &str); 9] = [
    ("scc", "srp"),
    ("scr", "hrv"),
    ("mol", "rum"),
    ("in", "ind"),
    ("iw", "heb"),
    ("ji", "yid"),
    ("jw", "jav"),
    ("mo", "rum"),
    ("sh", "srp"),
];

/// The shortest code, as BCP 47 wants it (RFC 5646, 2.2.1): two letters where there are, else the three of
/// ISO 639-2/T. `None` where `code` is no code.
#[must_use]
pub fn bcp47(code: &str) -> Option<&'static str> {
    let code = bibliographic(code)?;
    Some(LANGUAGES.iter().find(|row| row.0 == code).map_or(code, |row| row.2))
}

/// The language's name in English; for the rare ones its code. `None` where `code` is no code.
#[must_use]
pub fn name(code: &str) -> Option<&'static str> {
    let code = bibliographic(code)?;
    Some(LANGUAGES.iter().find(|row| row.0 == code).map_or(code, |row| row.3))
}

/// Languages of ISO 639-1: bibliographic and terminological code of ISO 639-2, two letters, name.
const LANGUAGES: [(&str, &str, &str, &str); 184] = [
    ("aar", "aar", "aa", "Afar"),
    ("abk", "abk", "ab", "Abkhazian"),
    ("afr", "afr", "af", "Afrikaans"),
    ("aka", "aka", "ak", "Akan"),
    ("alb", "sqi", "sq", "Albanian"),
    ("amh", "amh", "am", "Amharic"),
    ("ara", "ara", "ar", "Arabic"),
    ("arg", "arg", "an", "Aragonese"),
    ("arm", "hye", "hy", "Armenian"),
    ("asm", "asm", "as", "Assamese"),
    ("ava", "ava", "av", "Avaric"),
    ("ave", "ave", "ae", "Avestan"),
    ("aym", "aym", "ay", "Aymara"),
    ("aze", "aze", "az", "Azerbaijani"),
    ("bak", "bak", "ba", "Bashkir"),
    ("bam", "bam", "bm", "Bambara"),
    ("baq", "eus", "eu", "Basque"),
    ("bel", "bel", "be", "Belarusian"),
    ("ben", "ben", "bn", "Bengali"),
    ("bih", "bih", "bh", "Bihari languages"),
    ("bis", "bis", "bi", "Bislama"),
    ("bos", "bos", "bs", "Bosnian"),
    ("bre", "bre", "br", "Breton"),
    ("bul", "bul", "bg", "Bulgarian"),
    ("bur", "mya", "my", "Burmese"),
    ("cat", "cat", "ca", "Catalan"),
    ("cha", "cha", "ch", "Chamorro"),
    ("che", "che", "ce", "Chechen"),
    ("chi", "zho", "zh", "Chinese"),
    ("chu", "chu", "cu", "Church Slavic"),
    ("chv", "chv", "cv", "Chuvash"),
    ("cor", "cor", "kw", "Cornish"),
    ("cos", "cos", "co", "Corsican"),
    ("cre", "cre", "cr", "Cree"),
    ("cze", "ces", "cs", "Czech"),
    ("dan", "dan", "da", "Danish"),
    ("div", "div", "dv", "Divehi"),
    ("dut", "nld", "nl", "Dutch"),
    ("dzo", "dzo", "dz", "Dzongkha"),
    ("eng", "eng", "en", "English"),
    ("epo", "epo", "eo", "Esperanto"),
    ("est", "est", "et", "Estonian"),
    ("ewe", "ewe", "ee", "Ewe"),
    ("fao", "fao", "fo", "Faroese"),
    ("fij", "fij", "fj", "Fijian"),
    ("fin", "fin", "fi", "Finnish"),
    ("fre", "fra", "fr", "French"),
    ("fry", "fry", "fy", "Western Frisian"),
    ("ful", "ful", "ff", "Fulah"),
    ("geo", "kat", "ka", "Georgian"),
    ("ger", "deu", "de", "German"),
    ("gla", "gla", "gd", "Gaelic"),
    ("gle", "gle", "ga", "Irish"),
    ("glg", "glg", "gl", "Galician"),
    ("glv", "glv", "gv", "Manx"),
    ("gre", "ell", "el", "Greek"),
    ("grn", "grn", "gn", "Guarani"),
    ("guj", "guj", "gu", "Gujarati"),
    ("hat", "hat", "ht", "Haitian"),
    ("hau", "hau", "ha", "Hausa"),
    ("heb", "heb", "he", "Hebrew"),
    ("her", "her", "hz", "Herero"),
    ("hin", "hin", "hi", "Hindi"),
    ("hmo", "hmo", "ho", "Hiri Motu"),
    ("hrv", "hrv", "hr", "Croatian"),
    ("hun", "hun", "hu", "Hungarian"),
    ("ibo", "ibo", "ig", "Igbo"),
    ("ice", "isl", "is", "Icelandic"),
    ("ido", "ido", "io", "Ido"),
    ("iii", "iii", "ii", "Sichuan Yi"),
    ("iku", "iku", "iu", "Inuktitut"),
    ("ile", "ile", "ie", "Interlingue"),
    ("ina", "ina", "ia", "Interlingua"),
    ("ind", "ind", "id", "Indonesian"),
    ("ipk", "ipk", "ik", "Inupiaq"),
    ("ita", "ita", "it", "Italian"),
    ("jav", "jav", "jv", "Javanese"),
    ("jpn", "jpn", "ja", "Japanese"),
    ("kal", "kal", "kl", "Kalaallisut"),
    ("kan", "kan", "kn", "Kannada"),
    ("kas", "kas", "ks", "Kashmiri"),
    ("kau", "kau", "kr", "Kanuri"),
    ("kaz", "kaz", "kk", "Kazakh"),
    ("khm", "khm", "km", "Central Khmer"),
    ("kik", "kik", "ki", "Kikuyu"),
    ("kin", "kin", "rw", "Kinyarwanda"),
    ("kir", "kir", "ky", "Kirghiz"),
    ("kom", "kom", "kv", "Komi"),
    ("kon", "kon", "kg", "Kongo"),
    ("kor", "kor", "ko", "Korean"),
    ("kua", "kua", "kj", "Kuanyama"),
    ("kur", "kur", "ku", "Kurdish"),
    ("lao", "lao", "lo", "Lao"),
    ("lat", "lat", "la", "Latin"),
    ("lav", "lav", "lv", "Latvian"),
    ("lim", "lim", "li", "Limburgan"),
    ("lin", "lin", "ln", "Lingala"),
    ("lit", "lit", "lt", "Lithuanian"),
    ("ltz", "ltz", "lb", "Luxembourgish"),
    ("lub", "lub", "lu", "Luba-Katanga"),
    ("lug", "lug", "lg", "Ganda"),
    ("mac", "mkd", "mk", "Macedonian"),
    ("mah", "mah", "mh", "Marshallese"),
    ("mal", "mal", "ml", "Malayalam"),
    ("mao", "mri", "mi", "Maori"),
    ("mar", "mar", "mr", "Marathi"),
    ("may", "msa", "ms", "Malay"),
    ("mlg", "mlg", "mg", "Malagasy"),
    ("mlt", "mlt", "mt", "Maltese"),
    ("mon", "mon", "mn", "Mongolian"),
    ("nau", "nau", "na", "Nauru"),
    ("nav", "nav", "nv", "Navajo"),
    ("nbl", "nbl", "nr", "Ndebele"),
    ("nde", "nde", "nd", "Ndebele"),
    ("ndo", "ndo", "ng", "Ndonga"),
    ("nep", "nep", "ne", "Nepali"),
    ("nno", "nno", "nn", "Norwegian Nynorsk"),
    ("nob", "nob", "nb", "Norwegian Bokmål"),
    ("nor", "nor", "no", "Norwegian"),
    ("nya", "nya", "ny", "Chichewa"),
    ("oci", "oci", "oc", "Occitan"),
    ("oji", "oji", "oj", "Ojibwa"),
    ("ori", "ori", "or", "Oriya"),
    ("orm", "orm", "om", "Oromo"),
    ("oss", "oss", "os", "Ossetian"),
    ("pan", "pan", "pa", "Panjabi"),
    ("per", "fas", "fa", "Persian"),
    ("pli", "pli", "pi", "Pali"),
    ("pol", "pol", "pl", "Polish"),
    ("por", "por", "pt", "Portuguese"),
    ("pus", "pus", "ps", "Pushto"),
    ("que", "que", "qu", "Quechua"),
    ("roh", "roh", "rm", "Romansh"),
    ("rum", "ron", "ro", "Romanian"),
    ("run", "run", "rn", "Rundi"),
    ("rus", "rus", "ru", "Russian"),
    ("sag", "sag", "sg", "Sango"),
    ("san", "san", "sa", "Sanskrit"),
    ("sin", "sin", "si", "Sinhala"),
    ("slo", "slk", "sk", "Slovak"),
    ("slv", "slv", "sl", "Slovenian"),
    ("sme", "sme", "se", "Northern Sami"),
    ("smo", "smo", "sm", "Samoan"),
    ("sna", "sna", "sn", "Shona"),
    ("snd", "snd", "sd", "Sindhi"),
    ("som", "som", "so", "Somali"),
    ("sot", "sot", "st", "Sotho"),
    ("spa", "spa", "es", "Spanish"),
    ("srd", "srd", "sc", "Sardinian"),
    ("srp", "srp", "sr", "Serbian"),
    ("ssw", "ssw", "ss", "Swati"),
    ("sun", "sun", "su", "Sundanese"),
    ("swa", "swa", "sw", "Swahili"),
    ("swe", "swe", "sv", "Swedish"),
    ("tah", "tah", "ty", "Tahitian"),
    ("tam", "tam", "ta", "Tamil"),
    ("tat", "tat", "tt", "Tatar"),
    ("tel", "tel", "te", "Telugu"),
    ("tgk", "tgk", "tg", "Tajik"),
    ("tgl", "tgl", "tl", "Tagalog"),
    ("tha", "tha", "th", "Thai"),
    ("tib", "bod", "bo", "Tibetan"),
    ("tir", "tir", "ti", "Tigrinya"),
    ("ton", "ton", "to", "Tonga"),
    ("tsn", "tsn", "tn", "Tswana"),
    ("tso", "tso", "ts", "Tsonga"),
    ("tuk", "tuk", "tk", "Turkmen"),
    ("tur", "tur", "tr", "Turkish"),
    ("twi", "twi", "tw", "Twi"),
    ("uig", "uig", "ug", "Uighur"),
    ("ukr", "ukr", "uk", "Ukrainian"),
    ("urd", "urd", "ur", "Urdu"),
    ("uzb", "uzb", "uz", "Uzbek"),
    ("ven", "ven", "ve", "Venda"),
    ("vie", "vie", "vi", "Vietnamese"),
    ("vol", "vol", "vo", "Volapük"),
    ("wel", "cym", "cy", "Welsh"),
    ("wln", "wln", "wa", "Walloon"),
    ("wol", "wol", "wo", "Wolof"),
    ("xho", "xho", "xh", "Xhosa"),
    ("yid", "yid", "yi", "Yiddish"),
    ("yor", "yor", "yo", "Yoruba"),
    ("zha", "zha", "za", "Zhuang"),
    ("zul", "zul", "zu", "Zulu"),
];

/// The codes of ISO 639-2 that have no two letters: rare languages, families, and the special ones.
const OTHERS: &str = "\
ace ach ada ady afa afh ain akk ale alg alt ang anp apa arc arn arp art arw ast ath aus awa bad bai bal ban bas \
bat bej bem ber bho bik bin bla bnt bra btk bua bug byn cad cai car cau ceb cel chb chg chk chm chn cho chp chr \
chy cmc cnr cop cpe cpf cpp crh crp csb cus dak dar day del den dgr din doi dra dsb dua dum dyu efi egy eka elx \
enm ewo fan fat fil fiu fon frm fro frr frs fur gaa gay gba gem gez gil gmh goh gon gor got grb grc gsw gwi hai \
haw hil him hit hmn hsb hup iba ijo ilo inc ine inh ira iro jbo jpr jrb kaa kab kac kam kar kaw kbd kha khi kho \
kmb kok kos kpe krc krl kro kru kum kut lad lah lam lez lol loz lua lui lun luo lus mad mag mai mak man map mas \
mdf mdr men mga mic min mis mkh mnc mni mno moh mos mul mun mus mwl mwr myn myv nah nai nap nds new nia nic niu \
nog non nqo nso nub nwc nym nyn nyo nzi osa ota oto paa pag pal pam pap pau peo phi phn pon pra pro raj rap rar \
roa rom rup sad sah sai sal sam sas sat scn sco sel sem sga sgn shn sid sio sit sla sma smi smj smn sms snk sog \
son srn srr ssa suk sus sux syc syr tai tem ter tet tig tiv tkl tlh tli tmh tog tpi tsi tum tup tut tvl tyv udm \
uga umb und vai vot wak wal war was wen xal yao yap ypk zap zbl zen zgh znd zun zxx zza";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_code_give_the_bibliographic_one() {
        for code in ["ger", "deu", "de", "DEU", "de-AT", "de_CH"] {
            assert_eq!(bibliographic(code), Some("ger"));
        }
        assert_eq!(bibliographic("zho"), Some("chi"));
        assert_eq!(bibliographic("und"), Some("und"));
        assert_eq!(bibliographic("gsw"), Some("gsw"));
        for none in ["", "xxx", "e", "german", "\0\0\0", "e n", "qua", "qz", "qaaa", "q\u{e4}"] {
            assert_eq!(bibliographic(none), None, "{none}");
        }
    }

    #[test]
    fn withdrawn_codes_give_those_of_today() {
        for (old, today) in [("scr", "hrv"), ("SCC", "srp"), ("mol", "rum"), ("mo", "rum"), ("sh-Latn", "srp")] {
            assert_eq!(bibliographic(old), Some(today));
        }
        for (old, today) in [("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("scr", "hr"), ("mo", "ro")] {
            assert_eq!(bcp47(old), Some(today));
        }
        let stands = |code: &str| LANGUAGES.iter().any(|row| row.0 == code);
        assert!(WITHDRAWN.iter().all(|(old, today)| !stands(old) && stands(today)));
    }

    #[test]
    fn codes_for_local_use_stay_as_they_are() {
        for code in ["qaa", "qad", "qks", "qtz"] {
            assert_eq!((bibliographic(code), bcp47(code), name(code)), (Some(code), Some(code), Some(code)));
        }
        assert_eq!(bibliographic("QAA"), Some("qaa"));
        assert_eq!(bibliographic("que"), Some("que"));
    }

    #[test]
    fn short_codes_and_names() {
        assert_eq!((bcp47("fre"), name("fra")), (Some("fr"), Some("French")));
        assert_eq!((bcp47("gsw"), name("gsw")), (Some("gsw"), Some("gsw")));
        assert_eq!((bcp47("mul"), bcp47("nope")), (Some("mul"), None));
    }

    #[test]
    fn no_code_stands_twice() {
        let mut codes: Vec<&str> = LANGUAGES.iter().map(|row| row.0).chain(OTHERS.split_ascii_whitespace()).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(codes.iter().all(|c| c.len() == 3));
        assert!(LANGUAGES.iter().all(|row| row.1.len() == 3 && row.2.len() == 2 && !row.3.is_empty()));
    }
}
