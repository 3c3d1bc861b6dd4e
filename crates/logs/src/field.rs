//! The fields of an access log that are of use here, by the names that `--map` takes.

/// Field of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Address of the client.
    Address,
    /// Address and port of the client, with a colon between.
    Peer,
    /// Port of the client, or a number of its connection.
    Connection,
    /// `X-Forwarded-For`.
    Forwarded,
    /// Moment, in any notation.
    Time,
    /// Day, where it has a column of its own.
    Day,
    /// Time of the day, where it has a column of its own.
    Clock,
    /// Method.
    Method,
    /// Path and query, or a whole URL.
    Target,
    /// Query, where it has a column of its own.
    Query,
    /// Request line.
    Request,
    /// Host that was asked for.
    Host,
    /// Status of the response.
    Status,
    /// Bytes of the response, with or without its fields.
    Bytes,
    /// Server behind the gateway that answered.
    Upstream,
    /// `User-Agent`.
    Agent,
    /// `If-None-Match`.
    NoneMatch,
    /// `If-Modified-Since`.
    ModifiedSince,
    /// `ETag`.
    Tag,
    /// `Last-Modified`.
    LastModified,
    /// `Content-Encoding`.
    Coding,
    /// `Content-Length` of the response.
    Length,
}

/// Number of fields.
pub(crate) const FIELDS: usize = Field::Length as usize + 1;

/// Every field with its name.
pub const NAMES: [(&str, Field); FIELDS] = [
    ("address", Field::Address),
    ("peer", Field::Peer),
    ("connection", Field::Connection),
    ("forwarded", Field::Forwarded),
    ("time", Field::Time),
    ("day", Field::Day),
    ("clock", Field::Clock),
    ("method", Field::Method),
    ("target", Field::Target),
    ("query", Field::Query),
    ("request", Field::Request),
    ("host", Field::Host),
    ("status", Field::Status),
    ("bytes", Field::Bytes),
    ("upstream", Field::Upstream),
    ("agent", Field::Agent),
    ("if-none-match", Field::NoneMatch),
    ("if-modified-since", Field::ModifiedSince),
    ("etag", Field::Tag),
    ("last-modified", Field::LastModified),
    ("content-encoding", Field::Coding),
    ("content-length", Field::Length),
];

impl Field {
    /// Field of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    /// Field of a message that a log writes under its own name: `If-None-Match`, whatever the case,
    /// with `_` for `-` as some products have it.
    pub(crate) fn of_request(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "if-none-match" => Some(Self::NoneMatch),
            "if-modified-since" => Some(Self::ModifiedSince),
            "user-agent" => Some(Self::Agent),
            "host" | ":authority" => Some(Self::Host),
            "x-forwarded-for" => Some(Self::Forwarded),
            _ => None,
        }
    }

    /// Field of a response that a log writes under its own name.
    pub(crate) fn of_response(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "etag" => Some(Self::Tag),
            "last-modified" => Some(Self::LastModified),
            "content-encoding" => Some(Self::Coding),
            "content-length" => Some(Self::Length),
            _ => None,
        }
    }
}

/// Values of one line: pieces of the line, empty where the log has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    values: [&'a [u8]; FIELDS],
    /// The part of the last line that is mostly that of the next one, in a format that has such a part.
    pub(crate) steady: &'a [u8],
}

impl<'a> Fields<'a> {
    /// A line without values.
    pub(crate) fn none() -> Self {
        Self { values: [&[]; FIELDS], steady: &[] }
    }

    /// The value of a field; empty without one, and where the log has a hyphen for that.
    pub(crate) fn get(&self, field: Field) -> &'a [u8] {
        self.values[field as usize]
    }

    pub(crate) fn set(&mut self, field: Field, value: &'a [u8]) {
        self.values[field as usize] = if matches!(value, [b'-']) { &[] } else { value };
    }
}

/// Columns that a format has, whatever their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns(u32);

impl Columns {
    /// Adds one.
    pub(crate) fn add(&mut self, field: Field) {
        self.0 |= 1 << field as u32;
    }

    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Reports whether the format has this column.
    pub fn has(self, field: Field) -> bool {
        self.0 >> field as u32 & 1 == 1
    }

    /// Reports whether tags are seen in both directions.
    pub fn have_tags(self) -> bool {
        self.has(Field::NoneMatch) && self.has(Field::Tag)
    }
}
