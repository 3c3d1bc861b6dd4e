//! `scenarios/FORMAT.md`: every key of a scenario file, from the list of keys.

use std::fmt::Write as _;
use std::time::Duration;

use text::count;

use crate::keys::{Choice, Key, Kind, SPECIAL_FLAGS, TABLES, Table};

const HEAD: &str = include_str!("page/head.txt");

/// The page, in Markdown.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for table in TABLES {
        let title = match table.name {
            "" => "At the top".to_owned(),
            _ => format!("`{}`", table.header()),
        };
        write_to(&mut page, format_args!("\n## {title}\n\n{}\n\n", table.doc));
        page.push_str("| key | value | default | | meaning |\n| --- | --- | --- | --- | --- |\n");
        table.keys.iter().for_each(|key| page.push_str(&row(table, key)));
    }
    page.push_str("\n## Flags that are no key\n\n| flag | meaning |\n| --- | --- |\n");
    for special in SPECIAL_FLAGS {
        let flag = format!("--{} {}", special.flag.name, special.flag.value);
        write_to(&mut page, format_args!("| `{}` | {} |\n", flag.trim_end(), special.doc));
    }
    page
}

fn write_to(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = page.write_fmt(text);
}

fn row(table: &Table, key: &Key) -> String {
    let default = match key.default {
        "" => String::new(),
        default => format!("`{default}`"),
    };
    let arm = (key.in_arm && !table.is_list).then(|| "arm".to_owned());
    let flag = key.flag.map(|flag| format!("`--{}`", flag.name));
    let marks = arm.into_iter().chain(flag).collect::<Vec<_>>().join(", ");
    let mut meaning = key.doc.to_owned();
    if let Kind::Choice(choices) | Kind::Choices(choices) = key.kind {
        let listed = |(name, doc): &Choice| format!(" `{name}`: {doc}");
        meaning.extend(choices.iter().map(listed));
    }
    let cells = [format!("`{}`", key.name), value(key.kind), default, marks, meaning];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

fn value(kind: Kind) -> String {
    match kind {
        Kind::Integer(least, i64::MAX) => format!("integer from {least}"),
        Kind::Integer(least, most) => format!("integer, {} to {}", count(least), count(most)),
        Kind::Natural => "integer from 0".to_owned(),
        Kind::Number(least, most) => format!("number, {least} to {most}"),
        Kind::Share => "number between 0 and 1".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Url => "text or URL".to_owned(),
        Kind::Duration(least, most) => format!("duration, {} to {}", span(least), span(most)),
        Kind::Choice(_) => "choice".to_owned(),
        Kind::Name(catalogue) => format!("{} name", catalogue.what),
        Kind::Integers(least, most) => {
            format!("list of integers, {} to {}", count(least), count(most))
        }
        Kind::Texts => "list of texts".to_owned(),
        Kind::Names(catalogue) => format!("list of {} names", catalogue.what),
        Kind::Choices(_) => "list of choices".to_owned(),
    }
}

/// The duration as one would write it in the file.
fn span(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    match duration.as_secs() {
        0 if duration.is_zero() => "0s".to_owned(),
        days if days >= DAY && days.is_multiple_of(DAY) => format!("{} days", days / DAY),
        _ => format!("{duration:?}"),
    }
}
