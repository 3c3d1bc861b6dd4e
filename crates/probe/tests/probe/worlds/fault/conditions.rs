//! Faults of conditions: a validator that is right and treated wrongly.

use rand::RngExt as _;

use super::super::site::{Both, ByDate, ByTag, CodedTag, NotModified, OnMatch, TagForm, Times};
use super::{FaultKind, Harms, all, some, undisguised};

const IGNORED: &[&str] = &["conditionals-ignored"];

pub(crate) const KINDS: &[FaultKind] = &[
    FaultKind {
        name: "If-None-Match ignored",
        apply: |world, random| some(world, random, |site| site.by_tag = ByTag::Ignored),
        ..CONDITION
    },
    FaultKind {
        name: "all conditions ignored",
        apply: |world, random| {
            some(world, random, |site| {
                (site.by_tag, site.by_date) = (ByTag::Ignored, ByDate::Ignored);
            });
        },
        ..CONDITION
    },
    FaultKind {
        name: "conditions ignored when compressed",
        prepare: |world, _| all(world, |site| site.codings = &["gzip", "br"]),
        apply: |world, random| some(world, random, |site| site.by_tag = ByTag::IgnoredWhenCoded),
        named: &["conditionals-ignored", "suffix-not-understood", "weakened-in-transit"],
        ..CONDITION
    },
    FaultKind {
        name: "weak tags never match",
        prepare: |world, random| {
            let is_weak = random.random_range(0..2) == 0;
            all(world, |site| {
                site.is_weak = is_weak;
                site.codings = &["gzip"];
                site.coded_tag = CodedTag::Weakened;
            });
        },
        apply: |world, random| some(world, random, |site| site.by_tag = ByTag::Strongly),
        named: &["conditionals-ignored", "weakened-in-transit", "suffix-not-understood"],
        ..CONDITION
    },
    FaultKind {
        name: "lists not understood",
        apply: |world, _| all(world, |site| site.reads_lists = false),
        named: &["list-not-understood"],
        harms: Harms::Others,
        ..CONDITION
    },
    FaultKind {
        name: "the date decides",
        prepare: |world, _| all(world, |site| site.is_dated = true),
        apply: |world, random| {
            let both = [Both::DateDecides, Both::Either][random.random_range(0..2)];
            all(world, |site| site.both = both);
        },
        named: &["precedence-wrong"],
        harms: Harms::Others,
        ..CONDITION
    },
    FaultKind {
        name: "both must match, dates differ",
        prepare: |world, random| {
            super::tags::several(world, random);
            all(world, |site| site.is_dated = true);
        },
        apply: |world, _| {
            all(world, |site| {
                (site.both, site.times) = (Both::Each, Times::PerCopy { seconds: 900 });
                site.tag = TagForm::Sha1;
            });
        },
        named: &["precedence-wrong", "last-modified-differs"],
        ..CONDITION
    },
    FaultKind {
        name: "tag and date together get a 200",
        prepare: |world, _| all(world, |site| site.is_dated = true),
        apply: |world, random| some(world, random, |site| site.both = Both::Full),
        // Servers that want both to match answer an old date in the same way.
        disguise: |world| {
            all(world, |site| site.both = Both::Each);
        },
        named: &["precedence-wrong", "conditionals-ignored"],
        ..CONDITION
    },
    FaultKind {
        name: "If-Modified-Since ignored, no tag",
        prepare: |world, _| {
            all(world, |site| (site.tag, site.is_dated) = (TagForm::None, true));
        },
        apply: |world, random| some(world, random, |site| site.by_date = ByDate::Ignored),
        named: &["conditionals-ignored", "date-ignored"],
        ..CONDITION
    },
    FaultKind {
        name: "any tag gets a 304",
        apply: |world, random| some(world, random, |site| site.by_tag = ByTag::AnyTag),
        // What reads `*` answers it in the same way.
        disguise: |world| all(world, |site| site.reads_star = true),
        named: &["malformed-304", "unsolicited-304"],
        ..CONDITION
    },
    FaultKind {
        name: "a tag that holds the own one gets a 304",
        apply: |world, random| some(world, random, |site| site.by_tag = ByTag::Holding),
        named: &["malformed-304"],
        harms: Harms::Others,
        ..CONDITION
    },
    FaultKind {
        name: "304 without a condition",
        apply: |world, random| {
            some(world, random, |site| site.not_modified = NotModified::Unasked);
        },
        named: &["malformed-304", "unsolicited-304"],
        ..CONDITION
    },
    FaultKind {
        name: "empty 200 on a match",
        apply: |world, random| some(world, random, |site| site.on_match = OnMatch::Empty),
        ..MATCH
    },
    FaultKind {
        name: "412 on a match",
        apply: |world, random| some(world, random, |site| site.on_match = OnMatch::Status(412)),
        ..MATCH
    },
    FaultKind {
        name: "500 on a match",
        // At one replica of several it is seen once or twice, and looks like one that fails now and then.
        named: &["match-misanswered", "inconclusive"],
        apply: |world, random| some(world, random, |site| site.on_match = OnMatch::Status(500)),
        ..MATCH
    },
    FaultKind {
        name: "304 with content",
        apply: |world, random| {
            some(world, random, |site| site.not_modified = NotModified::HasContent);
        },
        ..NOT_MODIFIED
    },
    FaultKind {
        name: "304 without the tag",
        apply: |world, random| {
            some(world, random, |site| site.not_modified = NotModified::LacksTag);
        },
        harms: Harms::Nobody,
        ..NOT_MODIFIED
    },
    FaultKind {
        name: "304 with another tag",
        apply: |world, random| {
            some(world, random, |site| site.not_modified = NotModified::OtherTag);
        },
        ..NOT_MODIFIED
    },
    FaultKind {
        name: "304 without CORS",
        prepare: |world, _| all(world, |site| site.has_cors = true),
        apply: |world, _| all(world, |site| site.not_modified = NotModified::LacksCors),
        harms: Harms::Others,
        ..NOT_MODIFIED
    },
];

const CONDITION: FaultKind = FaultKind {
    name: "",
    prepare: |_, _| {},
    apply: |_, _| {},
    disguise: undisguised,
    named: IGNORED,
    harms: Harms::Polls,
    causes: &[],
};

const MATCH: FaultKind = FaultKind { named: &["match-misanswered"], ..CONDITION };

const NOT_MODIFIED: FaultKind = FaultKind { named: &["malformed-304"], ..CONDITION };
