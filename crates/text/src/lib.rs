//! Text that is safe and readable wherever it is printed: neutralising, masking credentials,
//! wrapping, numbers, suggestions.
//!
//! Names, tags, reasons and commands come from scenario files, servers, programs and saved runs. A
//! string is kept as it came until it is printed, because what is dangerous depends on the medium:
//! an escape code on a terminal, a pipe in Markdown, a leading `=` in a spreadsheet. All media share
//! one set of characters that none of them passes on ([`is_hidden`]). A credential is the exception:
//! it is masked before a text is kept ([`secret`]).
//!
//! Reads and writes nothing, and knows nothing of HTTP, runs or colours.

pub mod csv;
mod hidden;
pub mod html;
pub mod json;
pub mod markdown;
pub mod metrics;
mod nearest;
mod number;
pub mod secret;
pub mod shell;
mod wrap;

pub use hidden::{excerpt, is_hidden, visible, visible_lines};
pub use nearest::{alternatives, first_of, letters, listed, near, nearest, suggestion};
pub use number::{NUMBER_FORMS, count, counted, parse_count};
pub use wrap::{shorten, width, wrap};
