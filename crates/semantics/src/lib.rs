//! The RFC 9110 and 9111 rules the lab needs, as pure functions.
//!
//! Nothing here knows a socket, a clock, randomness or a runtime, and nothing on the path of a
//! request allocates, except for a request of ranges. Layout, from the bottom up:
//!
//! - `ows`: the white space that may surround a field value;
//! - [`entity_tag`]: a tag as a value, and the two comparisons (§8.8.3);
//! - `tag_list`: the members of `If-Match` and `If-None-Match`, well-formed or not (§13.1);
//! - [`http_date`]: a date in whole seconds, from three formats (§5.6.7);
//! - [`freshness`]: how long a stored response may be used without asking (RFC 9111 §4.2);
//! - [`preconditions`]: the one function that decides between 200, 304 and 412 (§13.2.2);
//! - [`range`]: which bytes a request asks for, and whether `If-Range` lets it have them (§14);
//! - [`coding`]: which content coding a client wants (§12.5.3);
//! - [`host`]: whether a request says for which host it is (RFC 9112 §3.2).
//!
//! Not here: making tags (crate `strategies`).

pub mod coding;
pub mod entity_tag;
pub mod freshness;
pub mod host;
pub mod http_date;
mod ows;
pub mod preconditions;
pub mod range;
mod tag_list;

pub use coding::Coding;
pub use entity_tag::{EntityTag, InvalidEntityTag};
pub use freshness::FreshnessFields;
pub use http_date::{HttpDate, InvalidHttpDate};
pub use preconditions::{Decision, FieldName, Method, RequestFields, Validators, evaluate};
