//! The findings that only a run of the lab can make, because it knows what each replica held and what
//! each client was sent; `check` has no way to find them, so there is no experiment to explain.

/// What one of them says, and where to see it.
pub(super) struct OfRuns {
    /// As it stands in the findings of a run.
    pub(super) code: &'static str,
    /// What was seen, and what it means.
    meaning: &'static str,
    /// A scenario that shows it.
    pub(super) scenario: &'static str,
}

/// All of them, in the order of their codes.
pub(super) static OF_RUNS: &[OfRuns] = &[
    OfRuns {
        code: "ETL005",
        meaning: "clients that had new content were sent old content again: a rollout reaches the\n  \
                  replicas one after the other",
        scenario: "rolling-deploy",
    },
    OfRuns {
        code: "ETL006",
        meaning: "polls failed: refused, cut short, late, or answered with a status that is\n  \
                  neither 200 nor 304",
        scenario: "proxy-dies",
    },
    OfRuns {
        code: "ETL007",
        meaning: "304s of a server that does not declare what it holds: nobody would notice if\n  \
                  they were stale",
        scenario: "scenarios/replicas/own-replica.toml",
    },
    OfRuns {
        code: "ETL019",
        meaning: "the coding changed under the clients: the tags that they held were those of\n  \
                  another coding, and each fetched the same content once more",
        scenario: "codings-switched-on",
    },
    OfRuns {
        code: "ETL040",
        meaning: "the store made a new tag although the content had not changed: the old one\n  \
                  expired, was lost, or was made by several replicas at once",
        scenario: "store-ttl",
    },
    OfRuns {
        code: "ETL041",
        meaning: "the store of tags did not answer: as published each of these requests is a 500,\n  \
                  hardened it is a 200 without a tag",
        scenario: "store-down",
    },
];

/// The one with this code, in either case.
pub(super) fn find(code: &str) -> Option<&'static OfRuns> {
    OF_RUNS.iter().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

impl OfRuns {
    /// The explanation, as it is printed.
    pub(super) fn explain(&self) -> String {
        let Self { code, meaning, scenario } = self;
        format!(
            "{code}  found in runs of the lab, not by `check`\n\n  {meaning}\n\nsee it: etag-lab run {scenario}\n"
        )
    }
}
