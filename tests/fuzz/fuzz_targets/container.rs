//! Any bytes as the header of a qcow2 image, as the descriptor of a vmdk, and as a whole image that is walked through.
#![no_main]

use std::io::Write;

use freemkv::image::Lies;
use freemkv::image::container::qcow2_header::Qcow2Header;
use freemkv::image::container::{Container, Kind, vmdk_descriptor};
use libfuzzer_sys::fuzz_target;

/// Runs that are looked at, and bytes that are unpacked, of an image that says that it has a terabyte.
const RUNS: usize = 1000;
const UNPACKED: usize = 65536;

fuzz_target!(|bytes: &[u8]| {
    let _ = Qcow2Header::parse(bytes, bytes.len() as u64);
    if let Ok(extents) = vmdk_descriptor::parse(bytes) {
        assert!(extents.iter().flat_map(|extent| &extent.file).all(|(name, _)| !name.contains('/') && name != ".."));
    }
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    let Ok(image) = Container::open(file.path(), Kind::Qcow2) else { return };
    let mut at = 0;
    for _ in 0..RUNS {
        let Ok(run) = image.lies_at(at, u64::MAX) else { return };
        if run.lies == Lies::End {
            return;
        }
        if run.lies == Lies::Data && run.place.is_none() {
            let mut buffer = vec![0; UNPACKED.min(usize::try_from(run.bytes).unwrap_or(UNPACKED))];
            let _ = image.unpack(at, &mut buffer);
        }
        at += run.bytes;
    }
});
