//! The fleet as it is, in the words of the page.

use scenario::Replica;
use serde_json::{Value, json};

use super::session::Session;

/// The fleet as it is, in a line.
pub(super) fn setup(session: &Session) -> String {
    let setup = &session.arm.setup;
    let made_by = made_by(session);
    let edge = Some(setup.edge.name).filter(|name| *name != "none");
    let edge = edge.map(|name| format!("edge {name}"));
    let cache = cache(session).map(|name| format!("cache {name}"));
    let between = [edge, cache].into_iter().flatten().collect::<Vec<_>>();
    let parts = [
        text::counted(servers(session).into(), noun(session)),
        made_by,
        setup.policy.name.to_owned(),
        if between.is_empty() { "no edge".to_owned() } else { between.join(" · ") },
        text::counted(setup.clients.get().into(), "client"),
    ];
    parts.join(" · ")
}

/// What makes the tags.
fn made_by(session: &Session) -> String {
    match &session.arm.replica {
        Replica::Strategy(strategy) if session.exceptions.is_empty() => strategy.name.to_owned(),
        Replica::Strategy(strategy) => format!("{} and others", strategy.name),
        Replica::Command(program) => program_name(&text::secret::masked(&program.line)),
        Replica::ControlPlane(_) => "control plane".to_owned(),
    }
}

/// Name of a program in a box of a few letters: that of its first file behind the interpreter, without its
/// folder, else the first word.
fn program_name(line: &str) -> String {
    let mut words = line.split_whitespace();
    let is_file = |word: &&str| word.contains('.') && !word.starts_with('-');
    let named = words.clone().skip(1).find(is_file).or_else(|| words.next());
    let name = named.and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    text::excerpt(name)
}

/// Name of the shared cache between clients and balancer, if there is one.
fn cache(session: &Session) -> Option<&'static str> {
    Some(session.arm.setup.cache.name).filter(|name| *name != "none")
}

fn noun(session: &Session) -> &'static str {
    match &session.arm.replica {
        Replica::ControlPlane(plane) if plane.is_direct() => "source",
        Replica::ControlPlane(_) => "proxy",
        Replica::Strategy(_) | Replica::Command(_) => "replica",
    }
}

/// Servers behind the balancer.
fn servers(session: &Session) -> u32 {
    match &session.arm.replica {
        Replica::ControlPlane(plane) if plane.is_direct() => 1,
        Replica::ControlPlane(plane) => plane.proxies,
        Replica::Strategy(_) | Replica::Command(_) => session.arm.setup.replicas.get(),
    }
}

/// Name of what is asked behind the servers; `None` where nobody counts it.
fn behind(session: &Session) -> Option<&'static str> {
    let reads = |strategy: &strategies::Entry| strategy.reads.shared_tag;
    match &session.arm.replica {
        Replica::ControlPlane(_) => Some("source requests/s"),
        Replica::Strategy(strategy) => {
            let is_shared = session.first.setup.sharing.database || reads(strategy);
            is_shared.then_some("database queries/s")
        }
        Replica::Command(_) => None,
    }
}

/// The fleet in its parts.
pub(super) fn described(session: &Session) -> Value {
    let setup = &session.arm.setup;
    json!({
        "servers": servers(session),
        "noun": noun(session),
        "clients": setup.clients,
        "strategy": made_by(session),
        "policy": setup.policy.name,
        "edge": setup.edge.name,
        "cache": cache(session),
        "down": session.down,
        "exceptions": session.exceptions,
        "paused": session.paused,
        "source_down": session.source_down,
        "behind": behind(session),
    })
}

/// Names that the switches offer.
pub(super) fn lists(session: &Session) -> Value {
    let is_ours = matches!(session.arm.replica, Replica::Strategy(_));
    let strategies: Vec<_> = strategies::names().filter(|_| is_ours).collect();
    let policies: Vec<_> = balancer::catalogue::POLICIES.iter().map(|entry| entry.name).collect();
    let edges: Vec<_> = balancer::catalogue::EDGES.iter().map(|entry| entry.name).collect();
    json!({"strategies": strategies, "policies": policies, "edges": edges})
}

#[cfg(test)]
mod tests {
    use super::program_name;

    #[test]
    fn a_program_is_named_by_what_tells_it_from_others() {
        for (line, name) in [
            ("python3 /srv/app/server.py --port 80", "server.py"),
            ("node server.js", "server.js"),
            ("/usr/local/bin/settings --config=a.toml", "settings"),
            ("./settings", "settings"),
            ("", ""),
        ] {
            assert_eq!(program_name(line), name, "{line}");
        }
    }
}
