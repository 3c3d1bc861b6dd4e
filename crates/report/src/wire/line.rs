//! One exchange as lines with their remarks, for a display that draws them itself.

use measure::WireExchange;

use super::message::{self, published_line};
use super::text::remark;
use super::{caption, connection};
use crate::cell::Tone;

/// A line in the style of `curl -v`: neutral text, credentials masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireLine {
    /// `>` was sent, `<` was received, `*` is a note.
    pub mark: char,
    /// The line.
    pub text: String,
    /// What it betrays; empty where it is a line like others.
    pub remark: String,
    /// Value of the field that the remark is about: the end of `text`, to be underlined.
    pub marked: String,
    /// True if the remark is a bad one.
    pub is_bad: bool,
}

/// The lines of an exchange without its content, its caption first.
pub fn wire_lines(exchange: &WireExchange) -> Vec<WireLine> {
    let notes = caption(exchange).into_iter().chain(connection(exchange.connection));
    let sent = message::lines(&exchange.request).map(|line| wire_line('>', line, exchange));
    let received =
        message::lines(&exchange.response_head).map(|line| wire_line('<', line, exchange));
    notes.map(|text| plain('*', text)).chain(sent).chain(received).collect()
}

fn wire_line(mark: char, line: &[u8], exchange: &WireExchange) -> WireLine {
    let mut shown = plain(mark, published_line(line));
    let field = message::field(line);
    let remark = field.and_then(|field| remark(mark, field, exchange).map(|it| (field, it)));
    // What only the lab adds betrays nothing.
    if let Some((field, remark)) = remark.filter(|(_, remark)| remark.tone != Tone::Faint) {
        shown.is_bad = remark.tone == Tone::Bad;
        shown.marked = message::shown(field.value);
        shown.remark = remark.text;
    }
    shown
}

fn plain(mark: char, text: String) -> WireLine {
    WireLine { mark, text, remark: String::new(), marked: String::new(), is_bad: false }
}
