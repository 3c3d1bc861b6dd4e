//! All kinds of faults, and the one that is none.

use super::{Cover, Culprit, Guise, Histories};
use crate::mystery::clue::Clue;

const NODES: &[Clue] = &[Clue::Nodes, Clue::Replays];
const CODINGS: &[Clue] = &[Clue::Codings, Clue::Replays];
const CHANGES: &[Clue] = &[Clue::Changes, Clue::Replays];

/// All of them; pairs of code and cause are unique.
pub(crate) static CULPRITS: &[Culprit] = &[
    Culprit {
        code: "ETL001",
        cause: Some("inode"),
        also: None,
        says: "each node has a tag of its own, made of the inode of its copy",
        users: "Every refresh downloads everything again.",
        differs: "the nodes' tags would have three parts, and only the first one would differ",
        path: [
            "Ask each node by itself, and compare the tags of equal bytes.",
            "Split the tags at their hyphens: which part differs, and which stays?",
            "Size and time agree on all nodes; the number that differs is that of a file.",
        ],
        clues: NODES,
        guises: &[Guise::tags("inode-size-mtime")],
    },
    Culprit {
        code: "ETL001",
        cause: Some("mtime"),
        also: None,
        says: "each node has a tag of its own, made of the time at which its copy was written",
        users: "Since the deploys go node by node, the cache is good for nothing.",
        differs: "the nodes' Last-Modified would differ as their tags do",
        path: [
            "Ask each node by itself, and compare tags and dates.",
            "Put the tags of equal bytes beside Last-Modified: they move together.",
            "A part of the tag is a time, in hex, base 36 or ticks.",
        ],
        clues: NODES,
        guises: &[
            Guise::drifting("mtime-size"),
            Guise::drifting("size-mtime-ms"),
            Guise::drifting("mtime-base36"),
            Guise::drifting("tomcat-file"),
            Guise::drifting("iis-file"),
        ],
    },
    Culprit {
        code: "ETL001",
        cause: Some("process"),
        also: None,
        says: "each node has a tag of its own, made of what only its process knows",
        users: "On a single machine in test it all worked.",
        differs: "a restart of the nodes would give the same bytes other tags",
        path: [
            "Ask each node by itself, and compare the tags of equal bytes.",
            "Dates and sizes agree, and the tags do not: restart the nodes and look again.",
            "The tag changes with the process, while bytes and file stay what they are.",
        ],
        clues: NODES,
        guises: &[
            Guise { histories: Histories::Apart, ..Guise::tags("per-process-counter") },
            Guise::tags("process-nonce"),
            Guise::tags("start-time"),
            Guise {
                histories: Histories::OneApart,
                cover: Cover::OneNode,
                ..Guise::tags("per-process-counter")
            },
        ],
    },
    Culprit {
        code: "ETL002",
        cause: Some("size-alone"),
        also: None,
        says: "a tag is made of the size alone, so that other content of that size gets a 304",
        users: "After an update some of us keep the old version, until they clear their cache.",
        differs: "after a change that keeps the size, a request with the old tag would still get 304",
        path: [
            "Nothing is wrong as long as nothing changes: change the content.",
            "Send the tag from before the change, and look at the status.",
            "The bytes are new and the tag is old: what of the content did not change?",
        ],
        clues: CHANGES,
        guises: &[Guise { cover: Cover::Change, ..Guise::tags("length") }],
    },
    Culprit {
        code: "ETL002",
        cause: Some("over-time"),
        also: Some(("ETL042", "constant")),
        says: "the tag is a time that was frozen when the image was built, so that other content gets a 304",
        users: "We shipped a fix, and half of the users still see the bug.",
        differs: "after a change, tag and Last-Modified would both be what they were before",
        path: [
            "Nothing is wrong as long as nothing changes: change the content.",
            "Send the tag from before the change, and look at the status.",
            "Read Last-Modified: it was the same before the change, and is very old.",
        ],
        clues: CHANGES,
        guises: &[Guise { cover: Cover::Change, ..Guise::tags("frozen-mtime") }],
    },
    Culprit {
        code: "ETL003",
        cause: None,
        also: None,
        says: "responses have nothing to revalidate with",
        users: "The traffic graph looks as if there were no cache at all.",
        differs: "responses would carry neither ETag nor Last-Modified",
        path: [
            "Look at the fields of one response.",
            "What would a client send back to ask whether its copy is still good?",
            "There is neither ETag nor Last-Modified, on any node and in any coding.",
        ],
        clues: &[Clue::Repeats, Clue::Nodes],
        guises: &[
            Guise { last_modified: false, ..Guise::tags("none") },
            Guise { cover: Cover::Nothing, ..Guise::edge("remove") },
        ],
    },
    Culprit {
        code: "ETL008",
        cause: None,
        also: None,
        says: "each node sends bytes of its own, in which its name stands",
        users: "The diff between two refreshes is a single line.",
        differs: "two nodes would send different bytes for the same URL",
        path: [
            "Ask each node by itself, and compare the bytes before the tags.",
            "The tags are honest: they differ because the contents do.",
            "Compare the contents: one line names who sent it.",
        ],
        clues: NODES,
        guises: &[Guise::tags("host-in-content")],
    },
    Culprit {
        code: "ETL009",
        cause: None,
        also: None,
        says: "whatever compresses takes the tag away",
        users: "Browsers download everything each time; our scripts do not.",
        differs: "a compressed response through the balancer would come without a tag",
        path: [
            "Ask as a browser does, and as a script does.",
            "Compare the fields of the two responses: the compressed one lacks something.",
            "The nodes send a tag, and the balancer does not pass it on with gzip.",
        ],
        clues: CODINGS,
        guises: &[Guise::edge("gzip-strip"), Guise::edge("gzip-remove")],
    },
    Culprit {
        code: "ETL010",
        cause: None,
        also: None,
        says: "whatever compresses adds a suffix to the tag, which no node knows when it comes back",
        users: "Phones use up their data plan; the monitoring is all green.",
        differs: "a tag got with gzip would have a suffix, and sent back it would get a 200",
        path: [
            "Ask as a browser does, and as a script does.",
            "Send each tag back with the Accept-Encoding it came with.",
            "The compressed tag has a suffix that nobody takes off on the way in.",
        ],
        clues: CODINGS,
        guises: &[Guise::edge("gzip-suffix")],
    },
    Culprit {
        code: "ETL017",
        cause: None,
        also: None,
        says: "without tags clients revalidate by date, and each node has another date",
        users: "Refreshing twice helps, sometimes.",
        differs: "there would be no ETag, and the nodes' Last-Modified would differ",
        path: [
            "Look at the fields of one response: which validator is there?",
            "Ask each node by itself, and compare Last-Modified.",
            "There is only a date, and each copy was written at another time.",
        ],
        clues: NODES,
        guises: &[Guise::drifting("none")],
    },
];

/// The answer that nothing is wrong.
pub(crate) static HEALTHY: Culprit = Culprit {
    code: "ETL029",
    cause: None,
    also: None,
    says: "nothing is wrong",
    users: "It feels slow, but nobody can say when.",
    differs: "equal bytes would have one tag everywhere, and each tag sent back would get a 304",
    path: [
        "Ask each node by itself, with gzip and without, and compare.",
        "Send each tag back to another node, before a change and after it.",
        "Everything agrees: then nothing is wrong, and that is an answer.",
    ],
    clues: NODES,
    guises: &[],
};
