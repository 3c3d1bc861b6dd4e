//! What looks like `tag-renewed` and is not.

use crate::Check;
use crate::fixture::since;

/// What an earlier check saw, what is seen now, and what is found.
const LATER: [(&str, &str, &str, &[&str]); 3] = [
    (
        "a deploy of another content",
        "8 × -> 200; ETag: \"1\" | old",
        r#"
        3 × If-None-Match: "1" -> 200; ETag: "2" | new
        8 × -> 200; ETag: "2" | new
        5 × If-None-Match: "2" -> 304; ETag: "2"
        "#,
        &["healthy"],
    ),
    (
        "nothing that changed",
        "8 × -> 200; ETag: \"1\" | old",
        r#"
        3 × If-None-Match: "1" -> 304; ETag: "1"
        8 × -> 200; ETag: "1" | old
        5 × If-None-Match: "1" -> 304; ETag: "1"
        "#,
        &["healthy"],
    ),
    (
        "a fleet with a tag of each replica, before and after",
        "4 × -> 200; ETag: \"1\" | old\n4 × -> 200; ETag: \"2\" | old\n-> 200; ETag: \"1\" | old",
        r#"
        If-None-Match: "1" -> 200; ETag: "2" | old
        4 × -> 200; ETag: "1" | old
        4 × -> 200; ETag: "2" | old
        2 × -> 200; ETag: "1" | old
        "#,
        &["node-local-tag"],
    ),
];

#[test]
fn what_only_looks_like_a_renewed_tag_is_not_called_so() {
    for (what, before, now, expected) in LATER {
        let check = Check::of(&since(before, now));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, expected, "{what}: {:#?}", check.findings);
    }
}
