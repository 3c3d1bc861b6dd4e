//! Faults of tags: made of what belongs to a process, a copy or a response.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use super::super::deployment::{Change, World};
use super::super::site::{CodedTag, Fresh, TagForm, Times, Unit, WarmUp};
use super::{FaultKind, Harms, all, one, undisguised};

const NODE_LOCAL: &[&str] = &["node-local-tag"];
const PROCESS: &[&str] = &["process", "unknown"];

pub(crate) const KINDS: &[FaultKind] = &[
    of_process("salted tag", |world, _| all(world, |site| site.tag = TagForm::Salted)),
    of_process("counted tag", |world, _| all(world, |site| site.tag = TagForm::Counter)),
    of_process("tag of the start", |world, random| {
        let units = [Unit::Seconds, Unit::Millis, Unit::HexNanos];
        let unit = units[random.random_range(0..units.len())];
        all(world, |site| site.tag = TagForm::Started(unit));
    }),
    of_process("tag of the host", |world, _| all(world, |site| site.tag = TagForm::Host)),
    of_process("random tag of each process", |world, _| {
        all(world, |site| site.tag = TagForm::Uuid);
    }),
    FaultKind {
        name: "tag of inodes",
        apply: |world, random| {
            let same_time = random.random_range(0..2) == 0;
            all(world, |site| {
                site.tag = TagForm::Httpd { has_inode: true };
                site.times =
                    if same_time { Times::Shared } else { Times::PerCopy { seconds: 900 } };
            });
        },
        causes: &["inode", "unknown"],
        ..TAG
    },
    FaultKind {
        name: "tag of modification times",
        apply: |world, random| {
            let forms = [TagForm::Nginx, TagForm::ExpressFile, TagForm::Httpd { has_inode: false }];
            let form = forms[random.random_range(0..forms.len())];
            let seconds = [2, 60, 86_400][random.random_range(0..3)];
            all(world, |site| (site.tag, site.times) = (form, Times::PerCopy { seconds }));
        },
        causes: &["mtime", "unknown"],
        ..TAG
    },
    FaultKind {
        name: "hash of modification times",
        apply: |world, _| {
            all(world, |site| {
                (site.tag, site.times) = (TagForm::HashOfTime, Times::PerCopy { seconds: 900 });
            });
        },
        causes: &["mtime", "process", "unknown"],
        ..TAG
    },
    FaultKind {
        name: "another form of tag at one replica",
        prepare: |world, random| {
            several(world, random);
            all(world, |site| site.tag = TagForm::Md5);
        },
        apply: |world, random| one(world, random, |site| site.tag = TagForm::Sha256Cut),
        disguise: |world| {
            all(world, |site| site.tag = TagForm::Sha256Cut);
        },
        causes: PROCESS,
        ..TAG
    },
    FaultKind {
        name: "no tag at one replica",
        apply: |world, random| one(world, random, |site| site.tag = TagForm::None),
        named: &["no-validator"],
        ..TAG
    },
    FaultKind {
        name: "no validator",
        prepare: |_, _| {},
        apply: |world, _| {
            all(world, |site| (site.tag, site.is_dated) = (TagForm::None, false));
        },
        named: &["no-validator"],
        ..TAG
    },
    FaultKind {
        name: "tag of each response",
        prepare: |_, _| {},
        apply: |world, random| {
            let sources = [Fresh::Random, Fresh::Clock, Fresh::Requests];
            let source = sources[random.random_range(0..sources.len())];
            all(world, |site| site.tag = TagForm::PerResponse(source));
        },
        causes: PROCESS,
        ..TAG
    },
    FaultKind {
        name: "tag that expires",
        prepare: |_, _| {},
        apply: |world, random| {
            let milliseconds = [1_000, 3_000, 7_000][random.random_range(0..3)];
            all(world, |site| site.tag = TagForm::Expiring { milliseconds });
        },
        // One that has not expired yet is like a version.
        disguise: |world| {
            all(world, |site| site.tag = TagForm::Expiring { milliseconds: u64::MAX });
        },
        causes: PROCESS,
        ..TAG
    },
    FaultKind {
        name: "salted tag and a restart",
        prepare: |_, _| {},
        apply: |world, random| {
            all(world, |site| site.tag = TagForm::Salted);
            world.restart = Some(random.random_range(1_000..6_000));
        },
        harms: Harms::Nobody,
        causes: PROCESS,
        ..TAG
    },
    FaultKind {
        name: "frozen tag and a change",
        prepare: |world, random| {
            all(world, |site| site.tag = TagForm::Version { is_frozen: false });
            let at = random.random_range(500..5_000);
            world.changes.insert(0, Change { at, stagger: 0 });
        },
        apply: |world, _| all(world, |site| site.tag = TagForm::Version { is_frozen: true }),
        named: &["shared-tag-across-contents"],
        ..TAG
    },
    FaultKind {
        name: "tag of the size alone",
        prepare: |_, _| {},
        apply: |world, _| {
            all(world, |site| {
                site.tag = TagForm::Size;
                site.content.grows = false;
            });
        },
        named: &["date-implausible", "shared-tag-across-contents"],
        harms: Harms::Others,
        ..TAG
    },
    FaultKind {
        name: "tag of a constant time",
        prepare: |_, _| {},
        apply: |world, random| {
            let seconds = [1, 315_532_800, 499_162_500][random.random_range(0..3)];
            all(world, |site| {
                (site.tag, site.times, site.is_dated) =
                    (TagForm::Nginx, Times::Constant(seconds), true);
                site.content.grows = false;
            });
        },
        named: &["date-implausible", "shared-tag-across-contents"],
        harms: Harms::Others,
        ..TAG
    },
    FaultKind {
        name: "tag of the clock in its date",
        prepare: |_, _| {},
        apply: |world, _| {
            all(world, |site| {
                (site.tag, site.times, site.is_dated) = (TagForm::Nginx, Times::Now, true);
            });
        },
        named: &["node-local-tag", "date-implausible"],
        causes: &["process", "unknown", "mtime"],
        ..TAG
    },
    FaultKind {
        name: "first answers without a tag",
        prepare: |_, _| {},
        apply: |world, random| {
            let answers = random.random_range(1..4);
            all(world, |site| site.warm_up = WarmUp::Untagged(answers));
        },
        // Behind a cache the first answers may be all that was met.
        disguise: |world| all(world, |site| site.tag = TagForm::None),
        named: &["warm-up", "no-validator"],
        harms: Harms::Nobody,
        ..TAG
    },
    FaultKind {
        name: "another tag at first",
        prepare: |_, _| {},
        apply: |world, _| all(world, |site| site.warm_up = WarmUp::OtherTag),
        named: &["warm-up", "node-local-tag"],
        harms: Harms::Nobody,
        ..TAG
    },
    FaultKind {
        name: "tags of compressed copies at one replica",
        prepare: |world, random| {
            several(world, random);
            all(world, |site| (site.codings, site.coded_tag) = (&["gzip"], CodedTag::Own));
        },
        apply: |world, random| one(world, random, |site| site.coded_tag = CodedTag::Weakened),
        // The odd one may be all that was met since a change.
        disguise: |world| {
            all(world, |site| site.coded_tag = CodedTag::Weakened);
        },
        named: &["node-local-tag", "suffix-not-understood"],
        ..TAG
    },
];

const TAG: FaultKind = FaultKind {
    name: "",
    prepare: several,
    apply: |_, _| {},
    disguise: undisguised,
    named: NODE_LOCAL,
    harms: Harms::Polls,
    causes: &[],
};

const fn of_process(name: &'static str, apply: fn(&mut World, &mut Pcg64Mcg)) -> FaultKind {
    FaultKind { name, apply, causes: PROCESS, ..TAG }
}

/// Makes sure of several replicas.
pub(super) fn several(world: &mut World, random: &mut Pcg64Mcg) {
    if world.sites.len() == 1 && random.random_range(0..8) > 0 {
        world.sites.push(world.sites[0].clone());
        let mut other = world.processes[0];
        other.id = 1;
        other.salt = other.salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        other.started += 3_141;
        other.inode += 17;
        other.counted += 5;
        other.delay += 90_061;
        world.processes.push(other);
    }
}
