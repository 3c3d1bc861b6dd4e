//! Texts of `learn`: the same words on a terminal and without one.

use std::fmt::Write as _;

use crate::learn::course::{Course, Verified};
use crate::learn::exercise::{Exercise, Guess};
use crate::learn::look::Look;
use crate::learn::marks::Mark;
use crate::learn::outcome::{Outcome, Promise};

const GREEN: &str = "32";
const RED: &str = "31";
const BOLD: &str = "1";

/// Title and number of an exercise, and how far the course is.
pub(crate) fn heading(course: &Course, exercise: &Exercise, look: Look) -> String {
    let all = course.set().all();
    let at = all.iter().position(|one| one.name == exercise.name).map_or(0, |at| at + 1);
    let about = &exercise.about;
    let solved = course.count(Mark::Solved);
    let bar: String = all.iter().map(|it| sign(course.progress(it).mark)).collect();
    format!(
        "etag-lab learn   {bar}   {solved} of {} solved\n\n{}\n{at} of {} · {} · {} min\n",
        all.len(),
        look.paint(BOLD, &text::visible(&about.title)),
        all.len(),
        text::visible(&about.topic),
        about.minutes,
    )
}

fn sign(mark: Mark) -> char {
    match mark {
        Mark::Open => '·',
        Mark::Skipped => '-',
        Mark::Solved => '✓',
    }
}

/// The task without its title, which stands above it, in lines that fit.
pub(crate) fn task(exercise: &Exercise, look: Look) -> String {
    let text = exercise.task.trim_start();
    let body =
        if text.starts_with('#') { text.split_once('\n').map_or("", |it| it.1) } else { text };
    look.fitted(&text::visible_lines(body.trim()))
}

/// The result of a verification.
pub fn outcome(exercise: &Exercise, verified: &Verified, look: Look) -> String {
    let outcome = &verified.outcome;
    let mut text = String::new();
    if let Some(problem) = &outcome.problem {
        let _ = writeln!(text, "{}", problem.trim_end());
        return text;
    }
    for promise in &outcome.promises {
        text.push_str(&promised(promise, look));
    }
    if let Some((first, rest)) = outcome.first_wrong.split_first() {
        let head = if exercise.about.log.is_some() { "look at" } else { "first went wrong:" };
        let _ = writeln!(text, "\n{head} {first}");
        for line in rest {
            text.push_str(&look.wrapped("  ", line));
        }
    }
    text.push_str(&conclusion(exercise, verified, look));
    text
}

fn promised(promise: &Promise, look: Look) -> String {
    let sign = if promise.is_kept { look.paint(GREEN, "✓") } else { look.paint(RED, "✗") };
    let says = look.wrapped("  ", &promise.says);
    // The sign stands in the first column; colours have no width there.
    let says = format!("{sign}{}", says.strip_prefix(' ').unwrap_or(&says));
    if promise.is_kept { says } else { says + &look.wrapped("    found  ", &promise.observed) }
}

fn conclusion(exercise: &Exercise, verified: &Verified, look: Look) -> String {
    let milliseconds = verified.outcome.took.as_millis();
    if !verified.outcome.is_solved() {
        return format!("\n{} ({milliseconds} ms)\n", look.paint(RED, "not solved yet"));
    }
    let mut text = format!("\n{} ({milliseconds} ms)\n", look.paint(GREEN, "solved"));
    text.push_str(&look.wrapped("", &text::visible(&exercise.about.lesson)));
    if let Some(path) = &verified.solution {
        let path = text::visible(&path.display().to_string());
        let _ = writeln!(text, "another solution, to compare: {path}");
    }
    text
}

/// The question before the first run.
pub(crate) fn question(guess: &Guess, look: Look) -> String {
    let ask = match guess.choices {
        Some(choices) => format!("Your choice, 1 to {choices}, and Enter; Enter alone skips it: "),
        None => "Your guess, a number, and Enter; Enter alone skips it: ".to_owned(),
    };
    let question = look.wrapped("", &text::visible(&guess.question));
    format!("{}\n{question}\n{ask}", look.paint(BOLD, "Guess first"))
}

/// How far a guess was off.
pub(crate) fn distance(guess: &Guess, guessed: f64, look: Look) -> String {
    let right = guess.number;
    let verdict = if guess.choices.is_some() {
        let same = (guessed - right).abs() < 0.5;
        format!("you chose {guessed}; {}", if same { "so it is" } else { "it is not that" })
    } else {
        let off = (guessed - right).abs();
        let off = if off < 0.5 { "right".to_owned() } else { format!("{off} off") };
        format!("you guessed {guessed}, it is {right}: {off}")
    };
    let because = guess.because.as_ref().map(|why| format!(" {}", text::visible(why)));
    let answer = guess.choices.map(|_| format!(". The answer is {right}."));
    let (answer, because) = (answer.unwrap_or_default(), because.unwrap_or_default());
    look.wrapped("", &format!("{verdict}{answer}{because}"))
}

/// The hints that were uncovered, and how many are left.
pub fn hints(exercise: &Exercise, shown: &[String], look: Look) -> String {
    let mut text = String::new();
    for (at, hint) in shown.iter().enumerate() {
        text.push_str(&look.wrapped(&format!("hint {}  ", at + 1), &text::visible(hint)));
    }
    let left = exercise.about.hints.len() - shown.len();
    let _ = match left {
        0 => writeln!(text, "that was the last hint"),
        left => writeln!(text, "{} left", text::counted(left as u64, "hint")),
    };
    text
}

/// The exercises with their marks; the `current` one is pointed at.
pub fn listing(course: &Course, current: Option<&Exercise>) -> String {
    let all = course.set().all();
    let widest = all.iter().map(|it| text::width(&it.name)).max().unwrap_or(0);
    let mut text = String::new();
    for exercise in all {
        let progress = course.progress(exercise);
        let points = if current.is_some_and(|it| it.name == exercise.name) { ">" } else { " " };
        let word = match progress.mark {
            Mark::Open => "",
            Mark::Skipped => "   skipped",
            Mark::Solved => "   solved",
        };
        let pad = " ".repeat(widest - text::width(&exercise.name));
        let _ = writeln!(
            text,
            "{points} {} {:>2}  {}{pad}  {}{word}",
            sign(progress.mark),
            exercise.about.order,
            text::visible(&exercise.name),
            text::visible(&exercise.about.title),
        );
    }
    text
}

/// The last screen: what was done, and with how much help.
pub(crate) fn summary(course: &Course) -> String {
    let all = course.set().all();
    let solved = course.count(Mark::Solved);
    let skipped = course.count(Mark::Skipped);
    let done = all.iter().map(|it| course.progress(it));
    let (hints, tries) = done
        .fold((0, 0), |(hints, tries), it| (hints + it.hints as u64, tries + u64::from(it.tries)));
    let mut text = listing(course, None);
    let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
    let _ = writeln!(
        text,
        "\n{solved} of {} solved{skipped} · {} · {}",
        all.len(),
        text::counted(tries, "run"),
        text::counted(hints, "hint"),
    );
    text.push_str(&guesses(course));
    if solved == all.len() {
        text.push_str("\nAll of them. What you learned, in a line each:\n");
        for exercise in all {
            let _ = writeln!(text, "  {}", text::visible(&exercise.about.lesson));
        }
    }
    text
}

fn guesses(course: &Course) -> String {
    let of = |exercise: &Exercise| {
        let guess = exercise.about.guess.as_ref()?;
        let off = (course.progress(exercise).guess? - guess.number).abs();
        Some(off < 0.5)
    };
    let made: Vec<bool> = course.set().all().iter().filter_map(of).collect();
    if made.is_empty() {
        return String::new();
    }
    let right = made.iter().filter(|right| **right).count();
    format!("guesses that were right: {right} of {}\n", made.len())
}

/// True if nothing went wrong before anything ran.
pub(crate) fn did_run(outcome: &Outcome) -> bool {
    outcome.problem.is_none()
}
