//! The terminal's way through a course: shows an exercise, verifies at each save, obeys single keys.
//!
//! Keys and screen belong to the caller; a file counts as saved when its content is another one.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use crate::learn::course::{Course, Verified};
use crate::learn::exercise::Exercise;
use crate::learn::look::Look;
use crate::learn::marks::Mark;
use crate::learn::proof::Lab;
use crate::learn::screen;
use crate::learn::{LearnError, Set};

/// Time between two looks at the file: soon enough for a person, and no load.
const LOOK_AT_FILE: Duration = Duration::from_millis(40);
/// Longest guess, in characters.
const LONGEST_GUESS: usize = 12;
const KEYS: &str = "h hint · t task · l list · n next · x reset · q quit";

/// What a session is shown on.
pub trait Screen {
    /// Look of texts.
    fn look(&self) -> Look;
    /// Replaces what is shown.
    fn show(&mut self, text: &str) -> std::io::Result<()>;
    /// Adds to what is shown: the echo of a key.
    fn echo(&mut self, text: &str) -> std::io::Result<()>;
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By `q`, or by the last screen.
    Quit,
    /// By an order to stop, or because nobody presses keys any more.
    Stopped,
}

/// What is to be done next.
enum Event {
    Key(u8),
    Saved,
    Stopped,
}

/// Leads through the course until a key or an order ends it.
pub async fn session(
    course: &mut Course,
    lab: &Lab,
    keys: &mut UnboundedReceiver<u8>,
    to: &mut dyn Screen,
) -> Result<Ended, LearnError> {
    // Its own copy, so that the course can note marks while an exercise is shown.
    let set: Set = course.set().clone();
    let mut name = course.current().name.clone();
    loop {
        let exercise = set.find(&name)?;
        let mut room = Room { course, lab, keys, to, exercise, shown: String::new() };
        match room.stay().await? {
            Some(next) => name = next,
            None => return Ok(room.farewell()),
        }
    }
}

/// One exercise on the screen.
struct Room<'a> {
    course: &'a mut Course,
    lab: &'a Lab,
    keys: &'a mut UnboundedReceiver<u8>,
    to: &'a mut dyn Screen,
    exercise: &'a Exercise,
    /// The file as it was verified last.
    shown: String,
}

impl Room<'_> {
    /// Stays until another exercise is asked for, which is returned, or none any more.
    async fn stay(&mut self) -> Result<Option<String>, LearnError> {
        self.course.begin(self.exercise)?;
        if !self.ask().await? {
            return Ok(None);
        }
        let mut verified = self.verify().await?;
        self.draw(&verified, &screen::task(self.exercise, self.to.look()));
        loop {
            match self.event().await {
                Event::Stopped | Event::Key(b'q') => return Ok(None),
                Event::Saved => {
                    verified = self.verify().await?;
                    self.draw(&verified, "");
                }
                Event::Key(b'n') => return self.leave(),
                Event::Key(key) => self.obey(key, &mut verified).await?,
            }
        }
    }

    async fn obey(&mut self, key: u8, verified: &mut Verified) -> Result<(), LearnError> {
        let look = self.to.look();
        let above = match key {
            b'h' => {
                let shown = self.course.hint(self.exercise)?;
                screen::hints(self.exercise, shown, look)
            }
            b't' => screen::task(self.exercise, look),
            b'l' => screen::listing(self.course, Some(self.exercise)),
            b'x' => {
                let kept = self.course.reset(self.exercise)?;
                *verified = self.verify().await?;
                kept.map_or_else(
                    || "it is as it was at the beginning\n".to_owned(),
                    |path| {
                        let path = text::visible(&path.display().to_string());
                        format!("as at the beginning; what you had is in {path}\n")
                    },
                )
            }
            _ => return Ok(()),
        };
        self.draw(verified, &above);
        Ok(())
    }

    /// The next exercise; none after the last one. One that was not solved is skipped.
    fn leave(&mut self) -> Result<Option<String>, LearnError> {
        self.course.skip(self.exercise)?;
        if self.course.count(Mark::Open) == 0 {
            // Skipped ones come round again only when somebody starts anew.
            return Ok(None);
        }
        Ok(Some(self.course.next_after(Some(self.exercise)).name.clone()))
    }

    /// Asks for a guess before the first run; false if nobody is there any more.
    async fn ask(&mut self) -> Result<bool, LearnError> {
        let progress = self.course.progress(self.exercise);
        let Some(guess) = &self.exercise.about.guess else { return Ok(true) };
        if progress.guess.is_some() || progress.tries > 0 {
            return Ok(true);
        }
        let look = self.to.look();
        let heading = screen::heading(self.course, self.exercise, look);
        let task = screen::task(self.exercise, self.to.look());
        self.show(&format!("{heading}\n{task}\n{}", screen::question(guess, look)));
        let Some(line) = self.line().await else { return Ok(false) };
        // A comma and a percent sign are how people write numbers.
        let line = line.replace(',', ".");
        let number = line.trim().trim_end_matches('%').trim().parse::<f64>();
        if let Some(number) = number.ok().filter(|number| number.is_finite()) {
            self.course.guess(self.exercise, number)?;
        }
        Ok(true)
    }

    /// A line that is typed; `None` if nobody is there any more.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            match self.key().await? {
                b'\n' | b'\r' => return Some(line),
                8 | 127 if line.pop().is_some() => self.echo("\u{8} \u{8}"),
                key if key.is_ascii_graphic() && line.len() < LONGEST_GUESS => {
                    line.push(key.into());
                    self.echo(&char::from(key).to_string());
                }
                _ => {}
            }
        }
    }

    async fn key(&mut self) -> Option<u8> {
        let mut stop = self.lab.stop.clone();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => None,
            key = self.keys.recv() => key,
        }
    }

    /// Waits for a key, for a file that was saved, or for the end.
    async fn event(&mut self) -> Event {
        let mut ticks = interval(LOOK_AT_FILE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = self.shown.clone();
        loop {
            tokio::select! {
                biased;
                key = self.key() => return key.map_or(Event::Stopped, Event::Key),
                _ = ticks.tick() => {}
            }
            // Many editors empty a file before they write it: it is saved once it rests.
            let now = self.content();
            if now == before && now != self.shown {
                return Event::Saved;
            }
            before = now;
        }
    }

    /// What is in the file; nothing while an editor replaces it.
    fn content(&self) -> String {
        std::fs::read(self.course.file(self.exercise))
            .map_or_else(|_| self.shown.clone(), |it| String::from_utf8_lossy(&it).into_owned())
    }

    async fn verify(&mut self) -> Result<Verified, LearnError> {
        self.shown = self.content();
        self.course.verify(self.exercise, self.lab).await
    }

    fn draw(&mut self, verified: &Verified, above: &str) {
        let look = self.to.look();
        let heading = screen::heading(self.course, self.exercise, look);
        let gap = if above.is_empty() { "" } else { "\n" };
        let outcome = screen::outcome(self.exercise, verified, look);
        let guess = self.exercise.about.guess.as_ref();
        let guess = guess.zip(self.course.progress(self.exercise).guess);
        let guess = guess.filter(|_| screen::did_run(&verified.outcome));
        let guess = guess.map(|(guess, number)| screen::distance(guess, number, look));
        let file = text::visible(&self.course.file(self.exercise).display().to_string());
        let waits = if verified.outcome.is_solved() {
            "n goes on to the next one".to_owned()
        } else {
            let folder = text::visible(&self.exercise.name);
            format!("change and save {file}; other commands in a second terminal, in {folder}/")
        };
        let guess = guess.unwrap_or_default();
        self.show(&format!("{heading}\n{above}{gap}{outcome}{guess}\n{waits}\n{KEYS}\n"));
    }

    fn farewell(&mut self) -> Ended {
        if *self.lab.stop.borrow() || self.keys.is_closed() {
            return Ended::Stopped;
        }
        let summary = screen::summary(self.course);
        self.show(&format!("{summary}\nTo go on: etag-lab learn\n"));
        Ended::Quit
    }

    // A terminal that is gone ends the session by its keys.
    fn show(&mut self, text: &str) {
        let _ = self.to.show(text);
    }

    fn echo(&mut self, text: &str) {
        let _ = self.to.echo(text);
    }
}
