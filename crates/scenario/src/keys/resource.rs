//! Keys of `[resource]`: what every replica serves.

use super::{Choice, FIELD, Key, Kind, Rivals, Table, set, valued};
use crate::Content;

/// Codings that replicas of the lab offer.
const CODINGS: &[Choice] =
    &[("gzip", "RFC 1952."), ("br", "Brotli, RFC 7932."), ("zstd", "Zstandard, RFC 8878.")];

pub(super) const TABLE: Table = Table {
    name: "resource",
    is_list: false,
    doc: "The resource that every replica serves.",
    rivals: Some(Rivals {
        keys: ["file", "size-bytes"],
        labels: ["the file", "a file has its own size"],
    }),
    keys: &[
        Key {
            name: "size-bytes",
            kind: Kind::Integer(1, crate::resource::LARGEST.cast_signed()),
            default: "8192",
            doc: "Size of generated content in bytes. Not together with `file`.",
            flag: Some(valued("size", "BYTES")),
            enter: |given, draft| {
                set(&mut draft.resource.content, Content::Generated { size_bytes: given.nonzero() })
            },
            ..FIELD
        },
        Key {
            name: "file",
            doc: "File to serve instead of generated content: in a scenario relative to its folder, \
                  as a flag to the working directory. Not together with `size-bytes`.",
            flag: Some(valued("file", "FILE")),
            enter: |given, draft| {
                set(&mut draft.resource.content, crate::resource::content(given)?)
            },
            ..FIELD
        },
        Key {
            name: "path",
            default: "/api/config",
            doc: "Path that the clients poll, with its query if it has one.",
            flag: Some(valued("path", "PATH")),
            enter: |given, draft| set(&mut draft.resource.path, crate::resource::path(given)?),
            ..FIELD
        },
        Key {
            name: "content-type",
            default: "application/json",
            doc: "Content-Type of the resource.",
            enter: |given, draft| {
                set(&mut draft.resource.content_type, crate::resource::content_type(given)?)
            },
            ..FIELD
        },
        Key {
            name: "cache-control",
            default: "no-cache",
            doc: "Cache-Control of the resource. `no-cache` means \"revalidate always\"; empty sends \
                  none.",
            flag: Some(valued("cache-control", "DIRECTIVES")),
            enter: |given, draft| {
                let value = crate::resource::field_value(given)?;
                draft.resource.cache_control = Some(value).filter(|value| !value.is_empty());
                Ok(())
            },
            ..FIELD
        },
        Key {
            name: "codings",
            kind: Kind::Choices(CODINGS),
            doc: "Content codings that replicas of the lab offer, the preferred one first. Without \
                  it: none.",
            enter: |given, draft| {
                set(&mut draft.resource.codings, crate::resource::codings(given)?)
            },
            ..FIELD
        },
        Key {
            name: "last-modified",
            kind: Kind::Bool,
            default: "true",
            doc: "Whether replicas of the lab send Last-Modified and heed dates in conditions.",
            enter: |given, draft| set(&mut draft.resource.last_modified, given.is_true()),
            ..FIELD
        },
    ],
};
