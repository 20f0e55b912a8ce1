//! A program on a terminal.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use nix::pty::{Winsize, openpty};

use crate::model::Model;
use crate::support::run_program;

/// How a program ended that ran on a terminal, and what stands there.
pub(crate) struct Shown {
    pub(crate) code: Option<i32>,
    pub(crate) model: Model,
    /// All bytes that it wrote.
    pub(crate) bytes: String,
}

/// Runs a command on a terminal of the first of `widths`. After so many drawn lines each it gets the next width.
pub(crate) fn run(mut command: Command, term: &str, widths: &[usize], drawings: usize) -> Shown {
    let mut widths = widths.iter().copied();
    let first = widths.next().unwrap();
    let size = Winsize { ws_row: 24, ws_col: u16::try_from(first).unwrap(), ws_xpixel: 0, ws_ypixel: 0 };
    let ends = openpty(&size, None).unwrap();
    let name: PathBuf = fs::read_link(format!("/proc/self/fd/{}", ends.slave.as_raw_fd())).unwrap();
    let end = || Stdio::from(ends.slave.try_clone().unwrap());
    let mut child = command.env("TERM", term).stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
    // The terminal hangs up when the last of its users has closed it.
    drop(ends.slave);
    drop(command);
    let mut shown = Shown { code: None, model: Model::new(first), bytes: String::new() };
    let (mut master, mut buffer, mut rest) = (File::from(ends.master), [0; 4096], Vec::new());
    let mut next = drawings;
    loop {
        match master.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => rest.extend_from_slice(&buffer[..count]),
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(_) => break,
        }
        // A character may come in two reads.
        let whole = std::str::from_utf8(&rest).map_or_else(|e| e.valid_up_to(), str::len);
        let text = String::from_utf8(rest.drain(..whole).collect()).unwrap();
        shown.model.feed(&text);
        shown.bytes.push_str(&text);
        if shown.model.drawn.len() >= next
            && let Some(width) = widths.next()
        {
            next = shown.model.drawn.len() + drawings;
            run_program("stty", &["-F", name.to_str().unwrap(), "cols", &width.to_string()]).unwrap();
            shown.model.resize(width);
        }
    }
    shown.code = child.wait().unwrap().code();
    shown
}
