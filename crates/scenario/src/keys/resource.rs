//! Keys of `[resource]`: what every replica serves.

use super::{Choice, Kind, Rivals, Table, field, set};
use crate::Content;

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
        field("size-bytes", Kind::Integer(1, crate::resource::LARGEST.cast_signed()))
            .default("8192")
            .doc("Size of generated content in bytes. Not together with `file`.")
            .flag("size", "BYTES")
            .brief("Size of the content, such as 8Ki")
            .shared(|given, draft| {
                set(&mut draft.resource.content, Content::Generated { size_bytes: given.nonzero() })
            }),
        field("file", Kind::Text)
            .doc(
                "File to serve instead of generated content: in a scenario relative to its \
                 folder, as a flag to the working directory. Not together with `size-bytes`.",
            )
            .flag("file", "FILE")
            .shared(|given, draft| {
                set(&mut draft.resource.content, crate::resource::content(given)?)
            }),
        field("path", Kind::Text)
            .default("/api/config")
            .doc("Path that the clients poll, with its query if it has one.")
            .flag("path", "PATH")
            .shared(|given, draft| set(&mut draft.resource.path, crate::resource::path(given)?)),
        field("content-type", Kind::Text)
            .default("application/json")
            .doc("Content-Type of the resource.")
            .shared(|given, draft| {
                set(&mut draft.resource.content_type, crate::resource::content_type(given)?)
            }),
        field("cache-control", Kind::Text)
            .default("no-cache")
            .doc(
                "Cache-Control of the resource. `no-cache` means \"revalidate always\"; empty \
                 sends none.",
            )
            .flag("cache-control", "DIRECTIVES")
            .shared(|given, draft| {
                let value = crate::resource::field_value(given)?;
                draft.resource.cache_control = Some(value).filter(|value| !value.is_empty());
                Ok(())
            }),
        field("codings", Kind::Choices(CODINGS))
            .doc(
                "Content codings that replicas of the lab offer, the preferred one first. \
                 Without it: none.",
            )
            .shared(|given, draft| {
                set(&mut draft.resource.codings, crate::resource::codings(given)?)
            }),
        // On by default, as in every file server: so `deploy-drift` shows in dates too.
        field("last-modified", Kind::Bool)
            .default("true")
            .doc("Whether replicas of the lab send Last-Modified and heed dates in conditions.")
            .shared(|given, draft| set(&mut draft.resource.last_modified, given.is_true())),
    ],
};
