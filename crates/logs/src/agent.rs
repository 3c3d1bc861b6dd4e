//! Families of clients by `User-Agent`: browsers, tools, programs, and those that never poll.

use memchr::memmem;

use crate::hashed::hashed;

/// Family of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// No `User-Agent`, or no column for it.
    #[default]
    Unknown,
    /// A browser.
    Browser,
    /// curl, Wget, `HTTPie`: what people and scripts call.
    Tool,
    /// Crawlers, monitors and probes, which keep nothing on purpose.
    Bot,
    /// Any other program.
    Program,
}

impl Family {
    /// Every family.
    pub(crate) const ALL: [Self; 5] =
        [Self::Browser, Self::Tool, Self::Program, Self::Bot, Self::Unknown];

    /// Name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Browser => "browsers",
            Self::Tool => "curl and the like",
            Self::Bot => "bots and probes",
            Self::Program => "programs",
        }
    }

    fn of(agent: &[u8]) -> Self {
        const BOTS: [&str; 16] = [
            "bot",
            "spider",
            "crawl",
            "slurp",
            "kube-probe",
            "healthcheck",
            "health-check",
            "pingdom",
            "uptime",
            "prometheus",
            "blackbox",
            "monitor",
            "nagios",
            "check_http",
            "site24x7",
            "statuscake",
        ];
        const TOOLS: [&str; 3] = ["curl/", "wget/", "httpie/"];
        let lower = agent.to_ascii_lowercase();
        let has = |word: &&str| memmem::find(&lower, word.as_bytes()).is_some();
        match agent {
            [] => Self::Unknown,
            _ if BOTS.iter().any(has) => Self::Bot,
            _ if TOOLS.iter().any(|word| lower.starts_with(word.as_bytes())) => Self::Tool,
            _ if agent.starts_with(b"Mozilla/") => Self::Browser,
            _ => Self::Program,
        }
    }
}

/// Families of the agents that were read last, by their hash.
#[derive(Clone, Debug)]
pub(crate) struct Agents(Vec<(u64, Family)>);

/// Slots: more than there are agents that matter.
const SLOTS: usize = 1 << 12;

impl Default for Agents {
    fn default() -> Self {
        Self(vec![(0, Family::Unknown); SLOTS])
    }
}

impl Agents {
    /// Family and hash of an agent.
    pub(crate) fn read(&mut self, agent: &[u8]) -> (Family, u64) {
        if agent.is_empty() {
            return (Family::Unknown, 0);
        }
        let hash = hashed(agent);
        let slot = &mut self.0[hash as usize % SLOTS];
        if slot.0 != hash {
            *slot = (hash, Family::of(agent));
        }
        (slot.1, hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_belong_to_families() {
        for (agent, expected) in [
            ("", Family::Unknown),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                Family::Browser,
            ),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                Family::Bot,
            ),
            ("curl/8.5.0", Family::Tool),
            ("kube-probe/1.29", Family::Bot),
            ("ELB-HealthChecker/2.0", Family::Bot),
            ("Go-http-client/1.1", Family::Program),
        ] {
            assert_eq!(Family::of(agent.as_bytes()), expected, "{agent}");
        }
    }
}
