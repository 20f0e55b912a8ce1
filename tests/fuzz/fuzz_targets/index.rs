//! Any bytes as the index of a disc, and as its title, or names of chapters, in XML.
#![no_main]

use freemkv::bluray::chapter_names;
use freemkv::bluray::meta::DiscMeta;
use freemkv::bluray::program::index::Index;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Index::parse(data);
    let _ = (DiscMeta::parse(data), chapter_names::parse(data));
});
