//! Dates that build tools write into every file, so that equal contents make equal archives, and tags
//! that are made of such a date.

use semantics::HttpDate;

use super::Specimen;
use super::guess::guessed;
use super::moment::written;
use super::parts::{Meaning, Parts, agrees};

/// Before this, in seconds, there was no web: 1990-01-01.
const BEFORE_THE_WEB: u64 = 631_152_000;
const DAY: u64 = 86_400;

/// Constants and who writes them; where a local time is written, in any time zone.
const KNOWN: [(u64, bool, &str); 13] = [
    (0, true, "second 0, as OCI image builds, Bazel and OSTree write it"),
    (1, false, "second 1, as Nix, Guix and Jib write it"),
    (312_768_000, true, "the date that zip has for none"),
    (315_532_800, true, "the first day of zip, as pex, Buildpacks and .NET write it"),
    (318_211_200, true, "the constant of Gradle"),
    (347_158_862, true, "the constant of the Android build"),
    (499_162_500, false, "the constant of npm"),
    (946_684_800, false, "the constant of Bazel, and of images without a date"),
    (1_153_704_088, false, "the constant of cargo"),
    (1_262_304_000, false, "the constant of Bazel's archives"),
    (1_451_606_400, false, "the constant of flit"),
    (1_580_601_600, false, "the constant of hatch"),
    (1_587_038_400, false, "the constant of Earthly"),
];

/// Writer of a date that is a constant of a build.
pub(crate) fn build_constant(date: HttpDate) -> Option<&'static str> {
    let seconds = date.unix_seconds();
    let is = |(constant, local, _): &&(u64, bool, &str)| {
        let apart = seconds.abs_diff(*constant);
        // zip has local times, in steps of two seconds.
        apart == 0 || (*local && apart <= 14 * 3_600 && apart % 900 <= 2)
    };
    let exact = KNOWN.iter().find(|(constant, ..)| *constant == seconds);
    let known = exact.or_else(|| KNOWN.iter().find(is)).map(|(_, _, writer)| *writer);
    known.or((seconds < BEFORE_THE_WEB).then_some("years before there was a web"))
}

/// Reports whether a date is midnight or noon, to the second.
pub(crate) fn is_round(date: HttpDate) -> bool {
    date.unix_seconds().is_multiple_of(DAY / 2)
}

/// Reports whether a tag is made of `Last-Modified`, with nothing beside it but the size and numbers.
pub(crate) fn is_of_date_and_size(specimen: &Specimen<'_>) -> bool {
    guessed(specimen).is_some()
        || Parts::of(specimen).is_some_and(|parts| {
            parts.meanings.iter().any(|meaning| match meaning {
                Meaning::Time { seconds, unit } => agrees(*seconds, *unit, &specimen.facts),
                _ => false,
            })
        })
}

/// The time that a tag is, where it is a whole minute within the hour before its response, and no
/// modification time stands beside it: written out, and its seconds before the response.
pub(crate) fn minute_just_past(specimen: &Specimen<'_>) -> Option<(String, u64)> {
    const HOUR: u64 = 3_600;
    let now = specimen.facts.date.filter(|_| specimen.facts.last_modified.is_none())?;
    let parts = Parts::of(specimen)?;
    let [Meaning::Time { seconds, .. }] = parts.meanings.as_slice() else { return None };
    let age = now.unix_seconds().checked_sub(*seconds as u64).filter(|age| *age < HOUR)?;
    (seconds % 60.0 == 0.0).then(|| (written(*seconds), age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_known_and_other_dates_are_not() {
        let of = |seconds| build_constant(HttpDate::from_unix_seconds(seconds).expect("in range"));
        for (seconds, part) in [
            (0, "second 0"),
            (1, "Nix"),
            (315_532_800, "zip"),
            (315_532_800 - 3_600, "zip"),
            (499_162_500, "npm"),
            (1_153_704_088, "cargo"),
            (1_580_601_600, "hatch"),
            (600_000_000, "before there was a web"),
        ] {
            assert!(of(seconds).is_some_and(|writer| writer.contains(part)), "{seconds}");
        }
        for seconds in [1_700_000_000, 946_684_801, 1_580_605_200, 700_000_000] {
            assert_eq!(of(seconds), None, "{seconds}");
        }
    }
}
