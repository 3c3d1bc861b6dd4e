//! Which bytes are sent, and how a part says which it is.

use crate::reference::reason::{Reason, apache, nginx};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        title: "Only GET has ranges.",
        sections: "§14.2",
        why: "A server must ignore `Range` where the method does not define it, and HEAD does \
              not.",
        differences: &[
            nginx("200", "206", &["head-range", "head-range-two", "head-ir-current"]),
            nginx("200", "416", &["head-range-beyond"]),
            apache("200", "206", &["head-range", "head-range-two", "head-ir-current"]),
            apache("200", "416", &["head-range-beyond"]),
        ],
    },
    Reason {
        title: "A position beyond the end means the end, however many digits it has.",
        sections: "§14.1.2",
        why: "A number that does not fit into 64 bits is a large one, and not a malformed one.",
        differences: &[
            nginx(
                "206",
                "416",
                &["range-last-64-bit", "range-last-30-digits", "range-suffix-30-digits"],
            ),
            apache(
                "206",
                "200",
                &["range-last-64-bit", "range-last-30-digits", "range-suffix-30-digits"],
            ),
            apache("416", "200", &["range-first-30-digits"]),
        ],
    },
    Reason {
        title: "A date that several codings share does not tell them apart.",
        sections: "§8.8.1, §13.1.5",
        why: "The file has one date, whether it is sent with gzip or without: a weak validator, and \
              `If-Range` with it is false. Where no coding is on offer, the same date is answered \
              with 206.",
        differences: &[
            nginx("200", "206", &["ir-date", "ir-date-850", "ir-date-asctime"]),
            apache("200", "206", &["ir-date", "ir-date-850", "ir-date-asctime"]),
        ],
    },
    Reason {
        title: "The last zero bytes cannot be sent.",
        sections: "§14.1.2",
        why: "A suffix is satisfiable if it is not zero, and otherwise 416 like any other range \
              of which nothing exists. To ignore it, as Apache does, is allowed.",
        differences: &[apache("416", "200", &["range-suffix-0"])],
    },
    Reason {
        title: "Empty members and white space around members are passed over.",
        sections: "§5.6.1.2, §14.1.1",
        why: "A range set is a list like all others. One space more, before the first member, is \
              read with the same leniency.",
        differences: &[
            nginx("206", "416", &["range-empty-members"]),
            apache(
                "206",
                "200",
                &["range-empty-members", "range-two-spaces", "range-space-after-equals"],
            ),
        ],
    },
    Reason {
        title: "A set with a malformed member is ignored as a whole.",
        sections: "§14.2",
        why: "A server may ignore it or reject it. Who asks in a language of his own is best \
              served with everything, and an inverted range is invalid, not unsatisfiable.",
        differences: &[
            nginx(
                "200",
                "416",
                &[
                    "range-inverted",
                    "range-one-malformed",
                    "range-comma-only",
                    "range-dash-only",
                    "range-no-dash",
                    "range-two-dashes",
                    "range-letters",
                    "range-hexadecimal",
                    "range-plus",
                    "range-fraction",
                    "range-semicolon",
                    "range-star",
                ],
            ),
            nginx("200", "206", &["range-one-inverted", "range-inner-spaces"]),
        ],
    },
    Reason {
        title: "Ranges that overlap, or more than sixteen, are answered with the whole.",
        sections: "§14.2, §17.15",
        why: "No client that wants each byte once asks like that. `Range` may be ignored at any \
              time, and ought to be where ranges overlap or are many and small.",
        differences: &[
            nginx("200", "206", &["range-overlapping", "range-same-twice"]),
            apache(
                "200",
                "206",
                &[
                    "range-overlapping",
                    "range-same-twice",
                    "range-whole-twice",
                    "range-hundred-wholes",
                ],
            ),
        ],
    },
    Reason {
        title: "Each range that is asked for is a part of its own.",
        sections: "§15.3.7.2",
        why: "A server may coalesce those that touch, as Apache does; a client that asked for two \
              gets two.",
        differences: &[
            apache("no Content-Range", "Content-Range: bytes 0-19/8192", &["range-adjacent"]),
            apache("2 parts", "20 bytes", &["range-adjacent"]),
        ],
    },
    Reason {
        title: "A 416 says how long the representation is.",
        sections: "§15.5.17, §14.4",
        why: "Else the client cannot ask again for something that exists. It is a SHOULD.",
        differences: &[
            apache(
                "Content-Range: bytes */8192",
                "no Content-Range",
                &[
                    "range-beyond",
                    "range-beyond-closed",
                    "range-far-beyond",
                    "range-all-beyond",
                    "ir-current-beyond",
                ],
            ),
            apache("Content-Range of the gzip coding", "no Content-Range", &["gzip-range-beyond"]),
        ],
    },
];
