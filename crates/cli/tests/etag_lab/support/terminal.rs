//! A pseudo-terminal in place of the one that a person looks at.

use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A terminal of so many columns, for a program to write on, and the screen to read it from.
///
/// Reading ends with an error once nobody holds the terminal any more.
pub(crate) fn terminal(columns: u16) -> (File, OwnedFd) {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&screen).expect("it is ours");
    unlockpt(&screen).expect("it can be opened");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(screen.as_fd(), size).expect("it has a size");
    let name = ptsname(&screen, Vec::new()).expect("it has a name");
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
    let terminal = File::options().read(true).write(true).open(path).expect("it can be opened");
    (screen.into(), terminal.into())
}
