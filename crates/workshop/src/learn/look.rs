//! Look of texts for people: colour, and lines that fit the terminal.

/// Look of a text.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colour; nothing is said by colour alone.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

impl Look {
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A text of several words in lines, the first one behind `head`, the others below it.
    pub(crate) fn wrapped(self, head: &str, text: &str) -> String {
        let room = self.width.saturating_sub(text::width(head)).max(20);
        let indent = " ".repeat(text::width(head));
        let lines = text::wrap(text, room);
        let line = |(at, line): (usize, &String)| {
            format!("{}{line}\n", if at == 0 { head } else { &indent })
        };
        lines.iter().enumerate().map(line).collect()
    }

    /// A text whose lines are joined to paragraphs and broken anew; commands, in four columns, stay as they
    /// are.
    pub(crate) fn fitted(self, text: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        for line in text.lines() {
            let begins = line.is_empty() || line.starts_with("    ") || line.starts_with("- ");
            match parts.last_mut().filter(|last| !begins && !last.is_empty()) {
                Some(last) if !last.starts_with("    ") => {
                    last.push(' ');
                    last.push_str(line.trim_start());
                }
                _ => parts.push(line.to_owned()),
            }
        }
        let fitted = parts.iter().map(|part| match part.strip_prefix("- ") {
            Some(point) => self.wrapped("- ", point),
            None if part.is_empty() || part.starts_with("    ") => format!("{part}\n"),
            None => self.wrapped("", part),
        });
        fitted.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_fits_the_terminal_and_its_commands_stay_as_they_are() {
        let look = Look { color: false, width: 24 };
        let task = "One line that goes on\nand on.\n\n- a point of\n  two lines\n- another\n\n    etag-lab list   all of   them\n";
        let fitted = [
            "One line that goes on",
            "and on.",
            "",
            "- a point of two lines",
            "- another",
            "",
            "    etag-lab list   all of   them",
            "",
        ];
        assert_eq!(look.fitted(task), fitted.join("\n"));
    }
}
