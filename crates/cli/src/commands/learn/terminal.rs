//! The terminal of `etag-lab learn`: single keys come at once and are not echoed, Ctrl-C stays an order to
//! stop, and whatever ends the session, the terminal is as it was.

use std::io::{IsTerminal as _, Read as _, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use workshop::learn::{Look, Screen};

use crate::exit::Failure;
use crate::output::is_dumb;

/// Clears the screen, and what was scrolled out of it stays.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// A terminal in the mode of single keys.
pub(super) struct Terminal {
    before: Option<Termios>,
    keys: Option<UnboundedReceiver<u8>>,
    look: Look,
}

impl Terminal {
    /// Takes the terminal over; fails where there is none.
    pub(super) fn open(look: Look) -> Result<Self, Failure> {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Err(Failure::input(
                "learn needs a terminal to lead through the exercises",
                "without one: etag-lab learn list, and etag-lab learn verify NAME",
            ));
        }
        let before = tcgetattr(std::io::stdin()).map_err(Failure::environment)?;
        let mut single = before.clone();
        single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &single).map_err(Failure::environment)?;
        Ok(Self { before: Some(before), keys: Some(keys()), look })
    }

    /// The keys, and the screen.
    pub(super) fn parts(&mut self) -> (UnboundedReceiver<u8>, &mut dyn Screen) {
        (self.keys.take().expect("keys are taken once"), self)
    }

    /// Puts the terminal back as it was.
    pub(super) fn restore(&mut self) {
        if let Some(before) = self.before.take() {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
    }
}

/// Keys as they are pressed, read on a thread of their own: a read cannot be called back.
fn keys() -> UnboundedReceiver<u8> {
    let (sender, keys) = unbounded_channel();
    std::thread::spawn(move || {
        for key in std::io::stdin().lock().bytes() {
            let Ok(key) = key else { return };
            if sender.send(key).is_err() {
                return;
            }
        }
    });
    keys
}

impl Screen for Terminal {
    fn look(&self) -> Look {
        self.look
    }

    fn show(&mut self, text: &str) -> std::io::Result<()> {
        let clear = if is_dumb() { "\n" } else { CLEAR };
        self.echo(&format!("{clear}{text}"))
    }

    fn echo(&mut self, text: &str) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}
