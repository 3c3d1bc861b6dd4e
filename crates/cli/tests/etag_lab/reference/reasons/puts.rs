//! What stands between a writer and an update that gets lost.

use crate::reference::reason::{Reason, apache, nginx};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        title: "A PUT is stored only if its preconditions hold.",
        sections: "§13.2.1, §13.1.1, §13.1.2, §13.1.4",
        why: "nginx's WebDAV module evaluates none: every update that `If-Match` should prevent \
              is lost.",
        differences: &[nginx(
            "412",
            "204",
            &[
                "put-im-other",
                "put-im-list-without",
                "put-im-weak",
                "put-im-empty-tag",
                "put-im-comma-in-tag",
                "put-im-empty",
                "put-im-unquoted",
                "put-im-unterminated",
                "put-inm-star",
                "put-inm-current",
                "put-inm-current-weak",
                "put-inm-list",
                "put-ius-older",
                "put-ius-older-850",
                "put-ius-before-1970",
                "put-im-other-ius-current",
                "put-im-current-inm-current",
                "put-im-other-inm-other",
                "put-ius-older-inm-other",
                "put-ius-current-inm-star",
            ],
        )],
    },
    Reason {
        title: "`If-None-Match` compares weakly for every method.",
        sections: "§13.1.2",
        why: "Apache compares strongly where the method is not GET or HEAD.",
        differences: &[apache("412", "204", &["put-inm-current-weak"])],
    },
    Reason {
        title: "`If-Unmodified-Since` is compared with the last change.",
        sections: "§13.1.4",
        why: "Apache's WebDAV module compares with the present time, and refuses every past date.",
        differences: &[apache("204", "412", &["put-ius-current", "put-ius-newer"])],
    },
    Reason {
        title: "A part is not stored as if it were the whole.",
        sections: "§14.5",
        why: "A server that does not support partial updates should answer 400. Apache stores the \
              part, at its position.",
        differences: &[
            nginx("400", "501", &["put-content-range"]),
            apache("400", "204", &["put-content-range"]),
        ],
    },
];
