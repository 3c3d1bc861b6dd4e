//! `If-Match` alone (RFC 9110 §13.1.1).
//! With other preconditions: `precedence`.

use crate::reference::row::{Row, get, head};

const SECTION: &str = "13.1.1";
const TAGS: &str = "8.8.3";

pub(super) const ROWS: &[Row] = &[
    get("im-current", SECTION, "If-Match: {etag}", &[200]),
    get("im-star", SECTION, "If-Match: *", &[200]),
    get("im-other", SECTION, "If-Match: \"other\"", &[412]),
    get("im-current-weak", "8.8.3.2", "If-Match: W/{etag}", &[412]),
    get("im-list-last", SECTION, "If-Match: \"x\", {etag}", &[200]),
    get("im-list-first", SECTION, "If-Match: {etag}, \"x\"", &[200]),
    get("im-list-without", SECTION, "If-Match: \"x\", \"y\"", &[412]),
    get("im-list-empty-members", "5.6.1.2", "If-Match: ,,\"x\", ,{etag},", &[200]),
    get("im-list-weak-and-strong", "8.8.3.2", "If-Match: W/{etag}, {etag}", &[200]),
    get("im-lines-last", "5.3", "If-Match: \"x\"\nIf-Match: {etag}", &[200]),
    get("im-lines-first", "5.3", "If-Match: {etag}\nIf-Match: \"x\"", &[200]),
    get("im-lines-without", "5.3", "If-Match: \"x\"\nIf-Match: \"y\"", &[412]),
    get("im-empty", SECTION, "If-Match:", &[400, 412]),
    get("im-empty-tag", TAGS, "If-Match: \"\"", &[412]),
    get("im-comma-in-tag", TAGS, "If-Match: \"a,b\"", &[412]),
    get("im-comma-in-tag-and-current", TAGS, "If-Match: \"a,b\", {etag}", &[200]),
    get("im-backslash", TAGS, "If-Match: \"x\\\", {etag}", &[200]),
    get("im-star-quoted", SECTION, "If-Match: \"*\"", &[412]),
    get("im-star-in-list", SECTION, "If-Match: *, \"x\"", &[]),
    get("im-unquoted", TAGS, "If-Match: {opaque}", &[]),
    get("im-unterminated", TAGS, "If-Match: \"{opaque}", &[]),
    get("im-lower-weak", TAGS, "If-Match: w/{etag}", &[]),
    get("im-junk-then-current", TAGS, "If-Match: x, {etag}", &[]),
    get("im-upper-case", "8.8.3.2", "If-Match: \"{upper}\"", &[412]),
    get("im-cut", "8.8.3.2", "If-Match: \"{cut}\"", &[412]),
    get("im-thousand-and-current", SECTION, "If-Match: {thousand-tags},{etag}", &[200]),
    get("im-thousand-without", SECTION, "If-Match: {thousand-tags}", &[412]),
    head("head-im-current", SECTION, "If-Match: {etag}", &[200]),
    head("head-im-other", SECTION, "If-Match: \"other\"", &[412]),
    head("head-im-current-weak", "8.8.3.2", "If-Match: W/{etag}", &[412]),
];
