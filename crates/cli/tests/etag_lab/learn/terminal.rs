//! The course on a pseudo-terminal: keys, saves, and a terminal that is as before.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

use super::file;
use crate::support::process::PATIENCE;
use crate::support::terminal::terminal;
use crate::support::{Tested, etag_lab, eventually};

/// A participant: sees the screen, and presses keys.
struct Participant {
    keys: File,
    kept: File,
    child: Child,
    seen: Arc<Mutex<String>>,
}

impl Participant {
    fn sit_down() -> Result<Self, Box<dyn std::error::Error>> {
        let (screen, end) = terminal(100);
        let end = File::from(end);
        let mut command: Command = etag_lab();
        command.args(["learn"]).env("TERM", "xterm");
        command.stdin(end.try_clone()?).stdout(end.try_clone()?).stderr(Stdio::null());
        let child = command.spawn()?;
        let seen = Arc::new(Mutex::new(String::new()));
        let (mut reading, seeing) = (screen.try_clone()?, Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reading.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                seeing.lock().expect("nobody panics with it").push_str(&text);
            }
        });
        Ok(Self { keys: screen, kept: end, child, seen })
    }

    /// Waits until the screen has this text, and forgets what it had.
    fn sees(&self, text: &str) -> String {
        eventually(text, PATIENCE, || {
            let mut seen = self.seen.lock().expect("nobody panics with it");
            seen.contains(text).then(|| std::mem::take(&mut *seen))
        })
    }

    fn presses(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal is there");
    }

    fn leaves(&mut self) -> Option<i32> {
        let code =
            eventually("the end", PATIENCE, || self.child.try_wait().expect("our child")).code();
        let modes = tcgetattr(&self.kept).expect("a terminal").local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "the terminal is as before");
        code
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_participant_guesses_saves_asks_skips_and_quits() -> Tested {
    let mut one = Participant::sit_down()?;
    one.sees("Enter alone skips it: ");
    one.presses("95\u{7f}0\r");
    let screen = one.sees("q quit");
    assert!(screen.contains("you guessed 90, it is 0: 90 off"), "{screen}");
    assert!(screen.contains("poll 2 of client 1"), "{screen}");
    one.presses("h");
    one.sees("2 hints left");
    // An editor that empties the file first: nothing is said of that moment.
    let mended = std::fs::read_to_string(file("two-nodes/fleet.toml"))?;
    let mended = mended.replace("inode-size-mtime", "content-hash");
    let mut saved = File::create(file("two-nodes/fleet.toml"))?;
    saved.write_all(mended.as_bytes())?;
    let screen = one.sees("n goes on");
    assert!(screen.contains("1 of 13 solved") && !screen.contains("error: "), "{screen}");
    one.presses("x");
    one.sees("not solved yet");
    let kept = std::fs::read_to_string(file("two-nodes/before-reset-fleet.toml"))?;
    assert!(kept.contains("content-hash"));
    one.presses("n");
    one.sees("Enter alone skips it: ");
    one.presses("\r");
    one.sees("From a counter to a hash");
    one.presses("l");
    let screen = one.sees("your-own-service");
    assert!(screen.contains("- ") && screen.contains("skipped"), "{screen}");
    one.presses("q");
    one.sees("To go on: etag-lab learn");
    assert_eq!(one.leaves(), Some(0));
    Ok(())
}

#[test]
fn an_order_to_stop_ends_it_and_leaves_the_terminal_as_it_was() -> Tested {
    let mut one = Participant::sit_down()?;
    one.sees("Enter alone skips it: ");
    let pid = Pid::from_child(&one.child);
    kill_process(pid, Signal::INT)?;
    assert_eq!(one.leaves(), Some(130));
    Ok(())
}
