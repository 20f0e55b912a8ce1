//! `freemkv drives`.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::human;
use crate::base::human::printable;
use crate::base::media::Media;
use crate::drive::find::{self, DriveEntry, Lying, drives};
use crate::drive::tray::{self, Deed};
use crate::imaging::Speed;
use crate::os::cdrom::DriveStatus;

use super::super::args::Drives;
use super::super::args::drive::SpeedChoice;
use super::super::context::Context;
use super::super::exit::{CliError, Exit, Failure, source};
use super::super::json;
use super::super::terminal::print;

/// Lists the optical drives of the machine, or the one that was named, undisturbed; or does something to that one.
///
/// # Errors
/// There is none, or not that one, or it does not do what it is told.
pub(crate) fn list(options: &Drives, context: &Context) -> Result<Exit, Failure> {
    if let (Some(device), Some(deed)) = (&options.device, deed(options)?) {
        act(device, deed)?;
        if context.json {
            print::print_json(&told(options, json!([])));
        }
        return Ok(Exit::Complete);
    }
    let mut found = drives(Path::new("/"));
    if let Some(device) = &options.device {
        let real = device.canonicalize().unwrap_or_else(|_| device.clone());
        found.retain(|drive| drive.node == real || drive.generic.as_ref() == Some(&real));
    }
    if found.is_empty() {
        return Err(match &options.device {
            None => CliError::NoDrive,
            Some(device) if device.exists() => CliError::NotADrive(device.clone()),
            Some(device) => CliError::NoSuchDevice(device.clone()),
        }
        .into());
    }
    found.iter_mut().for_each(find::ask);
    if context.json {
        print::print_json(&told(options, json!(found)));
    } else {
        found.iter().for_each(|drive| print::print(&in_words(drive)));
    }
    Ok(Exit::Complete)
}

/// What shall be done to the drive, if anything.
fn deed(options: &Drives) -> Result<Option<Deed>, CliError> {
    Ok(match options.speed.map(SpeedChoice::speed) {
        _ if options.eject => Some(Deed::Eject),
        _ if options.close => Some(Deed::Close),
        None => None,
        Some(Speed::Max) => Some(Deed::Speed(None)),
        Some(Speed::Kilobytes(speed)) => Some(Deed::Speed(Some(speed))),
        Some(Speed::Times(_)) => return Err(CliError::TimesOfADrive),
    })
}

/// The JSON object of the command.
fn told(options: &Drives, drives: Value) -> Value {
    let result = [("drives".to_owned(), drives)].into_iter().collect();
    json::product(Some("drives"), options.device.as_ref().map(|device| device.as_os_str()), result, Exit::Complete)
}

/// Does it.
fn act(device: &Path, deed: Deed) -> Result<(), Failure> {
    let did = tray::act(device, deed).map_err(|e| source::drive(&e))?;
    if !did {
        let what = match deed {
            Deed::Eject => "open its tray",
            Deed::Close => "close its tray",
            Deed::Speed(_) => "take this speed",
        };
        return Err(CliError::Refused { device: device.to_owned(), what }.into());
    }
    Ok(())
}

fn in_words(drive: &DriveEntry) -> String {
    let who = [&drive.vendor, &drive.model, &drive.revision].map(String::as_str);
    let who = who.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut text = drive.node.display().to_string();
    if let Some(generic) = &drive.generic {
        text.push_str(&format!(" ({})", generic.display()));
    }
    text.push_str(&format!("  {who}"));
    if let Some(bus) = drive.bus {
        text.push_str(&format!(", {}", bus.to_uppercase()));
    }
    let inside = match (drive.status, &drive.disc) {
        (_, Some(disc)) => Some(disc_in_words(disc)),
        (Some(DriveStatus::NoDisc), None) => Some("empty".to_owned()),
        (Some(DriveStatus::TrayOpen), None) => Some("its tray is open".to_owned()),
        (Some(DriveStatus::NotReady), None) => Some("not ready".to_owned()),
        (Some(DriveStatus::Disc | DriveStatus::Unknown) | None, None) => None,
    };
    inside.into_iter().for_each(|inside| text.push_str(&format!("\n    {inside}")));
    for at in &drive.mounted {
        text.push_str(&format!("\n    its disc is mounted at {}", printable(&at.display().to_string())));
    }
    for user in &drive.users {
        text.push_str(&format!("\n    in use by {} (process {})", user.name, user.pid));
    }
    text
}

/// `holds a Blu-ray, 23.3 GiB, "MY FILM"`.
fn disc_in_words(disc: &Lying) -> String {
    let media = match disc.media {
        Some(Media::Cd) => "a CD",
        Some(Media::Dvd) => "a DVD",
        Some(Media::Bd | Media::Uhd) => "a Blu-ray",
        None => "a disc",
    };
    let size = disc.size_bytes.map(|bytes| format!(", {}", human::bytes(bytes))).unwrap_or_default();
    let label = disc.label.as_ref().map(|label| format!(", \"{label}\"")).unwrap_or_default();
    format!("holds {media}{size}{label}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_is_a_line_and_what_holds_it_another() {
        let mut drive = DriveEntry {
            node: "/dev/sr0".into(),
            generic: Some("/dev/sg1".into()),
            vendor: "HL-DT-ST".into(),
            model: "BD-RE".into(),
            revision: String::new(),
            bus: Some("usb"),
            status: Some(DriveStatus::TrayOpen),
            disc: None,
            mounted: Vec::new(),
            users: Vec::new(),
        };
        assert_eq!(in_words(&drive), "/dev/sr0 (/dev/sg1)  HL-DT-ST BD-RE, USB\n    its tray is open");
        let label = Some("MY FILM".to_owned());
        drive.disc = Some(Lying { media: Some(Media::Bd), size_bytes: Some(25_025_314_816), label });
        assert!(in_words(&drive).ends_with("\n    holds a Blu-ray, 23.3 GiB, \"MY FILM\""));
        drive.mounted.push("/media/film".into());
        assert!(in_words(&drive).ends_with("\n    its disc is mounted at /media/film"));
    }
}
