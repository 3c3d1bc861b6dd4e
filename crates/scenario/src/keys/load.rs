//! Keys of `[load]`: the clients, when they poll, and what they make of an answer.

use std::num::NonZeroU64;
use std::time::Duration;

use client::{Cadence, IfRange, OnError, Validate};

use super::{Choice, FIELD, Key, Kind, Rivals, Table, set, switch, valued};

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
const IF_RANGES: &[Choice] = &[
    ("any", "Any tag, weak ones too, which RFC 9110 §13.1.5 forbids."),
    ("strong-only", "Strong tags only; without one the download starts again, without a range."),
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
        Key {
            name: "clients",
            kind: Kind::Integer(1, 1_000_000),
            default: "10",
            doc: "Number of logical clients, each with its own stored response.",
            in_arm: true,
            flag: Some(valued("clients", "N")),
            enter: |given, draft| set(&mut draft.setup.clients, given.nonzero()),
            ..FIELD
        },
        Key {
            name: "polls",
            kind: Kind::Integer(1, 1_000_000),
            default: "50",
            doc: "Polls of each client. Not together with `total-polls`.",
            in_arm: true,
            flag: Some(valued("polls", "N")),
            enter: |given, draft| {
                let (each, clients) = (given.nonzero(), draft.setup.clients);
                let polls = NonZeroU64::from(each).saturating_mul(clients.into());
                set(&mut draft.setup.polls, polls)
            },
            ..FIELD
        },
        Key {
            name: "total-polls",
            kind: Kind::Integer(1, crate::load::MOST_POLLS.cast_signed()),
            doc: "Polls of all clients together. Not together with `polls`.",
            flag: Some(valued("total-polls", "N")),
            hint: "for example total-polls = 500",
            enter: |given, draft| set(&mut draft.setup.polls, given.nonzero().into()),
            ..FIELD
        },
        Key {
            name: "cadence",
            kind: Kind::Choice(CADENCES),
            default: "lockstep",
            doc: "Layout of the polls in time.",
            in_arm: true,
            flag: Some(valued("cadence", "CADENCE")),
            enter: |given, draft| {
                set(&mut draft.setup.cadence, given.one_of(&crate::load::CADENCES, Cadence::name))
            },
            ..FIELD
        },
        Key {
            name: "interval",
            kind: Kind::Duration(Duration::from_millis(1), Duration::from_secs(3_600)),
            default: "1s",
            doc: "Time between two polls of one client: real in an open loop; virtual where clients \
                  honour freshness or obey Poll-Interval, so that nothing waits and a run repeats to \
                  the byte.",
            flag: Some(valued("interval", "TIME")),
            enter: |given, draft| {
                draft.interval = given.duration();
                if let Cadence::OpenLoop { interval, .. } = &mut draft.setup.cadence {
                    *interval = draft.interval;
                }
                Ok(())
            },
            ..FIELD
        },
        Key {
            name: "jitter",
            kind: Kind::Number(0.0, 1.0),
            default: "0.1",
            doc: "Open loop only: share of the interval by which a poll may be early or late.",
            flag: Some(valued("jitter", "SHARE")),
            hint: "it is a share of the interval: jitter = 0.1 is 10 % early or late",
            enter: |given, draft| {
                if let Cadence::OpenLoop { jitter, .. } = &mut draft.setup.cadence {
                    *jitter = given.float();
                }
                Ok(())
            },
            ..FIELD
        },
        Key {
            name: "seed",
            kind: Kind::Natural,
            default: "42",
            doc: "Seed of every random choice.",
            flag: Some(valued("seed", "N")),
            enter: |given, draft| set(&mut draft.setup.seed, given.natural()),
            ..FIELD
        },
        Key {
            name: "connections",
            kind: Kind::Integer(1, 10_000),
            default: "64",
            doc: "Most connections that the clients share; never more than one for each client.",
            in_arm: true,
            flag: Some(valued("connections", "N")),
            // A connection more than there are clients would never be used.
            enter: |given, draft| {
                let clients = draft.setup.clients;
                set(&mut draft.setup.connections, given.nonzero().min(clients))
            },
            ..FIELD
        },
        Key {
            name: "timeout",
            kind: Kind::Duration(Duration::from_millis(1), Duration::from_secs(600)),
            default: "5s",
            doc: "Time limit of one poll.",
            flag: Some(valued("timeout", "TIME")),
            enter: |given, draft| set(&mut draft.setup.timeout, given.duration()),
            ..FIELD
        },
        Key {
            name: "accept-encoding",
            kind: Kind::Texts,
            doc: "Accept-Encoding of the clients, such as gzip: the first client sends the first \
                  entry, the next one the second, and so on in turn; `identity` alone, or an empty \
                  one, sends none.",
            in_arm: true,
            flag: Some(valued("accept-encoding", "CODINGS")),
            enter: |given, draft| {
                set(&mut draft.setup.fields.accept_encoding, crate::load::accept_encoding(given)?)
            },
            ..FIELD
        },
        Key {
            name: "validate",
            kind: Kind::Choice(VALIDATORS),
            default: "etag",
            doc: "Validators that clients send back.",
            in_arm: true,
            flag: Some(valued("validate", "VALIDATOR")),
            enter: |given, draft| {
                set(&mut draft.setup.caching.validate, given.one_of(&Validate::ALL, Validate::name))
            },
            ..FIELD
        },
        Key {
            name: "honour-freshness",
            kind: Kind::Bool,
            default: "false",
            doc: "Whether clients use a stored response without asking while it is fresh (max-age, \
                  Expires, Age, no-cache) and keep none with no-store; otherwise they ignore \
                  Cache-Control.",
            in_arm: true,
            flag: Some(switch("honour-freshness")),
            enter: |given, draft| set(&mut draft.setup.caching.honour_freshness, given.is_true()),
            ..FIELD
        },
        Key {
            name: "interrupt-at",
            kind: Kind::Share,
            doc: "Share of the content after which each client hangs up in every download, to resume \
                  it with Range and If-Range. Without it: downloads are not interrupted.",
            in_arm: true,
            flag: Some(valued("interrupt-at", "SHARE")),
            hint: "it is a share of the content: interrupt-at = 0.5 hangs up in the middle",
            enter: |given, draft| set(&mut draft.interrupt_at, Some(given.float())),
            ..FIELD
        },
        Key {
            name: "if-range",
            kind: Kind::Choice(IF_RANGES),
            doc: "Tags with which interrupted downloads are resumed. Without it: any.",
            in_arm: true,
            flag: Some(valued("if-range", "TAGS")),
            enter: |given, draft| {
                set(&mut draft.if_range, Some(given.one_of(&IfRange::ALL, IfRange::name)))
            },
            ..FIELD
        },
        Key {
            name: "on-error",
            kind: Kind::Choice(ON_ERRORS),
            doc: "What clients do with what they have stored when a poll fails; the result then shows \
                  what became of it. Without it: they keep it.",
            in_arm: true,
            flag: Some(valued("on-error", "CHOICE")),
            enter: |given, draft| {
                set(&mut draft.setup.on_error, Some(given.one_of(&OnError::ALL, OnError::name)))
            },
            ..FIELD
        },
        Key {
            name: "obey-poll-interval",
            kind: Kind::Bool,
            default: "false",
            doc: "Whether clients poll no sooner than Poll-Interval (milliseconds) allows, and not at \
                  all after -1; otherwise they ignore it.",
            in_arm: true,
            flag: Some(switch("obey-poll-interval")),
            enter: |given, draft| set(&mut draft.setup.obey_poll_interval, given.is_true()),
            ..FIELD
        },
    ],
};
