//! Who a drive is.

use super::error::{DriveError, refused};
use super::link::Link;
use crate::scsi::{answers, cdb};

/// Who a drive says it is. Texts are safe to show.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, serde::Serialize)]
pub struct Identity {
    /// Vendor.
    pub vendor: String,
    /// Model.
    pub model: String,
    /// Firmware revision.
    pub revision: String,
    /// Serial number; many drives give none.
    pub serial: Option<String>,
}

/// Vendor, model and revision.
impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [&self.vendor, &self.model, &self.revision].map(String::as_str);
        f.write_str(&parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

pub(super) fn identify(link: &mut Link, name: &str) -> Result<Identity, DriveError> {
    let answer = link.ask_patiently(&cdb::inquiry(36), 36).map_err(|refusal| refused(name, "INQUIRY", &refusal))?;
    let inquiry = answers::inquiry(&answer).unwrap_or_default();
    if inquiry.device_type != answers::TYPE_OPTICAL {
        return Err(DriveError::NotOptical { name: name.to_owned(), device_type: inquiry.device_type });
    }
    // Many drives refuse the page or have it empty.
    let serial = link.ask(&cdb::inquiry_page(0x80, 252), 252).ok().and_then(|answer| answers::serial(&answer));
    Ok(Identity { vendor: inquiry.vendor, model: inquiry.product, revision: inquiry.revision, serial })
}
