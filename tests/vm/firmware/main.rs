//! The programmable drive of the test machine: the emulated drive as the firmware behind the kernel that this runs on.
//!
//! ```text
//! firmware usb|uas|scsi SPEC CONTROL LOG     serves a drive until it is ended; SPEC is that of an `emu:` source
//! firmware cdb NODE SECONDS BYTES HEX...     sends one command with SG_IO and tells all of its answer
//! firmware compare IMAGE MAP DISC            whether what the map calls rescued is what is on the disc; lists the rest
//! ```
//!
//! `usb` is Bulk-Only Transport, `uas` is USB Attached SCSI, both over USB/IP, whose host side is the kernel's `vhci_hcd`;
//! `scsi` is the target core (`target_core_user`, `tcm_loop`). `control.rs` says what can be written into CONTROL.
#![allow(clippy::print_stdout, reason = "a program of the tests says what it found")]

mod command;
mod compare;
mod control;
mod journal;
mod link;
mod scsi;
mod usb;

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use freemkv::base::clock::SystemClock;
use freemkv::scsi::sg_io::{SgIo, Sharing};
use freemkv::scsi::{Data, Transport, sense};

use control::Control;
use journal::Journal;
use link::{Firmware, Link, serve};

/// What went wrong, in words.
type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *words {
        [way @ ("usb" | "uas" | "scsi"), spec, control, log] => drive(way, spec, control, log),
        ["cdb", node, seconds, bytes, ref hex @ ..] => send(node, seconds, bytes, hex),
        ["compare", image, map, disc] => compare::compare(image, map, disc),
        _ => {
            Err("firmware usb|uas|scsi SPEC CONTROL LOG, cdb NODE SECONDS BYTES HEX..., or compare IMAGE MAP DISC"
                .into())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn drive(way: &str, spec: &str, control: &str, log: &str) -> Result<()> {
    let mut firmware = Firmware::new(spec, Journal::open(log)?)?;
    let mut control = Control::open(control)?;
    let mut link: Box<dyn Link> = match way {
        "usb" => Box::new(usb::Device::plugged(Box::<usb::BulkOnly>::default(), &mut firmware)?),
        "uas" => Box::new(usb::Device::plugged(Box::<usb::Attached>::default(), &mut firmware)?),
        _ => Box::new(scsi::Target::open(Path::new("/dev/uio0"), &mut firmware)?),
    };
    serve(&mut firmware, &mut *link, &mut control)
}

fn send(node: &str, seconds: &str, bytes: &str, hex: &[&str]) -> Result<()> {
    let number = |text: &str| text.parse::<u64>().map_err(|e| format!("{text}: {e}"));
    let cdb: std::result::Result<Vec<u8>, _> = hex.iter().map(|digits| u8::from_str_radix(digits, 16)).collect();
    let cdb = cdb.map_err(|e| format!("a byte of the command: {e}"))?;
    let mut buffer = vec![0xEE; usize::try_from(number(bytes)?).map_err(|e| e.to_string())?];
    let clock = Arc::new(SystemClock::new());
    let mut node = SgIo::open(Path::new(node), Sharing::Shared, clock).map_err(|e| e.to_string())?;
    let data = if buffer.is_empty() { Data::None } else { Data::In(&mut buffer) };
    let reply = node.execute(&cdb, data, Duration::from_secs(number(seconds)?)).map_err(|e| format!("SG_IO: {e}"))?;
    let sense = sense::decode(&reply.sense).map_or("none".to_owned(), |data| data.sense.to_string());
    println!(
        "status {:02X} host {:02X} driver {:02X} residue {} sense {sense}",
        reply.status, reply.host_status, reply.driver_status, reply.residual
    );
    Ok(())
}
