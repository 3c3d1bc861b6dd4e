//! What is a date, and what it is compared with.

use crate::reference::reason::{Reason, apache, nginx};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        title: "What is not a date, to the letter, is ignored.",
        sections: "§13.1.3, §13.1.4, §5.6.7",
        why: "Both sections say that a recipient must. The others read dates leniently, \
              whatever follows them or names another zone, and nginx takes what it cannot \
              read for a date before all others. That a weekday which contradicts its date makes \
              it no date is our reading of §5.6.7.",
        differences: &[
            nginx(
                "200",
                "304",
                &[
                    "ims-utc",
                    "ims-offset",
                    "ims-est",
                    "ims-no-zone",
                    "ims-length-parameter",
                    "ims-quoted",
                    "ims-two-dates",
                    "ims-wrong-weekday",
                ],
            ),
            nginx(
                "200",
                "412",
                &[
                    "ius-garbage",
                    "ius-empty",
                    "ius-iso-8601",
                    "ius-zero",
                    "ius-utc",
                    "ius-offset",
                    "ius-two-digit-year",
                    "ius-30-february",
                    "ius-tag",
                ],
            ),
            apache(
                "200",
                "304",
                &[
                    "ims-utc",
                    "ims-offset",
                    "ims-est",
                    "ims-length-parameter",
                    "ims-quoted",
                    "ims-two-dates",
                    "ims-wrong-weekday",
                    "ims-one-digit-day",
                ],
            ),
            apache("200", "412", &["ius-utc", "ius-offset"]),
        ],
    },
    Reason {
        title: "`If-Modified-Since` is answered 304 for every date since the last change.",
        sections: "§13.1.3",
        why: "Not only for the very date of `Last-Modified`, which is what nginx compares with \
              (`if_modified_since exact`).",
        differences: &[nginx("304", "200", &["ims-newer-1s", "ims-now"])],
    },
    Reason {
        title: "A date before 1970 is a date.",
        sections: "§13.1.4",
        why: "It lies before every change, so `If-Unmodified-Since` is false. Apache ignores it, \
              and the first second of 1970 with it.",
        differences: &[
            apache("412", "200", &["ius-epoch", "ius-before-1970"]),
            apache("412", "204", &["put-ius-before-1970"]),
        ],
    },
    Reason {
        title: "A year of two digits lies at most fifty years ahead.",
        sections: "§5.6.7",
        why: "And so may lie 49 years ahead. Both others have a fixed century for each pair of \
              digits.",
        differences: &[
            nginx("200", "412", &["ius-850-in-49-years"]),
            apache("200", "412", &["ius-850-in-49-years"]),
        ],
    },
];
