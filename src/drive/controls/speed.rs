//! Speeds: what the drive says of them, and setting them.

use tracing::debug;

use crate::drive::link::{COMMAND_LIMIT, Link};
use crate::scsi::answers::{self, Speeds};
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{Data, cdb};

/// MODE SENSE answers that are accepted: header, block descriptors and page.
const ANSWER_MAX: u16 = 252;

/// What the drive says of its speeds in mode page 2Ah.
pub(in crate::drive) fn ask(link: &mut Link) -> Option<Speeds> {
    let answer = link.ask(&cdb::mode_sense(cdb::CAPABILITIES_PAGE, ANSWER_MAX), ANSWER_MAX.into()).ok()?;
    answers::speeds(&answers::mode_page(&answer, cdb::CAPABILITIES_PAGE)?)
}

/// Sets the speed of reading a disc that ends with sector `last`, `None` for the fastest: with SET CD SPEED, and where
/// the drive does not know that for this disc with SET STREAMING. Whether it took either.
pub(in crate::drive) fn set(link: &mut Link, kilobytes: Option<u16>, last: u32) -> bool {
    if link.tell(&cdb::set_cd_speed(kilobytes), COMMAND_LIMIT) {
        return true;
    }
    debug!("the drive refuses SET CD SPEED");
    let list = answers::streaming_descriptor(last, kilobytes.map(u32::from));
    let reply = link.send(&cdb::set_streaming(), Data::Out(&list), COMMAND_LIMIT);
    reply.is_ok_and(|reply| matches!(classify(&reply), Verdict::Good | Verdict::Recovered))
}
