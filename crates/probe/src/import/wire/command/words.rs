//! Words of a command line, as a shell takes them apart, and the place where a program begins.

/// A word of a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// True if a part of it is a variable or the output of a command, which a paste does not show.
    pub(super) is_hidden: bool,
}

/// Words up to the end of the command: `|`, `;`, `&&`, a redirection, a comment.
pub(super) fn words(line: &str) -> Vec<Word> {
    let mut letters = line.chars().peekable();
    let (mut words, mut word) = (Vec::new(), None::<Word>);
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '|' | ';' | '`' | '>' | '<' | '#' if word.is_none() => break,
            ';' if letters.peek().is_none_or(|next| next.is_whitespace()) => break,
            // Between the parts of a query it was meant, though a shell would not say so.
            '&' if letters.peek().is_none_or(|next| [' ', '&'].contains(next)) => break,
            '2' if word.is_none() && letters.peek() == Some(&'>') => break,
            '\'' => quoted(&mut letters, word.get_or_insert_default()),
            '"' => in_double_quotes(&mut letters, word.get_or_insert_default()),
            '$' if letters.peek() == Some(&'\'') => {
                letters.next();
                with_escapes(&mut letters, word.get_or_insert_default());
            }
            '\\' => word.get_or_insert_default().text.extend(letters.next()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

impl Word {
    /// Appends a letter outside single quotes.
    fn push(&mut self, letter: char) {
        self.is_hidden |= letter == '$' || letter == '`';
        self.text.push(letter);
    }
}

fn quoted(letters: &mut Letters<'_>, word: &mut Word) {
    word.text.extend(letters.take_while(|letter| *letter != '\''));
}

fn in_double_quotes(letters: &mut Letters<'_>, word: &mut Word) {
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return,
            '\\' => match letters.next() {
                Some(escaped) if "\"\\$`".contains(escaped) => word.text.push(escaped),
                other => word.text.extend(['\\'].into_iter().chain(other)),
            },
            other => word.push(other),
        }
    }
}

/// `$'…'`, as browsers copy what has quotes within.
fn with_escapes(letters: &mut Letters<'_>, word: &mut Word) {
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => return,
            '\\' => match letters.next() {
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).ok();
                    word.text.extend(code.and_then(char::from_u32));
                }
                other => word.text.extend(other),
            },
            other => word.text.push(other),
        }
    }
}

/// Programs whose command lines are read.
const PROGRAMS: [&str; 6] = ["curl", "curl.exe", "http", "https", "wget", "wget.exe"];
/// Ends of what may stand before a command: a prompt, or another part of the line.
const BEFORE: [char; 12] = ['$', '#', '%', '>', '❯', '➜', 'λ', '»', '~', ';', '&', '|'];
/// Words that may stand before a command.
const WORDS_BEFORE: [&str; 10] =
    ["time", "sudo", "do", "watch", "exec", "command", "then", "+", "Run:", "Command:"];
/// Words that repeat it.
const REPEATING: [&str; 6] = ["for", "while", "until", "watch", "seq", "repeat"];
/// Words that are looked at.
const MOST_WORDS: usize = 16;

/// Place of a program in a line.
pub(super) struct Program<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: &'a str,
    /// True if it is a part of a loop.
    pub(super) repeats: bool,
}

/// The program that a line calls, at its beginning or behind a prompt.
pub(super) fn program(line: &str) -> Option<Program<'_>> {
    let mut before = None::<&str>;
    let mut repeats = false;
    let mut end = 0;
    for piece in line.split_inclusive([' ', '\t']).take(MOST_WORDS) {
        end += piece.len();
        let word = piece.trim_end();
        if word.is_empty() {
            continue;
        }
        let name = word.rsplit(['/', '\\', '>', '$']).next().unwrap_or(word);
        let is_free = before.is_none_or(|before| {
            before.ends_with(BEFORE) || WORDS_BEFORE.contains(&before) || is_setting(before)
        });
        if is_free && PROGRAMS.contains(&name) && end < line.len() {
            return Some(Program { name, arguments: &line[end..], repeats });
        }
        repeats |= REPEATING.contains(&word);
        before = Some(word);
    }
    None
}

/// Reports whether a word sets a variable, or is an option such as watch's `-n1`.
fn is_setting(word: &str) -> bool {
    word.starts_with('-')
        || word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        for (line, expected) in [
            ("-H 'If-None-Match: \"a\"' x", vec!["-H", "If-None-Match: \"a\"", "x"]),
            ("-H \"If-None-Match: \\\"a\\\"\" x | head", vec!["-H", "If-None-Match: \"a\"", "x"]),
            ("-H $'If-None-Match: \\'a\\u0021' x", vec!["-H", "If-None-Match: 'a!", "x"]),
            ("http://a/?b=c&d=e >/dev/null", vec!["http://a/?b=c&d=e"]),
            ("http://a/ 2>&1", vec!["http://a/"]),
            ("http://a/; done", vec!["http://a/"]),
            ("If-None-Match:'\"a\"'", vec!["If-None-Match:\"a\""]),
            ("", vec![]),
        ] {
            let found = words(line);
            let texts: Vec<_> = found.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(texts, expected, "{line}");
        }
        assert!(words("\"If-None-Match: $tag\"")[0].is_hidden);
        assert!(!words("'If-None-Match: $tag'")[0].is_hidden);
    }

    #[test]
    fn programs_are_found_behind_prompts_and_not_in_prose() {
        for (line, name, repeats) in [
            ("curl -v http://a/", Some("curl"), false),
            ("$ curl -v http://a/", Some("curl"), false),
            ("ada@box:~/x$ curl -v http://a/", Some("curl"), false),
            ("PS C:\\Users\\ada> curl.exe -v http://a/", Some("curl.exe"), false),
            ("C:\\Users\\ada>curl -v http://a/", Some("curl"), false),
            ("➜  ~ /usr/bin/curl -v http://a/", Some("curl"), false),
            ("for i in 1 2 3; do curl -si http://a/; done", Some("curl"), true),
            ("watch -n1 curl -sI http://a/", Some("curl"), true),
            ("LC_ALL=C wget -S http://a/", Some("wget"), false),
            ("Then I used curl -v http://a/ to see it", None, false),
            ("the http headers are", None, false),
            ("curl", None, false),
        ] {
            let found = program(line);
            let found = found.as_ref().map(|it| (it.name, it.repeats));
            assert_eq!(found, name.map(|name| (name, repeats)), "{line}");
        }
    }
}
