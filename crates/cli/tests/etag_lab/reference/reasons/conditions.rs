//! `If-Match` and `If-None-Match`, and the order of preconditions.

use crate::reference::reason::{Reason, apache, nginx};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        title: "`If-None-Match` switches `If-Modified-Since` off, in both directions.",
        sections: "§13.1.3",
        why: "A recipient must ignore the date where there is a list of tags. Both others want \
              both to agree before they say 304, so a client that sends both pays for every \
              deploy that touches the file.",
        differences: &[
            nginx(
                "304",
                "200",
                &["inm-current-ims-older", "inm-star-ims-older", "inm-current-ims-garbage"],
            ),
            apache(
                "304",
                "200",
                &["inm-current-ims-older", "inm-star-ims-older", "inm-current-ims-garbage"],
            ),
        ],
    },
    Reason {
        title: "`If-Match` switches `If-Unmodified-Since` off.",
        sections: "§13.1.4, §13.2.2 step 2",
        why: "The same, for writers: the date is for servers that do not know the tag.",
        differences: &[
            nginx(
                "200",
                "412",
                &[
                    "im-current-ius-older",
                    "ius-older-im-current",
                    "im-star-ius-older",
                    "all-four-200",
                ],
            ),
            nginx("304", "412", &["all-four-304"]),
            apache(
                "200",
                "412",
                &[
                    "im-current-ius-older",
                    "ius-older-im-current",
                    "im-star-ius-older",
                    "all-four-200",
                ],
            ),
            apache("304", "412", &["all-four-304"]),
            apache("204", "412", &["put-im-current-ius-older"]),
        ],
    },
    Reason {
        title: "A condition that holds does not end the evaluation.",
        sections: "§13.2.2",
        why: "After a true `If-Unmodified-Since` comes `If-None-Match` or `If-Modified-Since`, and \
              only after those a range. Apache stops at the first, and lets a true `If-Range` \
              win over `If-None-Match`.",
        differences: &[
            apache("304", "200", &["ius-current-inm-current", "ius-current-ims-current"]),
            apache("304", "206", &["inm-current-if-range"]),
        ],
    },
    Reason {
        title: "A list may stand on several lines.",
        sections: "§5.3",
        why: "They are one list, in their order. nginx refuses the second line.",
        differences: &[
            nginx(
                "304",
                "400",
                &["inm-lines-last", "inm-lines-first", "inm-lines-apart", "inm-lines-empty-first"],
            ),
            nginx(
                "200",
                "400",
                &["inm-lines-without", "inm-star-two-lines", "im-lines-last", "im-lines-first"],
            ),
            nginx("412", "400", &["im-lines-without"]),
            nginx("204", "400", &["put-im-lines"]),
        ],
    },
    Reason {
        title: "A single value that stands on two lines is ignored.",
        sections: "§5.3, §13.1.5, §14.2",
        why: "Which of the two is meant, nobody can know, and without the field the answer is \
              right in any case: the whole content. What a server does is left open.",
        differences: &[
            nginx("200", "400", &["ims-two-lines", "ius-two-lines", "ir-two-lines"]),
            nginx("200", "206", &["range-two-lines"]),
            apache("200", "304", &["ims-two-lines"]),
            apache("200", "412", &["ius-two-lines"]),
        ],
    },
    Reason {
        title: "`*` is a field value, and no member of a list.",
        sections: "§13.1.1, §13.1.2",
        why: "Beside anything else it is malformed, and a malformed field earns neither a 304 nor \
              a change. What a server does is left open.",
        differences: &[
            apache("200", "304", &["inm-star-in-list", "inm-star-two-lines", "inm-two-stars"]),
            apache("412", "200", &["im-star-in-list"]),
        ],
    },
    Reason {
        title: "A tag ends at its next quote; a backslash escapes nothing.",
        sections: "§8.8.3",
        why: "An entity tag is no quoted string. Apache takes `\"x\\\"` to go on.",
        differences: &[
            apache("304", "200", &["inm-backslash"]),
            apache("200", "412", &["im-backslash"]),
        ],
    },
    Reason {
        title: "Every member of a list is compared.",
        sections: "§13.1.1, §5.6.1.2",
        why: "Also after one that is weak, which a strong comparison just does not match. And \
              also after one that is malformed: that is left open, but the client did name what \
              it has.",
        differences: &[
            apache("200", "412", &["im-list-weak-and-strong", "im-junk-then-current"]),
            apache("304", "200", &["inm-junk-then-current", "inm-unterminated-then-current"]),
        ],
    },
    Reason {
        title: "White space around a value is no part of it.",
        sections: "§5.5",
        why: "A tab neither, which nginx leaves standing.",
        differences: &[nginx("304", "200", &["inm-star-spaces", "inm-spaces-around"])],
    },
];
