//! Which coding is sent, and whose validators it has.

use crate::reference::reason::{Peer, Reason, apache, everywhere, nginx};

const BOTH_304: &str = "that both answer 304";

pub(super) const REASONS: &[Reason] = &[
    Reason {
        title: "`Vary` stands on a 304 as it does on the 200.",
        sections: "§15.4.5",
        why: "A server must send it. nginx and Apache compress in a filter that looks at \
              responses with content only.",
        differences: &[
            everywhere(Peer::Nginx, "Vary", "no Vary", 51, BOTH_304),
            everywhere(Peer::Apache, "Vary", "no Vary", 51, BOTH_304),
        ],
    },
    Reason {
        title: "Each coding has a strong tag of its own, and its tag alone is compared.",
        sections: "§8.8.3.3, §8.8.1, §13.1.1",
        why: "So that a stored gzip content is validated as what it is, can be resumed, and can \
              be named in `If-Match`. nginx weakens the tag and compares the one of the identity \
              coding; Apache writes `-gzip` into it and does not know it again when it comes \
              back: no client that stored gzip gets a 304 for its tag.",
        differences: &[
            nginx(
                "strong ETag",
                "weak ETag",
                &[
                    "ae-gzip",
                    "ae-gzip-upper",
                    "ae-unknown-gzip",
                    "ae-gzip-deflate",
                    "ae-gzip-q1",
                    "ae-gzip-q0.5",
                    "ae-gzip-q0.001",
                    "ae-star-q0-gzip",
                    "ae-identity-q0-gzip",
                    "ae-identity-preferred",
                    "ae-gzip-preferred",
                    "ae-empty-members",
                    "gzip-inm-other",
                    "gzip-ir-identity",
                    "head-gzip",
                ],
            ),
            nginx("200", "304", &["gzip-inm-identity", "identity-inm-gzip"]),
            nginx("200", "412", &["gzip-im-own"]),
            nginx("304", "200", &["gzip-inm-own-weak"]),
            apache("304", "200", &["gzip-inm-own", "gzip-inm-own-weak", "head-gzip-inm-own"]),
            apache("200", "304", &["gzip-inm-identity"]),
            apache("200", "412", &["gzip-im-own"]),
        ],
    },
    Reason {
        title: "A compressed content has ranges as well.",
        sections: "§14.2, §15.3.7",
        why: "Bytes are those of the selected representation, coding included. nginx compresses \
              while it sends, and ignores the field. After an `If-Range` the 206 repeats no \
              `Content-Encoding`, which the client has with its first part.",
        differences: &[
            nginx("206", "200", &["gzip-range", "gzip-ir-own"]),
            nginx("416", "200", &["gzip-range-beyond"]),
            apache("100 bytes", "gzip", &["gzip-ir-own"]),
        ],
    },
    Reason {
        title: "The quality decides, also against gzip.",
        sections: "§12.5.3, §12.4.2",
        why: "`identity, gzip;q=0.5` prefers no coding, `*` allows any, and a name of a parameter \
              has no case: `gzip;Q=0` is a refusal.",
        differences: &[
            nginx("8192 bytes", "gzip", &["ae-identity-preferred"]),
            nginx("gzip", "8192 bytes", &["ae-star"]),
            apache("8192 bytes", "gzip", &["ae-identity-preferred", "ae-gzip-q0-upper"]),
            apache("gzip", "8192 bytes", &["ae-star"]),
        ],
    },
    Reason {
        title: "A malformed weight is a refusal.",
        sections: "§12.4.2",
        why: "Left open; identity is what every client can read.",
        differences: &[apache(
            "8192 bytes",
            "gzip",
            &[
                "ae-gzip-q2",
                "ae-gzip-q-negative",
                "ae-gzip-q-letters",
                "ae-gzip-q-empty",
                "ae-gzip-parameter",
            ],
        )],
    },
    Reason {
        title: "`Accept-Encoding` is a list, and `x-gzip` is gzip.",
        sections: "§5.3, §5.6.1.2, §8.4.1.3",
        why: "On several lines, with empty members, and with the old name, which recipients \
              should treat alike. To send no coding is always allowed.",
        differences: &[
            nginx("gzip", "8192 bytes", &["ae-x-gzip", "ae-two-lines"]),
            apache("gzip", "8192 bytes", &["ae-x-gzip", "ae-empty-members"]),
        ],
    },
];
