//! Keys of `[load]`: the clients, when they poll, and what they make of an answer.

use std::num::NonZeroU64;
use std::time::Duration;

use client::{Cadence, Habit, IfRange, OnError, PollMethod, Validate, WriteCondition};

use super::{Choice, Kind, Rivals, Table, field, key, set};

const CADENCES: &[Choice] = &[
    ("lockstep", "Clients poll in turn, one poll in flight: reproducible to the byte."),
    ("shuffled", "Clients poll in a seeded random order, as fast as answers come."),
    ("open-loop", "Every client polls once per interval, whether or not answers come."),
];
const VALIDATORS: &[Choice] = &[
    ("etag", "The entity tag, as If-None-Match."),
    ("last-modified", "Last-Modified, as If-Modified-Since."),
    ("both", "Both, as far as the response had them; a server then reads the tag alone."),
];
// The client is naive by default and sends a weak tag all the same, because the refusal is what is
// to be seen.
const IF_RANGES: &[Choice] = &[
    ("any", "Any tag, weak ones too, which RFC 9110 §13.1.5 forbids."),
    ("strong-only", "Strong tags only; without one the download starts again, without a range."),
];
const CLIENTS: &[Choice] = &[
    ("cache", "A cache by the standard: every validator goes back octet by octet."),
    (
        "heuristic",
        "The same, and a response that names no lifetime is fresh for a tenth of the time since \
         Last-Modified, as in browsers; freshness is honoured.",
    ),
    (
        "cache-first",
        "A service worker that answers from its own store first: it asks once, and never again.",
    ),
    ("no-store", "A program that stores nothing."),
    ("cache-off", "Developer tools with the cache switched off: the same, and requests say so."),
    ("loses-content", "A program that keeps the tag and loses the content."),
    ("strips-quotes", "A parser that takes quotes and weakness off the tag."),
    (
        "invents-date",
        "A program that sends the time of its last fetch as If-Modified-Since, and no tag.",
    ),
];
const METHODS: &[Choice] = &[
    ("get", "GET."),
    (
        "head",
        "HEAD, as monitors do; a GET without a condition follows within the poll after a 200.",
    ),
];
const WRITE_CONDITIONS: &[Choice] = &[
    ("if-match", "If-Match with the tag of what they read, as it came; without a tag nothing."),
    ("none", "Nothing: whoever writes last wins."),
];
const ON_ERRORS: &[Choice] = &[
    ("keep", "They go on with the last known good content."),
    ("drop", "They forget content and validators: the naive client."),
];

pub(super) const TABLE: Table = Table {
    name: "load",
    is_list: false,
    doc: "The clients.",
    rivals: Some(Rivals {
        keys: ["polls", "total-polls"],
        labels: ["polls of each client", "polls of all clients together"],
    }),
    keys: &[
        field("clients", Kind::Integer(1, 1_000_000))
            .default("10")
            .doc("Number of logical clients, each with its own stored response.")
            .flag("clients", "N")
            .brief("Clients, each with its stored response")
            .per_arm(|given, draft| set(&mut draft.setup.clients, given.nonzero())),
        field("polls", Kind::Integer(1, 1_000_000))
            .default("50")
            .doc("Polls of each client. Not together with `total-polls`.")
            .flag("polls", "N")
            .brief("Polls of each client")
            .per_arm(|given, draft| {
                // The number of clients is known by now: keys enter in the order of this list.
                let (each, clients) = (given.nonzero(), draft.setup.clients);
                let polls = NonZeroU64::from(each).saturating_mul(clients.into());
                set(&mut draft.setup.polls, polls)
            }),
        field("total-polls", Kind::Integer(1, crate::load::MOST_POLLS.cast_signed()))
            .doc("Polls of all clients together. Not together with `polls`.")
            .flag("total-polls", "N")
            .hint("for example total-polls = 500")
            .shared(|given, draft| set(&mut draft.setup.polls, given.nonzero().into())),
        field("cadence", Kind::Choice(CADENCES))
            .default("lockstep")
            .doc("Layout of the polls in time.")
            .flag("cadence", "CADENCE")
            .brief("lock-step, shuffled or open-loop")
            .per_arm(|given, draft| {
                set(&mut draft.setup.cadence, given.one_of(&crate::load::CADENCES, Cadence::name))
            }),
        field("interval", Kind::Duration(Duration::from_millis(1), Duration::from_secs(3_600)))
            .default("1s")
            .doc(
                "Time between two polls of one client: real in an open loop; virtual where \
                 clients honour freshness or obey Poll-Interval, so that nothing waits and a run \
                 repeats to the byte.",
            )
            .flag("interval", "TIME")
            .brief("Time between two polls, for open-loop")
            .shared(|given, draft| {
                // The cadence was entered before, without its interval.
                draft.interval = given.duration();
                if let Cadence::OpenLoop { interval, .. } = &mut draft.setup.cadence {
                    *interval = draft.interval;
                }
                Ok(())
            }),
        field("jitter", Kind::Number(0.0, 1.0))
            .default("0.1")
            .doc("Open loop only: share of the interval by which a poll may be early or late.")
            .flag("jitter", "SHARE")
            .hint("it is a share of the interval: jitter = 0.1 is 10 % early or late")
            .shared(|given, draft| {
                if let Cadence::OpenLoop { jitter, .. } = &mut draft.setup.cadence {
                    *jitter = given.float();
                }
                Ok(())
            }),
        field("seed", Kind::Natural)
            .default("42")
            .doc("Seed of every random choice.")
            .flag("seed", "N")
            .shared(|given, draft| set(&mut draft.setup.seed, given.natural())),
        field("connections", Kind::Integer(1, 10_000))
            .default("64")
            .doc("Most connections that the clients share; never more than one for each client.")
            .flag("connections", "N")
            // A connection more than there are clients would never be used.
            .per_arm(|given, draft| {
                let clients = draft.setup.clients;
                set(&mut draft.setup.connections, given.nonzero().min(clients))
            }),
        field("timeout", Kind::Duration(Duration::from_millis(1), Duration::from_secs(600)))
            .default("5s")
            .doc("Time limit of one poll.")
            .flag("timeout", "TIME")
            .shared(|given, draft| set(&mut draft.setup.timeout, given.duration())),
        field("accept-encoding", Kind::Texts)
            .doc(
                "Accept-Encoding of the clients, such as gzip: the first client sends the first \
                 entry, the next one the second, and so on in turn; `identity` alone, or an \
                 empty one, sends none.",
            )
            .flag("accept-encoding", "CODINGS")
            .brief("Accept-Encoding, such as gzip")
            .per_arm(|given, draft| {
                set(&mut draft.setup.fields.accept_encoding, crate::load::accept_encoding(given)?)
            }),
        field("validate", Kind::Choice(VALIDATORS))
            .default("etag")
            .doc("Validators that clients send back.")
            .flag("validate", "VALIDATOR")
            .per_arm(|given, draft| {
                set(&mut draft.setup.caching.validate, given.one_of(&Validate::ALL, Validate::name))
            }),
        field("honour-freshness", Kind::Bool)
            .default("false")
            .doc(
                "Whether clients use a stored response without asking while it is fresh \
                 (max-age, Expires, Age, no-cache) and keep none with no-store; otherwise they \
                 ignore Cache-Control.",
            )
            .flag("honour-freshness", "")
            .per_arm(|given, draft| {
                set(&mut draft.setup.caching.honour_freshness, given.is_true())
            }),
        field("interrupt-at", Kind::Share)
            .doc(
                "Share of the content after which each client hangs up in every download, to \
                 resume it with Range and If-Range. Without it: downloads are not interrupted.",
            )
            .flag("interrupt-at", "SHARE")
            .hint("it is a share of the content: interrupt-at = 0.5 hangs up in the middle")
            .per_arm(|given, draft| set(&mut draft.interrupt_at, Some(given.float()))),
        field("if-range", Kind::Choice(IF_RANGES))
            .doc("Tags with which interrupted downloads are resumed. Without it: any.")
            .flag("if-range", "TAGS")
            .per_arm(|given, draft| {
                set(&mut draft.if_range, Some(given.one_of(&IfRange::ALL, IfRange::name)))
            }),
        // It has no default, because reports show what became of tables to those alone who asked.
        field("on-error", Kind::Choice(ON_ERRORS))
            .doc(
                "What clients do with what they have stored when a poll fails; the result then \
                 shows what became of it. Without it: they keep it.",
            )
            .flag("on-error", "CHOICE")
            .per_arm(|given, draft| {
                set(&mut draft.setup.on_error, Some(given.one_of(&OnError::ALL, OnError::name)))
            }),
        field("obey-poll-interval", Kind::Bool)
            .default("false")
            .doc(
                "Whether clients poll no sooner than Poll-Interval (milliseconds) allows, and \
                 not at all after -1; otherwise they ignore it.",
            )
            .flag("obey-poll-interval", "")
            .per_arm(|given, draft| set(&mut draft.setup.obey_poll_interval, given.is_true())),
        // After honour-freshness, which both habits of not asking imply.
        key("client", Kind::Choice(CLIENTS))
            .doc("What clients do with what they are given. Without it: cache.")
            .per_arm(|given, draft| {
                let habit = given.one_of(&Habit::ALL, Habit::name);
                draft.setup.caching.honour_freshness |=
                    matches!(habit, Habit::Heuristic | Habit::CacheFirst);
                set(&mut draft.setup.caching.habit, habit)
            }),
        key("origin", Kind::Texts)
            .doc(
                "Origins of pages whose scripts poll, such as https://a.example: the first client is of \
                 the first one, the next of the second, and so on in turn. A script reads what its \
                 origin is permitted (CORS), and revalidates with the tag if it can read that. Without \
                 it: clients are no scripts.",
            )
            .per_arm(|given, draft| {
                set(&mut draft.setup.fields.origin, crate::load::origins(given)?)
            }),
        key("method", Kind::Choice(METHODS))
            .doc("Method by which clients poll. Without it: get.")
            .flag("method", "METHOD")
            .per_arm(|given, draft| {
                set(&mut draft.setup.method, given.one_of(&PollMethod::ALL, PollMethod::name))
            }),
        // No server that runs already is written to.
        key("writers", Kind::Integer(1, 1_000))
            .doc(
                "Number of further clients, which read the content anew, change it and PUT it after \
                 each round of polls: one of them alone after the first round, and after the next one \
                 all of them, each having read before any of them writes. In lock-step only. Without \
                 it: nobody writes.",
            )
            .flag("writers", "N")
            .of_fleet()
            .hint("for example writers = 2")
            .per_arm(|given, draft| set(&mut draft.setup.writers, Some(given.nonzero()))),
        key("write-condition", Kind::Choice(WRITE_CONDITIONS))
            .doc("Condition under which writers PUT. Without it: if-match.")
            .flag("write-condition", "CONDITION")
            .of_fleet()
            .per_arm(|given, draft| {
                let condition = given.one_of(&WriteCondition::ALL, WriteCondition::name);
                set(&mut draft.setup.write_condition, Some(condition))
            }),
    ],
};
