//! Sense data from anywhere, in an answer from anywhere.
#![no_main]

use freemkv::scsi::Reply;
use freemkv::scsi::sense::{classify, decode, encode_fixed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((head, data)) = bytes.split_at_checked(4) else { return };
    if let Some(decoded) = decode(data) {
        let information = decoded.information.and_then(|lba| u32::try_from(lba).ok());
        let again = decode(&encode_fixed(decoded.sense, information)).expect("what is encoded is decoded");
        assert_eq!(again.sense, decoded.sense);
    }
    let reply = Reply {
        status: head[0],
        host_status: head[1].into(),
        driver_status: head[2].into(),
        residual: head[3].into(),
        sense: data.to_vec(),
        ..Reply::default()
    };
    let _ = classify(&reply);
});
