//! Every format that is read: recognised from the first lines of a log, or named.

mod haproxy;
mod json;
mod pattern;
mod template;
mod w3c;

use crate::field::{Columns, Field, Fields};
use crate::line::{ClientKey, LineReader};
use crate::scan::position;

use haproxy::Haproxy;
use json::Keys;
use pattern::{Pattern, pieces};

/// Format that has a name.
pub struct Entry {
    /// Name for `--log-format`.
    pub name: &'static str,
    /// Product and what its format is.
    pub summary: &'static str,
    /// Name of the product in the table of products that advice is for; empty where none is meant.
    pub product: &'static str,
    shape: fn(&[&[u8]]) -> Option<Shape>,
}

/// All formats; of two that fit, the one with more fields is taken, then the first.
pub static FORMATS: &[Entry] = &[
    Entry {
        name: "json",
        summary: "Any JSON: nginx, Caddy, Traefik, Envoy, Google Cloud; --map names other keys",
        product: "",
        shape: |lines| Some(Shape::Json(learned(&[], lines))),
    },
    Entry {
        name: "w3c",
        summary: "W3C extended log by its #Fields line: CloudFront, IIS",
        product: "",
        shape: |lines| w3c::pattern(lines).map(Shape::Text),
    },
    Entry {
        name: "haproxy",
        summary: "HAProxy `option httplog`, with captured headers",
        product: "haproxy",
        shape: |lines| Some(Shape::Haproxy(Haproxy::learned(lines))),
    },
    Entry {
        name: "alb",
        summary: "AWS Application Load Balancer",
        product: "",
        shape: |_| {
            Some(text(
                "<> <time> <> <peer> <upstream> <> <> <> <status> <> <> <bytes> \"<request>\" \
                 \"<agent>\" ",
                false,
            ))
        },
    },
    Entry {
        name: "envoy",
        summary: "Envoy, default format",
        product: "envoy",
        shape: |_| {
            Some(text(
                "[<time>] \"<request>\" <status> <> <> <bytes> <> <> \"<forwarded>\" \"<agent>\" \
                 \"<>\" \"<host>\" \"<upstream>\"",
                false,
            ))
        },
    },
    Entry {
        name: "istio",
        summary: "Istio's sidecars, default format",
        product: "envoy",
        shape: |_| {
            Some(text(
                "[<time>] \"<request>\" <status> <> <> <> \"<>\" <> <bytes> <> <> \"<forwarded>\" \
                 \"<agent>\" \"<>\" \"<host>\" \"<upstream>\"",
                false,
            ))
        },
    },
    Entry {
        name: "ingress-nginx",
        summary: "ingress-nginx, default format",
        product: "ingress-nginx",
        shape: |_| {
            Some(text(
                "<address> - <> [<time>] \"<request>\" <status> <bytes> \"<>\" \"<agent>\" <> <> \
                 [<>] [<>] <upstream> <> <> <> ",
                false,
            ))
        },
    },
    Entry {
        name: "traefik",
        summary: "Traefik, common log format",
        product: "traefik",
        shape: |_| {
            Some(text(
                "<address> - <> [<time>] \"<request>\" <status> <bytes> \"<>\" \"<agent>\" <> \
                 \"<>\" \"<upstream>\" <>ms",
                false,
            ))
        },
    },
    Entry {
        name: "vhost-combined",
        summary: "Apache vhost_combined",
        product: "httpd",
        shape: |_| {
            Some(text(
                "<host>:<> <address> <> <> [<time>] \"<request>\" <status> <bytes> \"<>\" \"<agent>\"",
                true,
            ))
        },
    },
    Entry {
        name: "combined",
        summary: "nginx, Apache, Varnish and others, combined; more may follow",
        product: "",
        shape: |_| {
            Some(text(
                "<address> <> <> [<time>] \"<request>\" <status> <bytes> \"<>\" \"<agent>\"",
                true,
            ))
        },
    },
    Entry {
        name: "common",
        summary: "The common log format: no agents, so that clients are told apart badly",
        product: "",
        shape: |_| Some(text("<address> <> <> [<time>] \"<request>\" <status> <bytes>", true)),
    },
];

fn text(format: &str, has_escapes: bool) -> Shape {
    Shape::Text(Pattern::of(pieces(format), has_escapes))
}

fn learned(mapped: &[(Field, String)], lines: &[&[u8]]) -> Keys {
    let mut keys = Keys::of(mapped);
    keys.learn(lines);
    keys
}

#[derive(Clone, Debug)]
enum Shape {
    Text(Pattern),
    Json(Keys),
    Haproxy(Haproxy),
}

/// Format of one log, as it was recognised.
#[derive(Clone, Debug)]
pub struct Layout {
    shape: Shape,
    /// Name of the format, or the template that was given.
    pub name: String,
    /// Name of the product in the table of products; empty where it is not known.
    pub product: &'static str,
    pub(crate) key: ClientKey,
    /// Line that names the columns of a W3C log.
    columns_line: Option<Box<[u8]>>,
}

impl Layout {
    /// Columns of the log.
    pub fn columns(&self) -> Columns {
        match &self.shape {
            Shape::Text(pattern) => pattern.columns(),
            Shape::Json(keys) => keys.columns,
            Shape::Haproxy(haproxy) => haproxy.columns(),
        }
    }

    /// Takes a line apart; false if it has another form.
    pub(crate) fn split<'a>(&self, line: &'a [u8], fields: &mut Fields<'a>) -> bool {
        match &self.shape {
            Shape::Text(pattern) => pattern.split(line, fields),
            Shape::Json(keys) => keys.split(line, fields),
            Shape::Haproxy(haproxy) => haproxy.split(line, fields),
        }
    }

    /// Takes the first line of a text apart: its length, and false if it has another form.
    pub(crate) fn read<'a>(&self, text: &'a [u8], fields: &mut Fields<'a>) -> (usize, bool) {
        let end_from = |at: usize| position(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
        if let Shape::Text(pattern) = &self.shape {
            // Each of its lines sets the same fields.
            let read = pattern.read(text, fields);
            return (end_from(read.unwrap_or_else(|at| at)), read.is_ok());
        }
        let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        *fields = Fields::none();
        (end, self.split(trimmed(&text[..end]), fields))
    }

    /// Length of what comes before a line that names other columns, in a W3C log; `None` without one.
    pub(crate) fn until_other_columns(&self, text: &[u8]) -> Option<usize> {
        let known = self.columns_line.as_deref()?;
        memchr::memmem::find_iter(text, w3c::COLUMNS).find(|at| {
            let is_line = *at == 0 || text[at - 1] == b'\n';
            let line = text[*at..].split(|byte| *byte == b'\n').next().map(trimmed);
            is_line && line != Some(known)
        })
    }

    fn detail(&self) -> usize {
        match &self.shape {
            Shape::Text(pattern) => pattern.detail(),
            // Nothing else begins with a brace, or has the brackets of HAProxy.
            Shape::Json(_) | Shape::Haproxy(_) => usize::MAX,
        }
    }

    /// Share of the lines that have this form.
    fn fit(&self, lines: &[&[u8]]) -> f64 {
        let mut reader = LineReader::default();
        let has_time = self.columns().has(Field::Time);
        let is_read = |line: &&&[u8]| {
            let mut fields = Fields::none();
            let event =
                self.split(line, &mut fields).then(|| reader.event(line, &fields)).flatten();
            event.is_some_and(|event| event.time.is_some() || !has_time)
        };
        let read = lines.iter().filter(is_read).count();
        read as f64 / lines.len().max(1) as f64
    }
}

/// Wish of the user for a format.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Name of a format, or a template in the notation of nginx, Apache, Envoy or varnishncsa.
    pub format: Option<String>,
    /// Keys of JSON: field, and path of its key.
    pub mapped: Vec<(Field, String)>,
}

/// Reason why a log cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormatError {
    /// Nothing with that name, and no template.
    #[error("`{0}` is neither a format nor a template with $variables or %directives")]
    Unknown(String),
    /// No format fits the first lines.
    #[error("none of the formats that are known fits its first lines")]
    Unrecognised,
}

/// Lines that have to fit a format that is recognised.
const FITTING: f64 = 0.5;

/// Recognises the format of a log by its first lines.
pub(crate) fn recognise(wish: &Wish, first: &[u8]) -> Result<Layout, FormatError> {
    let lines: Vec<&[u8]> = first.split(|byte| *byte == b'\n').map(trimmed).collect();
    // The last one may be cut.
    let whole = &lines[..lines.len().saturating_sub(1).max(1)];
    let mut layout = match &wish.format {
        Some(name) => named(wish, name, whole)?,
        None => best(wish, whole).ok_or(FormatError::Unrecognised)?,
    };
    layout.key = client_key(&layout, whole);
    Ok(layout)
}

/// A line without a carriage return at its end.
pub(crate) fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn named(wish: &Wish, name: &str, lines: &[&[u8]]) -> Result<Layout, FormatError> {
    let known = FORMATS.iter().find(|entry| entry.name == name);
    if let Some(entry) = known {
        layout(wish, entry, lines).ok_or(FormatError::Unrecognised)
    } else {
        let pattern = template::pattern(name);
        let pattern = pattern.ok_or_else(|| FormatError::Unknown(name.to_owned()))?;
        let product = match name {
            _ if name.contains('$') => "nginx",
            _ if name.contains("%REQ(") => "envoy",
            _ => "",
        };
        Ok(Layout {
            shape: Shape::Text(pattern),
            name: "template".to_owned(),
            product,
            key: ClientKey::default(),
            columns_line: None,
        })
    }
}

fn layout(wish: &Wish, entry: &Entry, lines: &[&[u8]]) -> Option<Layout> {
    let shape = (entry.shape)(lines)?;
    let shape = match shape {
        Shape::Json(_) => Shape::Json(learned(&wish.mapped, lines)),
        other => other,
    };
    let (name, product) = (entry.name.to_owned(), entry.product);
    let columns_line = (entry.name == "w3c").then(|| w3c::columns(lines)).flatten();
    let columns_line = columns_line.map(Into::into);
    Some(Layout { shape, name, product, key: ClientKey::default(), columns_line })
}

fn best(wish: &Wish, lines: &[&[u8]]) -> Option<Layout> {
    let data: Vec<&[u8]> =
        lines.iter().copied().filter(|line| !line.is_empty() && line[0] != b'#').collect();
    let mut best: Option<(f64, Layout)> = None;
    for entry in FORMATS {
        let Some(layout) = layout(wish, entry, lines) else { continue };
        let fit = layout.fit(&data);
        let is_better = best.as_ref().is_none_or(|(known, best)| {
            // A format with fewer fields fits whatever fits one with more.
            fit > known + 0.05 || (fit > known - 0.05 && layout.detail() > best.detail())
        });
        if fit >= FITTING && is_better {
            best = Some((fit, layout));
        }
    }
    best.map(|(_, layout)| layout)
}

/// Clients are their connections where connections carry several requests.
fn client_key(layout: &Layout, lines: &[&[u8]]) -> ClientKey {
    let mut reader = LineReader { key: ClientKey::Connection, ..LineReader::default() };
    let mut seen = std::collections::BTreeSet::new();
    let (mut all, mut known) = (0_usize, 0_usize);
    for line in lines {
        let mut fields = Fields::none();
        if layout.split(line, &mut fields)
            && let Some(event) = reader.event(line, &fields)
            && event.connection != 0
        {
            all += 1;
            known += usize::from(!seen.insert(event.client));
        }
    }
    let are_used = all >= 20 && known * 2 >= all;
    if are_used { ClientKey::Connection } else { ClientKey::AddressAndAgent }
}
