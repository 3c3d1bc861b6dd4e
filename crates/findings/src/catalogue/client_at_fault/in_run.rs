//! Clients of a run whose conduct, and not the server, explains what they got: a run knows it.

use measure::{Conduct, Verdict};

use crate::kind::{Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(in super::super) fn judge(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let of = |verdict| arm.tally.verdicts.of(verdict);
    let needless = of(Verdict::NeedlessTransfer);
    let stale = of(Verdict::FalseValidation);
    let (harm, severity, cause, title, evidence) = match arm.tally.conduct {
        Conduct::Sound | Conduct::ByHead => return None,
        Conduct::Script if arm.tally.counts.conditional > 0 => return None,
        Conduct::Script => (
            needless,
            Severity::Warn,
            "never-conditional",
            "scripts of another origin never send the tag: they cannot read it",
            "no Access-Control-Expose-Headers names ETag",
        ),
        Conduct::Mangles => (
            needless,
            Severity::Bad,
            "mangled",
            "the clients send the tag without its quotes, which matches nothing",
            "the quotes are a part of the tag",
        ),
        Conduct::LosesContent => (
            needless,
            Severity::Bad,
            "lost-content",
            "the clients keep the tag and lose the content: a 304 leaves them with nothing",
            "each 304 costs a second request, and the content",
        ),
        Conduct::NeverAsks => (
            of(Verdict::FreshHit),
            Severity::Bad,
            "never-asks",
            "the clients answer from a store of their own, and never ask again",
            "no lifetime allows that, and no change reaches them",
        ),
        Conduct::StoresNothing => (
            needless,
            Severity::Warn,
            "never-conditional",
            "the clients store nothing, and so they never send a validator",
            "no request was conditional",
        ),
        Conduct::CacheOff => (
            needless,
            Severity::Warn,
            "cache-off",
            "the clients have their cache switched off",
            "their requests say so: Cache-Control: no-cache",
        ),
        Conduct::InventsDate => (
            stale,
            Severity::Bad,
            "invented-date",
            "the clients send a date that no server gave, and are told that nothing has changed",
            "If-Modified-Since is the time of their last fetch: what is dated before it, is not modified",
        ),
    };
    let counted = match arm.tally.conduct {
        Conduct::InventsDate => format!("{stale} false 304s"),
        Conduct::NeverAsks => format!("{harm} polls without a request"),
        _ => format!("{needless} needless 200s"),
    };
    (harm > 0).then(|| {
        Judgement::certain(severity, title).with(format!("{counted}; {evidence}")).because(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Validator;
    use crate::run::fixture::{exchange, tally};
    use crate::run::of_arm;

    /// Names of what is found where clients of this conduct got such a verdict.
    fn names(conduct: Conduct, verdict: Verdict) -> Vec<String> {
        let polls =
            [Verdict::FirstFetch, verdict].map(|verdict| exchange(verdict, 1, "\"x\"", "a"));
        let mut tally = tally(&polls);
        tally.conduct = conduct;
        let found = of_arm("arm", ArmEvidence { tally: &tally, validator: Validator::Tag });
        found.into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn the_server_of_a_run_is_not_blamed_for_its_clients() {
        let ignored = ["conditionals-ignored"];
        assert_eq!(names(Conduct::Sound, Verdict::NeedlessTransfer), ignored);
        for conduct in [Conduct::Mangles, Conduct::LosesContent] {
            assert_eq!(names(conduct, Verdict::NeedlessTransfer), ["client-at-fault"]);
        }
        let invents = names(Conduct::InventsDate, Verdict::FalseValidation);
        assert_eq!(invents, ["client-at-fault"]);
        assert_eq!(names(Conduct::NeverAsks, Verdict::FreshHit), ["client-at-fault"]);
        assert_eq!(names(Conduct::ByHead, Verdict::NeedlessTransfer), ["head-differs"]);
    }

    #[test]
    fn clients_that_do_no_harm_are_not_at_fault() {
        for conduct in [Conduct::Mangles, Conduct::InventsDate, Conduct::NeverAsks, Conduct::ByHead]
        {
            let found = names(conduct, Verdict::Validated);
            assert!(!found.iter().any(|name| !name.is_empty()), "{conduct:?}: {found:?}");
        }
    }
}
