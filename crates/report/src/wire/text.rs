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
use super::{WireLog, WireOptions, caption, connection};
use crate::cell::Tone;
use crate::document::Document;
use crate::formats::Style;
use crate::formats::text::page::{FAINT, PLAIN, Page, STRONG, WARN};
use text::{counted, visible, width, wrap};

const LONGEST_UNDERLINE: usize = 36;

pub(super) fn render(log: &WireLog<'_>, options: WireOptions, style: Style) -> String {
    let mut page = Page::new(style);
    let document = Document::of_run(log.record);
    for alarm in &document.alarms {
        page.paragraph("", &format!("! {alarm}"), WARN);
    }
    page.paragraph("", &document.title.join(" · "), STRONG);
    page.paragraph("", &document.setup.join(" · "), PLAIN);
    let mut log_page = WirePage { page, options };
    for arm in log.arms {
        let record = log.record.arms.iter().find(|record| record.name == arm.arm);
        log_page.arm(arm, record);
    }
    log_page.page.lines.join("\n") + "\n"
}

struct WirePage {
    page: Page,
    options: WireOptions,
}

impl WirePage {
    fn arm(&mut self, arm: &ArmTranscript, record: Option<&ArmRecord>) {
        let transcript = &arm.transcript;
        let strategy = record.map_or("", |record| &record.strategy);
        self.line("");
        self.page.paragraph("", &format!("arm {} · {strategy}", arm.arm), STRONG);
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
        self.page.paragraph("* ", &caption(exchange).join(" · "), STRONG);
        if let Some(connection) = connection(exchange.connection) {
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

    fn wire_line(&mut self, direction: char, line: &[u8], exchange: &WireExchange) {
        let field = message::field(line);
        let remark = field.and_then(|field| remark(direction, field, exchange));
        let tone = remark.as_ref().map_or(Tone::Plain, |remark| remark.tone);
        let text = message::published_line(line);
        let text = self.page.ink.toned(tone, &text);
        self.line(format!("{direction} {text}").trim_end());
        match remark {
            Some(FieldRemark { tone: Tone::Faint, text }) => self.note(&format!("^ {text}")),
            Some(remark) => self.remark(line, &remark),
            None => {}
        }
    }

    fn remark(&mut self, line: &[u8], remark: &FieldRemark) {
        let value = message::field(line).map_or_else(String::new, |field| shown(field.value));
        let start = width(&shown(line)).saturating_sub(width(&value));
        let length = width(&value).clamp(1, LONGEST_UNDERLINE);
        let underline = format!("{}{}", " ".repeat(start), "^".repeat(length));
        let beside = 2 + width(&underline) + 1 + width(&remark.text) <= self.page.columns;
        if beside {
            let text = self.page.ink.toned(remark.tone, &format!("{underline} {}", remark.text));
            self.line(&format!("* {text}"));
        } else {
            let underline = self.page.ink.toned(remark.tone, &underline);
            self.line(&format!("* {underline}"));
            let ink = self.page.ink;
            for line in wrap(&remark.text, self.page.columns - 4) {
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
        self.note(&format!("[{shown}{total} bytes of content, {}]", identity(exchange)));
    }

    fn ending(&mut self, ending: &ArmEnding) {
        let mark = if ending.tone == Tone::Good { "✓" } else { "✗" };
        let tone = ending.tone;
        let ink = self.page.ink;
        for (index, line) in wrap(&visible(&ending.title), self.page.columns - 2).iter().enumerate()
        {
            let mark = if index == 0 { mark } else { " " };
            self.line(&ink.toned(tone, &format!("{mark} {line}")));
        }
        self.page.paragraph("  ", &ending.tags.join("   "), PLAIN);
        self.page.paragraph("  ", &ending.cost, PLAIN);
    }

    fn note(&mut self, text: &str) {
        self.page.paragraph("* ", text, FAINT);
    }

    fn line(&mut self, line: &str) {
        self.page.lines.push(line.to_owned());
    }
}

fn identity(exchange: &WireExchange) -> String {
    match exchange.octets {
        Some(id) if message::is_partial(&exchange.response_head) => {
            format!("the rest of xxh3 {id}")
        }
        Some(id) => format!("xxh3 {id}"),
        None => "not all that was due".to_owned(),
    }
}

pub(super) struct FieldRemark {
    pub(super) tone: Tone,
    pub(super) text: String,
}

pub(super) fn remark(
    direction: char,
    field: Field<'_>,
    exchange: &WireExchange,
) -> Option<FieldRemark> {
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
