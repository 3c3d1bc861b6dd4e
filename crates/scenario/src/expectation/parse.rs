//! Reads `PATH OP VALUE and PATH OP VALUE …`; every error knows its place in the text.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::ops::Range;

use thiserror::Error;

use super::paths::{self, COMPARISON};
use super::possible::{self, Undecided};
use super::{Clause, Metric, Operand, Operator};
use crate::shown;
use text::{first_of, nearest, suggestion};

const OPERATORS: [(&str, Operator); 6] = [
    ("==", &[Equal]),
    ("!=", &[Less, Greater]),
    ("<=", &[Less, Equal]),
    (">=", &[Greater, Equal]),
    ("<", &[Less]),
    (">", &[Greater]),
];
const EXAMPLE: &str = "for example: not_modified_ratio > 97 % and error == 0";

/// Reason for which a text is not an expectation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{title}")]
pub struct ParseError {
    /// One line.
    pub title: String,
    /// Byte offsets in the text.
    pub span: Range<usize>,
    /// Label beside the place.
    pub label: String,
    /// The way out.
    pub help: String,
}

type Parsed<T> = Result<T, ParseError>;

/// A word of the text: a path, a number, an operator, `and`, `%`.
#[derive(Clone, Debug)]
struct Word<'a> {
    text: &'a str,
    span: Range<usize>,
}

pub(super) fn clauses(text: &str, arm: Option<&str>, arms: &[&str]) -> Parsed<Vec<Clause>> {
    let mut parser = Parser { text, words: words(text), next: 0, arm, arms };
    let mut clauses = vec![parser.clause()?];
    while let Some(word) = parser.take() {
        if word.text != "and" {
            return Err(not_and(&word));
        }
        clauses.push(parser.clause()?);
    }
    Ok(clauses)
}

impl Metric {
    fn new(owner: &str, path: &str) -> Self {
        Self([owner].into_iter().chain(path.split('.')).map(str::to_owned).collect())
    }
}

struct Parser<'a> {
    text: &'a str,
    words: Vec<Word<'a>>,
    next: usize,
    arm: Option<&'a str>,
    arms: &'a [&'a str],
}

impl<'a> Parser<'a> {
    fn take(&mut self) -> Option<Word<'a>> {
        let word = self.words.get(self.next).cloned();
        self.next += 1;
        word
    }

    /// The next word, or the place where it should have been.
    fn expect(&mut self, what: &str) -> Parsed<Word<'a>> {
        let end = self.text.len();
        self.take().ok_or_else(|| ParseError {
            title: format!("the expectation ends where {what} should follow"),
            span: end..end,
            label: format!("{what}?"),
            help: EXAMPLE.to_owned(),
        })
    }

    fn clause(&mut self) -> Parsed<Clause> {
        let word = self.expect("a path")?;
        let start = word.span.start;
        let left = self.metric(&word)?;
        let operator = self.operator()?;
        let word = self.expect("a number or a path")?;
        let right = match number(word.text) {
            Some(number) => Operand::Number(self.percent(number, &left, word.span.start)?),
            None => Operand::Metric(self.metric(&word)?),
        };
        let clause = Clause { left, operator, right };
        match possible::undecided(&clause) {
            Some(undecided) => Err(self.decides_nothing(start, undecided)),
            None => Ok(clause),
        }
    }

    /// The error about the clause that begins at `start` and has just been read.
    fn decides_nothing(&self, start: usize, undecided: Undecided) -> ParseError {
        let span = start..self.words[self.next - 1].span.end;
        let what = if undecided.always { "always" } else { "never" };
        ParseError {
            title: format!("`{}` {what} holds", shown(&self.text[span.clone()])),
            span,
            label: undecided.reason,
            help: undecided.help,
        }
    }

    fn operator(&mut self) -> Parsed<Operator> {
        let word = self.expect("an operator")?;
        let known = OPERATORS.iter().find(|(text, _)| *text == word.text);
        known.map(|(_, operator)| *operator).ok_or_else(|| ParseError {
            title: format!("unknown operator `{}`", shown(word.text)),
            span: word.span,
            label: "one of == != < <= > >=".to_owned(),
            help: if word.text == "=" { "did you mean `==`?" } else { EXAMPLE }.to_owned(),
        })
    }

    /// The number, or the share where a percent sign comes after it, close or apart.
    fn percent(&mut self, number: f64, of: &Metric, start: usize) -> Parsed<f64> {
        let Some(sign) = self.words.get(self.next).filter(|word| word.text == "%") else {
            return Ok(number);
        };
        self.next += 1;
        if possible::range(of).high <= 1.0 {
            return Ok(number / 100.0);
        }
        // As a share it would be compared with a number below 1.
        Err(ParseError {
            title: format!("`{}` is no share, so it has no percentage", shown(&of.to_string())),
            span: start..sign.span.end,
            label: "a number, without `%`?".to_owned(),
            help: format!("write {number}, or compare with another number: polls, conditional"),
        })
    }

    fn metric(&self, word: &Word<'_>) -> Parsed<Metric> {
        let owner = word.text.split_once('.');
        let owner = owner.filter(|(first, _)| *first == COMPARISON || self.arms.contains(first));
        if let Some((owner, rest)) = owner {
            let in_comparison = owner == COMPARISON;
            let found =
                if in_comparison { paths::in_comparison(rest) } else { paths::in_arm(rest) };
            let start = word.span.end - rest.len();
            return match found {
                Some(_) if in_comparison && self.arms.len() < 2 => Err(no_comparison(word)),
                Some(path) => Ok(Metric::new(owner, &path)),
                None => Err(unknown_path(rest, start..word.span.end, in_comparison)),
            };
        }
        let Some(path) = paths::in_arm(word.text) else { return Err(self.unknown(word)) };
        let only = if let [arm] = self.arms { Some(*arm) } else { None };
        let arm = self.arm.or(only).ok_or_else(|| self.whose(word))?;
        Ok(Metric::new(arm, &path))
    }

    // Perhaps the arm is misspelt, perhaps the path: if the rest names a number, it is the arm.
    fn unknown(&self, word: &Word<'_>) -> ParseError {
        if let Some((first, rest)) = word.text.split_once('.')
            && paths::in_arm(rest).is_some()
        {
            return ParseError {
                title: format!("there is no arm `{}`", shown(first)),
                span: word.span.start..word.span.start + first.len(),
                label: "not an arm of this scenario".to_owned(),
                help: suggestion(first, self.arms),
            };
        }
        // Of `after.304_rate` the number alone is unknown.
        let number = match word.text.split_once('.') {
            Some((first, rest)) if self.arms.contains(&first) => rest,
            _ => word.text,
        };
        unknown_path(number, word.span.end - number.len()..word.span.end, false)
    }

    fn whose(&self, word: &Word<'_>) -> ParseError {
        let whole: Vec<_> = self.arms.iter().map(|arm| format!("{arm}.{}", word.text)).collect();
        let whole: Vec<_> = whole.iter().map(String::as_str).collect();
        ParseError {
            title: format!("`{}` of which arm?", shown(word.text)),
            span: word.span.clone(),
            label: format!("there are {} arms", self.arms.len()),
            help: format!("write one of {}", first_of(&whole)),
        }
    }
}

fn not_and(word: &Word<'_>) -> ParseError {
    let help = match word.text {
        "or" | "||" => "there is no `or`: each expectation must hold",
        "&&" | "," | "&" | "AND" => "conditions are joined by `and`",
        _ => EXAMPLE,
    };
    ParseError {
        title: format!("`{}` cannot follow a condition", shown(word.text)),
        span: word.span.clone(),
        label: "expected `and`, or the end".to_owned(),
        help: help.to_owned(),
    }
}

fn no_comparison(word: &Word<'_>) -> ParseError {
    ParseError {
        title: "one arm has nothing to be compared with".to_owned(),
        span: word.span.clone(),
        label: "the comparison is of the first arm with the last".to_owned(),
        help: "add an arm, or name a number of the arm".to_owned(),
    }
}

fn unknown_path(path: &str, span: Range<usize>, in_comparison: bool) -> ParseError {
    let known = paths::candidates(in_comparison);
    ParseError {
        title: format!("unknown number `{}`", shown(path)),
        span,
        label: "not a number in the record of a run".to_owned(),
        help: match nearest(path, &known) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "such as not_modified_ratio (the 304 rate), needless_transfer or \
                     response_bytes; all of them: etag-lab list numbers"
                .to_owned(),
        },
    }
}

// Rust would also read `inf` and `nan` as numbers, which no count can be.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let well_formed = digits.starts_with(|c: char| c.is_ascii_digit())
        && !digits.ends_with('_')
        && digits.chars().all(|c| c.is_ascii_digit() || "._eE+-".contains(c));
    if !well_formed {
        return None;
    }
    text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

fn words(text: &str) -> Vec<Word<'_>> {
    let characters: Vec<_> = text.char_indices().collect();
    // A percent sign is a word of its own, so that `97%` and `97 %` are read alike.
    let grows = |(_, a): &(_, char), (_, b): &(_, char)| *a != '%' && class(*a) == class(*b);
    let words = characters.chunk_by(grows).filter(|word| class(word[0].1) != Class::Space);
    let word = |word: &[(usize, char)]| {
        let (last, c) = word[word.len() - 1];
        let span = word[0].0..last + c.len_utf8();
        Word { text: &text[span.clone()], span }
    };
    words.map(word).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Name,
    Operator,
}

fn class(c: char) -> Class {
    match c {
        _ if c.is_whitespace() => Class::Space,
        _ if c.is_alphanumeric() || "._-+".contains(c) => Class::Name,
        _ => Class::Operator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(operator: Operator) -> &'static str {
        OPERATORS.iter().find(|(_, known)| *known == operator).expect("known").0
    }

    fn check(text: &str, expected: &[(&str, &str, f64)]) {
        let clauses = clauses(text, Some("before"), &["before", "after"]).expect(text);
        let read: Vec<_> = clauses
            .iter()
            .map(|clause| match &clause.right {
                Operand::Number(number) => {
                    (clause.left.to_string(), spelled(clause.operator), *number)
                }
                Operand::Metric(metric) => panic!("{metric}"),
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|&(path, op, number)| (path.to_owned(), op, number)).collect();
        assert_eq!(read, expected, "{text:?}");
    }

    #[test]
    fn conditions_are_read_with_and_without_space() {
        check("not_modified_ratio==0", &[("before.not_modified_ratio", "==", 0.0)]);
        check(
            " polls >= 1_000 and after.not_modified_ratio<98% ",
            &[("before.polls", ">=", 1_000.0), ("after.not_modified_ratio", "<", 0.98)],
        );
        check("comparison.bytes_saved > -1.5e3", &[("comparison.bytes_saved", ">", -1_500.0)]);
        check("not_modified_ratio < 12.5 %", &[("before.not_modified_ratio", "<", 0.125)]);
        check("response_bytes < 9", &[("before.response_bytes", "<", 9.0)]);
    }

    #[test]
    fn a_value_may_be_another_path() {
        let clauses = clauses("before.polls == after.polls", None, &["before", "after"]);
        let right = clauses.map(|clauses| clauses[0].right.clone());
        let after = Metric::new("after", "polls");
        assert_eq!(right, Ok(Operand::Metric(after)));
    }

    #[test]
    fn errors_point_into_the_text() {
        let point = |text: &str| {
            let error = clauses(text, None, &["before", "after"]).expect_err(text);
            text[error.span].to_owned()
        };
        assert_eq!(point("before.poll == 1"), "poll");
        assert_eq!(point("befor.polls == 1"), "befor");
        assert_eq!(point("before.polls = 1"), "=");
        assert_eq!(point("before.polls == 1 or after.polls == 1"), "or");
        assert_eq!(point("before.polls =="), "");
        assert_eq!(point("before.polls == inf"), "inf");
        assert_eq!(point("polls == 1"), "polls");
        assert_eq!(point("comparison.x == 1"), "x");
        assert_eq!(point("before.polls == 1 2"), "2");
        assert_eq!(point("before.error > 5 %"), "5 %");
        assert_eq!(point("after.latency_us.p99 > 5%"), "5%");
        assert_eq!(point(""), "");
    }

    #[test]
    fn a_number_without_its_arm_is_answered_with_that_of_every_arm() {
        let help = |arms: &[&str]| clauses("error > 5", None, arms).expect_err("no arm").help;
        assert_eq!(help(&["before", "after"]), "write one of `before.error`, `after.error`");
        let many: Vec<_> = (0..30).map(|n| format!("a{n}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert!(help(&many).ends_with("`a5.error` and 24 more"), "{}", help(&many));
    }
}
