//! Faults of representations: codings, fields, contents, dates, and whatever stands before servers.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use super::super::cache::Cache;
use super::super::deployment::World;
use super::super::site::{CodedTag, Failure, Follows, Head, Ranges, TagForm, Times, Vary};
use super::tags::several;
use super::{FaultKind, Harms, all, one, some, undisguised};

pub(crate) const KINDS: &[FaultKind] = &[
    FaultKind {
        name: "tag stripped when compressed",
        apply: |world, random| some(world, random, |site| site.coded_tag = CodedTag::Stripped),
        named: &["stripped-when-compressed", "no-validator"],
        harms: Harms::Others,
        ..CODING
    },
    FaultKind {
        name: "suffix not understood",
        apply: |world, random| {
            some(world, random, |site| {
                site.coded_tag = CodedTag::Suffixed { is_understood: false }
            });
        },
        // A cache that compares by itself may have asked for the compressed one once.
        disguise: |world| {
            all(world, |site| site.coded_tag = CodedTag::Suffixed { is_understood: true });
        },
        named: &["suffix-not-understood", "conditionals-ignored", "node-local-tag"],
        ..CODING
    },
    FaultKind {
        name: "strong tag shared by codings",
        apply: |world, _| {
            all(world, |site| (site.coded_tag, site.is_weak) = (CodedTag::Kept, false));
        },
        named: &["shared-tag-across-codings"],
        harms: Harms::Others,
        ..CODING
    },
    FaultKind {
        name: "Vary missing",
        // No shared cache keeps what is private.
        prepare: |world, _| {
            all(world, |site| {
                (site.codings, site.cache_control) = (&["br", "gzip"], Some("max-age=5"));
            });
        },
        apply: |world, random| some(world, random, |site| site.vary = Vary::Missing),
        named: &["missing-vary"],
        harms: Harms::Others,
        ..CODING
    },
    other("Vary: *", &["revalidation-moot"], |world, random| {
        some(world, random, |site| site.vary = Vary::Star);
    }),
    other("no-store", &["revalidation-moot"], |world, random| {
        some(world, random, |site| site.cache_control = Some("no-store"));
    }),
    other(
        "one tag for two languages",
        &["shared-tag-across-contents", "tag-follows-request"],
        |world, _| {
            all(world, |site| {
                site.tag = TagForm::Version { is_frozen: false };
                let field = "accept-language";
                site.follows = Some(Follows { field, is_of_content: true, is_in_vary: true });
            });
        },
    ),
    FaultKind {
        prepare: |world, _| all(world, |site| (site.tag, site.follows) = (TagForm::Sha1, None)),
        ..other("tag follows a cookie silently", &["tag-follows-request"], |world, _| {
            all(world, |site| {
                site.follows =
                    Some(Follows { field: "cookie", is_of_content: false, is_in_vary: false });
            });
        })
    },
    // A tag that HEAD leaves out may be left out.
    other("HEAD differs", &["head-differs"], |world, random| {
        some(world, random, |site| site.head = Head::OtherTag);
    }),
    FaultKind {
        prepare: |world, _| all(world, |site| site.ranges = Ranges::Right),
        ..other("If-Range ignored", &["if-range-ignored"], |world, random| {
            some(world, random, |site| site.ranges = Ranges::Blind);
        })
    },
    content("host in the content", &["content-differs-per-replica"], |world, _| {
        all(world, |site| {
            (site.tag, site.content.has_host) = (TagForm::Md5, true);
        });
    }),
    content(
        "host in the content under one tag",
        &["shared-tag-across-contents", "content-differs-per-replica"],
        |world, _| {
            all(world, |site| {
                site.tag = TagForm::Version { is_frozen: false };
                site.content.has_host = true;
            });
        },
    ),
    content("unordered content", &["node-local-tag", "content-differs-per-replica"], |world, _| {
        all(world, |site| {
            (site.tag, site.content.is_unordered) = (TagForm::Md5, true);
        });
    }),
    FaultKind {
        prepare: |_, _| {},
        harms: Harms::Others,
        ..content("token in the content", &["content-changing"], |world, _| {
            all(world, |site| {
                (site.tag, site.content.has_nonce) = (TagForm::Md5, true);
            });
        })
    },
    FaultKind {
        prepare: |_, _| {},
        harms: Harms::Others,
        ..content("token under one strong tag", &["shared-tag-across-contents"], |world, _| {
            all(world, |site| {
                (site.tag, site.is_weak) = (TagForm::Version { is_frozen: false }, false);
                site.content.has_nonce = true;
            });
        })
    },
    FaultKind {
        prepare: |_, _| {},
        harms: Harms::Nobody,
        ..content("token under one weak tag", &["shared-tag-across-contents"], |world, _| {
            all(world, |site| {
                (site.tag, site.is_weak) = (TagForm::Version { is_frozen: false }, true);
                site.content.has_nonce = true;
            });
        })
    },
    FaultKind {
        prepare: |_, _| {},
        harms: Harms::Nobody,
        ..content("clock in the content", &["content-changing"], |world, _| {
            all(world, |site| {
                (site.tag, site.content.has_clock) = (TagForm::Md5, true);
            });
        })
    },
    FaultKind {
        prepare: |_, _| {},
        ..content("clock under one tag", &["shared-tag-across-contents"], |world, _| {
            all(world, |site| {
                site.tag = TagForm::Version { is_frozen: false };
                site.content.has_clock = true;
            });
        })
    },
    // Tags decide where they are sent: else polls feel it.
    FaultKind {
        harms: Harms::Nobody,
        ..content("dates of copies beside tags", &["last-modified-differs"], |world, _| {
            all(world, |site| {
                (site.tag, site.is_dated) = (TagForm::Sha1, true);
                site.times = Times::PerCopy { seconds: 900 };
            });
        })
    },
    content("dates of copies alone", &["last-modified-differs"], |world, _| {
        all(world, |site| {
            (site.tag, site.is_dated) = (TagForm::None, true);
            site.times = Times::PerCopy { seconds: 900 };
        });
    }),
    content("dates of starts alone", &["last-modified-differs", "date-implausible"], |world, _| {
        all(world, |site| {
            (site.tag, site.is_dated, site.times) = (TagForm::None, true, Times::Started);
        });
    }),
    date("date of the clock alone", &["date-implausible", "last-modified-differs"], |world, _| {
        all(world, |site| {
            (site.tag, site.is_dated, site.times) = (TagForm::None, true, Times::Now);
        });
    }),
    FaultKind {
        harms: Harms::Nobody,
        ..date(
            "date of the clock beside tags",
            &["date-implausible", "last-modified-differs"],
            |world, _| {
                all(world, |site| {
                    (site.tag, site.is_dated, site.times) = (TagForm::Sha1, true, Times::Now);
                });
            },
        )
    },
    FaultKind {
        harms: Harms::Others,
        ..date("constant date alone", &["date-implausible"], |world, _| {
            all(world, |site| {
                (site.tag, site.is_dated) = (TagForm::None, true);
                site.times = Times::Constant(315_532_800);
            });
        })
    },
    FaultKind {
        harms: Harms::Nobody,
        ..date("date to come", &["date-implausible"], |world, _| {
            all(world, |site| {
                (site.is_dated, site.times) = (true, Times::Future);
            });
        })
    },
    other("cache that ignores conditions", &["conditionals-ignored"], |world, _| {
        world.cache = Some(Cache { milliseconds: 60_000, reads_conditions: false, is_named: true });
    }),
    failing("one replica fails", |world, random| {
        one(world, random, |site| site.failure = Failure::Status(500));
    }),
    failing("one replica knows nothing", |world, random| {
        one(world, random, |site| site.failure = Failure::Status(404));
    }),
    failing("one replica cuts", |world, random| {
        one(world, random, |site| site.failure = Failure::Cut);
    }),
    failing("one replica is late", |world, random| {
        one(world, random, |site| site.failure = Failure::Slow);
    }),
    FaultKind {
        prepare: |_, _| {},
        ..failing("all fail between", |world, random| {
            let requests = random.random_range(3..7);
            all(world, |site| site.failure = Failure::Between { requests });
        })
    },
    FaultKind {
        prepare: |_, _| {},
        ..failing("all fail", |world, _| all(world, |site| site.failure = Failure::Status(503)))
    },
];

const CODING: FaultKind = FaultKind {
    name: "",
    prepare: |world, _| all(world, |site| site.codings = &["br", "gzip"]),
    apply: |_, _| {},
    disguise: undisguised,
    named: &[],
    harms: Harms::Polls,
    causes: &[],
};

const fn other(
    name: &'static str,
    named: &'static [&'static str],
    apply: fn(&mut World, &mut Pcg64Mcg),
) -> FaultKind {
    FaultKind {
        name,
        prepare: |_, _| {},
        apply,
        disguise: undisguised,
        named,
        harms: Harms::Others,
        causes: &[],
    }
}

/// Faults of contents, felt where replicas have different ones.
const fn content(
    name: &'static str,
    named: &'static [&'static str],
    apply: fn(&mut World, &mut Pcg64Mcg),
) -> FaultKind {
    FaultKind { prepare: several, harms: Harms::Polls, ..other(name, named, apply) }
}

const fn date(
    name: &'static str,
    named: &'static [&'static str],
    apply: fn(&mut World, &mut Pcg64Mcg),
) -> FaultKind {
    FaultKind { harms: Harms::Polls, ..other(name, named, apply) }
}

const fn failing(name: &'static str, apply: fn(&mut World, &mut Pcg64Mcg)) -> FaultKind {
    FaultKind {
        prepare: several,
        harms: Harms::Polls,
        ..other(name, &["inconclusive", "match-misanswered"], apply)
    }
}
