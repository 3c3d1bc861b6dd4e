//! The log in the style of `curl -v`, with a caption for each exchange and a verdict on each arm.
//!
//! Lines of the wire are never wrapped or shortened: they are evidence. Tags that betray
//! something have a note of their own below them, so that colour only repeats what words say.

use measure::record::ArmRecord;
use measure::{ArmTranscript, Verdict, WireExchange};
use truth::REPLICA_FIELD;

use super::ending::{self, ArmEnding};
use super::message::{self, Field, shown};
use super::story::Story;
use super::{WireLog, WireOptions, captions};
use crate::cell::Tone;
use crate::document::Document;
use crate::formats::Style;
use crate::formats::text::ink::Ink;
use text::{counted, visible, width, wrap};

/// Narrower than this a caption is only a heap of words.
const NARROWEST: usize = 40;

/// Longest underline below a tag.
const LONGEST_UNDERLINE: usize = 36;

/// Renders the arms of `log`.
pub(super) fn render(log: &WireLog<'_>, options: WireOptions, style: Style) -> String {
    let columns = style.width.max(NARROWEST);
    let mut page = WirePage { text: String::new(), ink: Ink(style.color), columns, options };
    let document = Document::of_run(log.record);
    for alarm in &document.alarms {
        page.paragraph("", &format!("! {alarm}"), Ink::warn);
    }
    page.paragraph("", &document.title.join(" · "), Ink::strong);
    page.paragraph("", &document.setup.join(" · "), Ink::plain);
    for arm in log.arms {
        let record = log.record.arms.iter().find(|record| record.name == arm.arm);
        page.arm(arm, record);
    }
    page.text
}

struct WirePage {
    text: String,
    ink: Ink,
    columns: usize,
    options: WireOptions,
}

impl WirePage {
    fn arm(&mut self, arm: &ArmTranscript, record: Option<&ArmRecord>) {
        let transcript = &arm.transcript;
        let strategy = record.map_or("", |record| &record.strategy);
        self.line("");
        self.paragraph("", &format!("arm {} · {strategy}", arm.arm), Ink::strong);
        let story = Story::of(transcript);
        if self.options.all {
            transcript.exchanges.iter().for_each(|exchange| self.exchange(exchange));
        } else {
            story.exchanges.iter().for_each(|exchange| self.exchange(exchange));
        }
        if transcript.left_out > 0 {
            let kept = counted(transcript.exchanges.len() as u64, "exchange");
            let left_out = counted(transcript.left_out, "later one");
            self.line("");
            self.note(&format!("the log keeps the first {kept} of an arm, not the {left_out}"));
        }
        self.line("");
        self.ending(&ending::of(&story, transcript, record));
    }

    fn exchange(&mut self, exchange: &WireExchange) {
        self.line("");
        self.paragraph("* ", &captions::of(exchange).join(" · "), Ink::strong);
        if let Some(connection) = captions::connection(exchange.connection) {
            self.note(&connection);
        }
        for line in message::lines(&exchange.request) {
            self.wire_line('>', line, exchange);
        }
        for line in message::lines(&exchange.response_head) {
            self.wire_line('<', line, exchange);
        }
        self.content(exchange);
    }

    /// A line as it was on the wire, and what there is to say about it.
    fn wire_line(&mut self, direction: char, line: &[u8], exchange: &WireExchange) {
        let field = message::field(line);
        let remark = field.and_then(|field| remark(direction, field, exchange));
        let tone = remark.as_ref().map_or(Tone::Plain, |remark| remark.tone);
        let text = shown(line);
        let text = self.ink.toned(tone, &text);
        self.line(format!("{direction} {text}").trim_end());
        match remark {
            Some(FieldRemark { tone: Tone::Faint, text }) => self.note(&format!("^ {text}")),
            Some(remark) => self.remark(line, &remark),
            None => {}
        }
    }

    /// Underlines the value of a field and says why.
    fn remark(&mut self, line: &[u8], remark: &FieldRemark) {
        let value = message::field(line).map_or_else(String::new, |field| shown(field.value));
        let start = width(&shown(line)).saturating_sub(width(&value));
        let length = width(&value).clamp(1, LONGEST_UNDERLINE);
        let underline = format!("{}{}", " ".repeat(start), "^".repeat(length));
        let beside = 2 + width(&underline) + 1 + width(&remark.text) <= self.columns;
        if beside {
            let text = self.ink.toned(remark.tone, &format!("{underline} {}", remark.text));
            self.line(&format!("* {text}"));
        } else {
            let underline = self.ink.toned(remark.tone, &underline);
            self.line(&format!("* {underline}"));
            let ink = self.ink;
            for line in wrap(&remark.text, self.columns - 4) {
                self.line(&format!("*   {}", ink.toned(remark.tone, &line)));
            }
        }
    }

    fn content(&mut self, exchange: &WireExchange) {
        let total = exchange.bytes.response_content;
        if total == 0 {
            return;
        }
        let kept = exchange.content.as_deref().unwrap_or_default();
        let part = &kept[..kept.len().min(self.options.content_bytes)];
        if !part.is_empty() {
            for line in message::lines(part) {
                self.line(format!("| {}", shown(line)).trim_end());
            }
        }
        let shown = if part.is_empty() { String::new() } else { format!("{} of ", part.len()) };
        let identity = match exchange.octets {
            Some(id) if message::is_partial(&exchange.response_head) => {
                format!("the rest of xxh3 {id}")
            }
            Some(id) => format!("xxh3 {id}"),
            None => "not all that was due".to_owned(),
        };
        self.note(&format!("[{shown}{total} bytes of content, {identity}]"));
    }

    fn ending(&mut self, ending: &ArmEnding) {
        let mark = if ending.tone == Tone::Good { "✓" } else { "✗" };
        let tone = ending.tone;
        let ink = self.ink;
        for (index, line) in wrap(&visible(&ending.title), self.columns - 2).iter().enumerate() {
            let mark = if index == 0 { mark } else { " " };
            self.line(&ink.toned(tone, &format!("{mark} {line}")));
        }
        self.paragraph("  ", &ending.tags.join("   "), Ink::plain);
        self.paragraph("  ", &ending.cost, Ink::plain);
    }

    fn note(&mut self, text: &str) {
        self.paragraph("* ", text, Ink::faint);
    }

    /// Wrapped text, each line after `lead`.
    fn paragraph(&mut self, lead: &str, text: &str, paint: fn(Ink, &str) -> String) {
        if text.is_empty() {
            return;
        }
        for line in wrap(&visible(text), self.columns - width(lead)) {
            let line = paint(self.ink, &line);
            self.line(&format!("{lead}{line}"));
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// A remark about a field.
struct FieldRemark {
    tone: Tone,
    text: String,
}

fn remark(direction: char, field: Field<'_>, exchange: &WireExchange) -> Option<FieldRemark> {
    let note = |tone, text: &str| Some(FieldRemark { tone, text: text.to_owned() });
    if direction == '>' {
        return None;
    }
    if field.is(REPLICA_FIELD) {
        return note(Tone::Faint, "instrumentation, only the lab sends it");
    }
    let sent = message::value(&exchange.request, "if-none-match").filter(|_| field.is("etag"))?;
    let same = ending::opaque(sent) == ending::opaque(field.value);
    match (exchange.verdict?, same) {
        (Verdict::NeedlessTransfer, false) => note(Tone::Bad, "differs, for the same bytes"),
        (Verdict::Validated | Verdict::Unverifiable, true) if sent == field.value => {
            note(Tone::Good, "the tag that was sent")
        }
        (Verdict::Validated | Verdict::Unverifiable, true) => {
            note(Tone::Good, "the tag that was sent, but for W/")
        }
        (Verdict::NeedlessTransfer, true) => note(Tone::Bad, "the tag that was sent, and ignored"),
        (Verdict::FalseValidation, true) => note(Tone::Bad, "the same, for other bytes"),
        _ => None,
    }
}
