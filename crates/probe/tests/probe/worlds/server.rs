//! One simulated server: a request in, a response out, decided by its [`Site`].
//! Written without a look at `semantics` and `origin`, so that no mistake is made twice.

use findings::evidence::{ExchangeFailure, FieldLines, Method, ObservedRequest, hex};
use semantics::HttpDate;

use super::conditions::{Answered, decided};
use super::content;
use super::site::{CodedTag, Failure, Head, NotModified, OnMatch, Ranges, Site, Vary, WarmUp};
use super::tag::{self, EPOCH, Moment, Process};

/// A response, its content decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) fields: FieldLines,
    pub(crate) content: Vec<u8>,
}

/// Representation that a request selects, with its validators.
pub(crate) struct Selected {
    pub(crate) content: Vec<u8>,
    pub(crate) coding: Option<&'static str>,
    /// As sent, with quotes and weakness.
    pub(crate) tag: Option<String>,
    /// As compared with what clients send.
    pub(crate) known_tag: Option<String>,
    pub(crate) date: Option<HttpDate>,
}

/// Answer of a server.
pub(crate) fn answer(
    site: &Site,
    process: &Process,
    moment: &Moment,
    asked: &ObservedRequest,
) -> Result<Response, ExchangeFailure> {
    match site.failure {
        Failure::Between { requests } if moment.served % requests == requests - 1 => {
            return Ok(error(502));
        }
        Failure::None | Failure::Between { .. } => {}
        Failure::Status(status) => return Ok(error(status)),
        Failure::Cut => return Err(ExchangeFailure::Cut),
        Failure::Slow => return Err(ExchangeFailure::TimedOut),
    }
    if asked.method == Method::Head && site.head == Head::NotAllowed {
        return Ok(error(405));
    }
    let selected = select(site, process, moment, asked);
    let mut response = match (decided(site, asked, &selected), site.on_match) {
        (Answered::Full, _) => full(site, asked, &selected, moment),
        (Answered::Matching, OnMatch::NotModified) => not_modified(site, &selected, moment),
        (Answered::Matching, OnMatch::Empty) => {
            Response { content: Vec::new(), ..full(site, asked, &selected, moment) }
        }
        (Answered::Matching, OnMatch::Status(status)) => error(status),
    };
    if asked.method == Method::Head {
        response.content.clear();
    }
    Ok(response)
}

fn error(status: u16) -> Response {
    let content = format!("<h1>{status}</h1>").into_bytes();
    Response { status, fields: FieldLines::default(), content }
}

fn select(site: &Site, process: &Process, moment: &Moment, asked: &ObservedRequest) -> Selected {
    let coding = site.codings.iter().copied().find(|coding| {
        asked.accept_encoding.as_ref().is_some_and(|accepted| accepted.contains(coding))
    });
    let content = content::of(site, process, moment, asked);
    let plain = plain_tag(site, process, moment, asked, &content);
    let weakness = if site.is_weak { "W/" } else { "" };
    let tag = plain.as_deref().and_then(|opaque| coded(site, weakness, opaque, coding));
    // Whoever changes a tag on its way out and not on its way in compares the one from before.
    let forgets =
        matches!(site.coded_tag, CodedTag::Suffixed { is_understood: false } | CodedTag::Stripped);
    let known_tag = if coding.is_some() && forgets {
        plain.map(|opaque| format!("{weakness}\"{opaque}\""))
    } else {
        tag.clone()
    };
    let seconds = tag::modified(site, process, moment) / 1_000;
    let date = HttpDate::from_unix_seconds(seconds).ok().filter(|_| site.is_dated);
    Selected { content, coding, tag, known_tag, date }
}

/// Opaque part of the tag without a coding.
fn plain_tag(
    site: &Site,
    process: &Process,
    moment: &Moment,
    asked: &ObservedRequest,
    content: &[u8],
) -> Option<String> {
    let mut hashed = content.to_vec();
    if let Some(follows) = site.follows.filter(|it| !it.is_of_content) {
        hashed.extend(asked.fields.get(follows.field).unwrap_or_default());
    }
    let opaque = tag::opaque(site, process, moment, &content::digests(&hashed))?;
    let other = || hex(&content::digests(opaque.as_bytes()).md5);
    match (site.warm_up, site.head) {
        (WarmUp::Untagged(answers), _) if moment.served < answers => None,
        (WarmUp::OtherTag, _) if moment.served == 0 => Some(other()),
        (_, Head::Untagged) if asked.method == Method::Head => None,
        (_, Head::OtherTag) if asked.method == Method::Head => Some(other()),
        _ => Some(opaque),
    }
}

fn coded(site: &Site, weakness: &str, opaque: &str, coding: Option<&str>) -> Option<String> {
    let plain = format!("{weakness}\"{opaque}\"");
    let Some(coding) = coding else { return Some(plain) };
    match site.coded_tag {
        CodedTag::Kept => Some(plain),
        CodedTag::Weakened => Some(format!("W/\"{opaque}\"")),
        CodedTag::Stripped => None,
        CodedTag::Own => {
            let own = hex(&content::digests(format!("{coding} {opaque}").as_bytes()).sha1);
            Some(format!("{weakness}\"{own}\""))
        }
        CodedTag::Suffixed { .. } => Some(format!("{weakness}\"{opaque}-{coding}\"")),
    }
}

/// Fields that 200 and 304 share.
fn fields(site: &Site, selected: &Selected, moment: &Moment) -> FieldLines {
    let mut fields = FieldLines::default();
    let mut push = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.push(name, value.as_bytes());
        }
    };
    let now = HttpDate::from_unix_seconds(EPOCH + moment.at / 1_000);
    push("date", now.ok().map(|date| date.to_string()));
    push("server", site.product.map(str::to_owned));
    push("etag", selected.tag.clone());
    push("last-modified", selected.date.map(|date| date.to_string()));
    push("cache-control", site.cache_control.map(str::to_owned));
    push("access-control-allow-origin", site.has_cors.then(|| "https://app.example".to_owned()));
    push("vary", vary(site));
    fields
}

fn vary(site: &Site) -> Option<String> {
    let coding = (!site.codings.is_empty()).then_some("Accept-Encoding");
    let followed = site.follows.filter(|it| it.is_in_vary).map(|it| it.field);
    let named: Vec<_> = coding.into_iter().chain(followed).collect();
    match site.vary {
        Vary::Star => Some("*".to_owned()),
        Vary::Missing => followed.map(str::to_owned),
        Vary::Right => (!named.is_empty()).then(|| named.join(", ")),
    }
}

fn full(site: &Site, asked: &ObservedRequest, selected: &Selected, moment: &Moment) -> Response {
    let mut fields = fields(site, selected, moment);
    let mut content = selected.content.clone();
    if let Some(coding) = selected.coding {
        fields.push("content-encoding", coding.as_bytes());
    } else {
        fields.push("content-length", content.len().to_string().as_bytes());
    }
    fields.push("content-type", b"application/json");
    if site.ranges != Ranges::Ignored {
        fields.push("accept-ranges", b"bytes");
    }
    let status = match part(site, asked, selected) {
        Some(bytes) => {
            fields.push(
                "content-range",
                format!("bytes 0-{}/{}", bytes - 1, content.len()).as_bytes(),
            );
            content.truncate(bytes);
            206
        }
        None => 200,
    };
    Response { status, fields, content }
}

/// Number of bytes of the beginning, where a part was asked for and is due.
fn part(site: &Site, asked: &ObservedRequest, selected: &Selected) -> Option<usize> {
    let range = String::from_utf8(asked.range.clone()?).ok()?;
    let last: usize = range.strip_prefix("bytes=0-")?.parse().ok()?;
    let is_due = match (site.ranges, asked.if_range.as_deref()) {
        (Ranges::Ignored, _) => false,
        (Ranges::Blind, _) | (_, None) => true,
        (Ranges::Right, Some(sent)) => {
            let is_tag = selected
                .tag
                .as_ref()
                .is_some_and(|tag| !tag.starts_with("W/") && tag.as_bytes() == sent);
            is_tag || selected.date.is_some_and(|date| date.to_string().as_bytes() == sent)
        }
    };
    is_due.then_some((last + 1).min(selected.content.len()))
}

fn not_modified(site: &Site, selected: &Selected, moment: &Moment) -> Response {
    let all = fields(site, selected, moment);
    let lacks = |name: &str| match site.not_modified {
        NotModified::LacksTag => name == "etag",
        NotModified::LacksCors => name == "access-control-allow-origin",
        _ => false,
    };
    let mut fields = FieldLines::default();
    for (name, value) in all.iter().filter(|(name, _)| !lacks(name)) {
        if name == "etag" && site.not_modified == NotModified::OtherTag {
            fields.push(name, format!("\"{}\"", hex(&content::digests(value).md5)).as_bytes());
        } else {
            fields.push(name, value);
        }
    }
    let has_content = site.not_modified == NotModified::HasContent;
    let content = if has_content { selected.content.clone() } else { Vec::new() };
    Response { status: 304, fields, content }
}
