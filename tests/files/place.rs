//! What may lie at a place.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::mkfifo;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Device,
    Pipe,
    Socket,
    LinkToFile,
    LinkToDevice,
    LinkToNothing,
    HardLinkToSource,
    Folder,
    SomebodyElsesFile,
}

pub(crate) const KINDS: &[Kind] = &[
    Kind::Device,
    Kind::Pipe,
    Kind::Socket,
    Kind::LinkToFile,
    Kind::LinkToDevice,
    Kind::LinkToNothing,
    Kind::HardLinkToSource,
    Kind::Folder,
    Kind::SomebodyElsesFile,
];

/// Puts it at `place`, in the stead of what is there. Says whether that could be done.
pub(crate) fn put(kind: Kind, place: &Path, room: &Path, source: Option<&str>) -> bool {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).unwrap();
    }
    let mine = room.join("mine");
    fs::write(&mine, "what somebody wrote\n").unwrap();
    let source = source.map(|name| room.join(name)).filter(|source| source != place);
    if kind == Kind::HardLinkToSource && source.is_none() {
        return false;
    }
    if place.symlink_metadata().is_ok() {
        fs::remove_file(place).unwrap();
    }
    match kind {
        // A null device of the test's own: should one be replaced after all, the machine still has its own.
        Kind::Device => return device(place),
        Kind::LinkToDevice => {
            let node = room.join("node");
            return device(&node) && symlink(&node, place).is_ok();
        }
        Kind::Pipe => mkfifo(place, Mode::from_bits_truncate(0o666)).unwrap(),
        Kind::Socket => drop(UnixListener::bind(place).unwrap()),
        Kind::LinkToFile => symlink(&mine, place).unwrap(),
        Kind::LinkToNothing => symlink(room.join("nothing"), place).unwrap(),
        Kind::HardLinkToSource => fs::hard_link(source.unwrap(), place).unwrap(),
        Kind::Folder => {
            fs::create_dir(place).unwrap();
            fs::write(place.join("inside"), "what somebody wrote\n").unwrap();
        }
        Kind::SomebodyElsesFile => fs::write(place, "what somebody wrote\n").unwrap(),
    }
    true
}

fn device(place: &Path) -> bool {
    let mode = Mode::from_bits_truncate(0o666);
    if mknod(place, SFlag::S_IFCHR, mode, makedev(1, 3)).is_err() {
        return false;
    }
    // The umask does not apply to what a test wants.
    fs::set_permissions(place, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    // A mount that allows no devices has them, but not for anybody to open.
    File::options().write(true).open(place).is_ok()
}

/// Reads a pipe until it is dropped.
pub(crate) struct Reader {
    leave: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

pub(crate) fn reader(pipe: &Path) -> Reader {
    let leave = Arc::new(AtomicBool::new(false));
    let mut file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(pipe).unwrap();
    let thread = std::thread::spawn({
        let leave = Arc::clone(&leave);
        move || {
            let mut buffer = vec![0; 1 << 16];
            while !leave.load(Ordering::SeqCst) {
                match file.read(&mut buffer) {
                    Err(e) if e.kind() != io::ErrorKind::WouldBlock => break,
                    Ok(count) if count > 0 => {}
                    _ => std::thread::yield_now(),
                }
            }
        }
    });
    Reader { leave, thread: Some(thread) }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.leave.store(true, Ordering::SeqCst);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
