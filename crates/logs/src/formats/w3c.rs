//! W3C extended logs: the line `#Fields:` names the columns. `CloudFront` separates them by tabs, IIS by
//! spaces.

use super::pattern::{Pattern, Piece};
use crate::field::Field;

/// Beginning of the line that names the columns.
pub(crate) const COLUMNS: &[u8] = b"#Fields:";

/// The first line that names columns.
pub(crate) fn columns<'a>(lines: &[&'a [u8]]) -> Option<&'a [u8]> {
    lines.iter().find(|line| line.starts_with(COLUMNS)).copied()
}

/// Pattern of the first `#Fields` line; `None` without one.
pub(crate) fn pattern(lines: &[&[u8]]) -> Option<Pattern> {
    let columns = columns(lines)?.strip_prefix(COLUMNS)?;
    let names = str::from_utf8(columns).ok()?;
    // The line itself has spaces even where tabs stand between the values.
    let values = lines.iter().find(|line| !line.is_empty() && !line.starts_with(b"#"));
    let has_tabs = values.is_some_and(|line| line.contains(&b'\t'));
    let separator = if has_tabs { "\t" } else { " " };
    let mut pieces = Vec::new();
    for (index, name) in names.split_whitespace().enumerate() {
        if index > 0 {
            pieces.push(Piece::text(separator));
        }
        pieces.push(Piece::Field(column(&name.to_ascii_lowercase())));
    }
    Some(Pattern::of(pieces, false))
}

fn column(name: &str) -> Option<Field> {
    Some(match name {
        "date" => Field::Day,
        "time" => Field::Clock,
        "timestamp" => Field::Time,
        "c-ip" => Field::Address,
        "c-port" => Field::Connection,
        "cs-method" => Field::Method,
        "cs-uri-stem" | "cs-uri" => Field::Target,
        "cs-uri-query" => Field::Query,
        "cs-host" | "x-host-header" => Field::Host,
        "sc-status" => Field::Status,
        "sc-bytes" => Field::Bytes,
        "s-ip" => Field::Upstream,
        "cs(x-forwarded-for)" => Field::Forwarded,
        name => {
            let header = |prefix: &str| name.strip_prefix(prefix)?.strip_suffix(')');
            let request = header("cs(").and_then(Field::of_request);
            return request.or_else(|| header("sc(").and_then(Field::of_response));
        }
    })
}
