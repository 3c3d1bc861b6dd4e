//! Tags of one content that several programs made: a fleet half way from one server to another.
//! Speaks of tags of files only, whose parts tell who made them.

use std::collections::BTreeSet;

use super::Specimen;
use super::cause::{Cause, Difference, length, span};
use super::form::form;
use super::parts::{Meaning, Parts};

/// Tags that all hold a size and a time, each program's at its own place.
pub(super) fn mixed(specimens: &[Specimen<'_>]) -> Option<Difference> {
    let all: Option<Vec<_>> = specimens.iter().map(of_file).collect();
    let all = all?;
    let shapes: BTreeSet<_> = all.iter().map(shape).collect();
    let forms: BTreeSet<_> = specimens.iter().map(form).collect();
    if shapes.len() < 2 || forms.len() < 2 {
        return None;
    }
    let forms = forms.into_iter().collect::<Vec<_>>().join(" and ");
    let software = format!("{forms}: replicas run different software");
    let times: Vec<_> = all.iter().filter_map(Parts::seconds).collect();
    // One program writes whole seconds, the other a fraction.
    if length(&times) < 1.0 {
        return Some(Difference::new(Cause::Unknown, software));
    }
    let explanation = format!("{software}, and modification times are {} apart", span(&times));
    Some(Difference::new(Cause::Mtime, explanation))
}

fn of_file<'a>(specimen: &Specimen<'a>) -> Option<Parts<'a>> {
    Parts::of(specimen).filter(|parts| parts.has_size() && parts.has_time())
}

/// Places of size, times and numbers in a file's tag.
fn shape(parts: &Parts<'_>) -> String {
    let place = |meaning: &Meaning| match meaning {
        Meaning::Time { unit, .. } => format!("{unit:?}"),
        Meaning::Size => "size".to_owned(),
        Meaning::Plain(_) | Meaning::Large | Meaning::Word => "number".to_owned(),
    };
    let places: Vec<_> = parts.meanings.iter().map(place).collect();
    format!("{} {}", parts.separators, places.join(" "))
}

#[cfg(test)]
mod tests {
    use crate::evidence::Digests;
    use crate::tag_form::{Cause, Facts, Specimen, compare};

    fn cause_of(tags: &[&str]) -> (Cause, String) {
        let content = Some(Digests::of(&[b'x'; 0xf4d]));
        let facts = Facts { content, ..Facts::default() };
        let specimens: Vec<_> =
            tags.iter().map(|tag| Specimen { opaque: tag.as_bytes(), facts }).collect();
        let difference = compare(&specimens);
        (difference.cause, difference.explanation)
    }

    #[test]
    fn the_forms_of_two_servers_are_no_state_of_a_process() {
        let (cause, explanation) = cause_of(&["6553f100-f4d", "f4d-60a24181e4000"]);
        assert_eq!(cause, Cause::Unknown);
        assert_eq!(
            explanation,
            "httpd form (size-mtime) and nginx form (mtime-size): replicas run different software"
        );
        let (cause, _) = cause_of(&["6553f100-f4d", "cwyvpelgpse830t"]);
        assert_eq!(cause, Cause::Unknown, "nginx and Caddy");
        let (cause, explanation) = cause_of(&["cwyvpelgpse830t", "cwyvpelgpse8-30t"]);
        assert_eq!(cause, Cause::Unknown, "two versions of Caddy: {explanation}");
        let (cause, explanation) = cause_of(&["cwyvpelgpse830t", "cwyvqoja4u80-30t"]);
        assert_eq!(cause, Cause::Mtime, "two versions, two copies: {explanation}");
    }

    #[test]
    fn one_form_with_two_times_stays_the_time_of_the_file() {
        assert_eq!(cause_of(&["6553f100-f4d", "6553f164-f4d"]).0, Cause::Mtime);
    }
}
