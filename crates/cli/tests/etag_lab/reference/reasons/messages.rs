//! Request lines, methods, hosts, framing and sizes.

use crate::reference::reason::{Reason, apache, nginx};

pub(super) const REASONS: &[Reason] = &[
    Reason {
        title: "`Host` has to be a host.",
        sections: "RFC 9112 §3.2",
        why: "A server must answer 400 to an invalid value; `user@lab` and `lab:port` are.",
        differences: &[nginx("400", "200", &["host-user", "host-bad-port"])],
    },
    Reason {
        title: "A path is compared octet by octet.",
        sections: "§4.2.3",
        why: "The lab serves one resource at one path and has no folders: to undo dots, double \
              slashes and percent signs is the business of those that have.",
        differences: &[
            nginx("404", "200", &["percent-encoded-letter", "dot-segments", "double-slash"]),
            apache("404", "200", &["percent-encoded-letter", "dot-segments", "double-slash"]),
        ],
    },
    Reason {
        title: "A method that is not known is 501, one that is not allowed is 405.",
        sections: "§9.1, §15.6.2, §15.5.6",
        why: "Also CONNECT and TRACE; a POST has no meaning here, while Apache sends it the file. \
              OPTIONS says what is allowed and has no content (§9.3.7).",
        differences: &[
            nginx("501", "400", &["method-lower"]),
            nginx("501", "405", &["method-unknown"]),
            nginx("405", "400", &["method-connect"]),
            nginx("204", "405", &["method-options", "options-inm-star", "options-im-other"]),
            nginx("204", "400", &["options-star"]),
            apache("405", "200", &["method-post", "method-trace"]),
            apache(
                "204",
                "200",
                &["method-options", "options-inm-star", "options-im-other", "options-star"],
            ),
        ],
    },
    Reason {
        title: "What is no HTTP is 400.",
        sections: "§5.5, §5.6.2, RFC 9112 §3, §5.1, §5.2",
        why: "Names that are no tokens, lines without a colon, control characters, folded \
              lines, a request line with something else than single spaces. Most of it may be \
              repaired instead, which hides the mistake from whoever made it.",
        differences: &[
            nginx("400", "200", &["control-character", "no-colon", "name-bracket", "two-spaces"]),
            apache("400", "200", &["folded-line"]),
            apache("400", "304", &["folded-if-none-match"]),
        ],
    },
    Reason {
        title: "A line may end without a carriage return, and a target with a fragment.",
        sections: "RFC 9112 §2.2, §3.2",
        why: "The first is allowed. The second should be 400; hyper cuts the fragment off.",
        differences: &[apache("200", "400", &["bare-lf", "fragment"])],
    },
    Reason {
        title: "HTTP/1.0 and HTTP/1.1 are spoken, nothing else.",
        sections: "RFC 9112 §2.3, RFC 9110 §6.2",
        why: "A version 1.2 should be taken for 1.1; there is none, and hyper refuses it.",
        differences: &[
            nginx("400", "200", &["version-1.2", "version-two-digits"]),
            nginx("400", "505", &["version-2.0"]),
            apache("400", "200", &["version-1.2", "version-2.0"]),
        ],
    },
    Reason {
        title: "A transfer coding that leaves the end of the request open is 400.",
        sections: "RFC 9112 §6.1, §6.3",
        why: "A server must answer 400 and close where `chunked` is not last, and should answer \
              501 where it does not know a coding: both hold, and the first is what matters. \
              `chunked` twice is not allowed, and in HTTP/1.0 it is faulty.",
        differences: &[
            nginx("400", "501", &["chunked-not-last", "chunked-twice", "coding-unknown"]),
            apache("400", "200", &["chunked-twice", "chunked-1.0"]),
        ],
    },
    Reason {
        title: "`Content-Length` beside `chunked`, and twice the same, is understood.",
        sections: "RFC 9112 §6.3, RFC 9110 §8.6",
        why: "A server may refuse both or read them in the one way there is: chunks win over \
              the length, equal lengths are one.",
        differences: &[
            nginx("200", "400", &["chunked-and-length", "lengths-same"]),
            apache("200", "400", &["lengths-same"]),
        ],
    },
    Reason {
        title: "There is room for 128 KB of fields in 100 lines; beyond that it is 431.",
        sections: "§5.4, RFC 6585 §5",
        why: "A thousand tags or ranges fit, as they do not with the 8 KB a line of the others.",
        differences: &[
            nginx("431", "400", &["field-200k"]),
            nginx("431", "200", &["200-fields"]),
            nginx("200", "400", &["range-thousand"]),
            apache("431", "400", &["field-200k", "200-fields"]),
            apache("200", "400", &["range-thousand"]),
        ],
    },
    Reason {
        title: "An expectation that is not known is ignored.",
        sections: "§10.1.1",
        why: "A server may answer 417; the client gets what it asked for all the same. Only where \
              it stands beside `100-continue`, and content is to come, the answer is 417: it has \
              to be immediate.",
        differences: &[apache("200", "417", &["expect-unknown"])],
    },
];
