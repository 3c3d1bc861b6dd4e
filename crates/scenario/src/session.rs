//! A session that was played by hand, written down as a scenario file that plays it again.
//!
//! Written is what the session's own scenario says, file and flags together, with one arm: that with
//! which the session began. In the place of its story come the events of the session.

use std::fmt::Write as _;
use std::time::Duration;

use text::secret::masked;
use text::shell;

use crate::layer::{KeyPath, Layers, Value};
use crate::{Change, Event, PollInterval, Replica, Scenario};

/// What happened in a session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Name for the scenario.
    pub name: String,
    /// The story in one sentence.
    pub summary: String,
    /// Index of the arm with which it began.
    pub arm: usize,
    /// Most clients that ever polled; events let some of them rest.
    pub most_clients: u32,
    /// Polls of each client.
    pub polls: u32,
    /// Time between two polls of a client.
    pub interval: Duration,
    /// Events in their order.
    pub events: Vec<Event>,
    /// Changes in their order, no two before the same poll.
    pub changes: Vec<Change>,
}

/// Tables of lists, which the session replaces, and keys at the top that tell another story.
const OF_THE_STORY: [&str; 9] =
    ["arm", "change", "event", "expect", "name", "summary", "headline", "lesson", "source"];
/// Keys of the load that the session decides, and those of writers, who write in lock-step alone.
const OF_THE_LOAD: [&str; 8] = [
    "clients",
    "polls",
    "total-polls",
    "cadence",
    "interval",
    "jitter",
    "writers",
    "write-condition",
];

impl Scenario {
    /// The file.
    pub fn written_as(&self, session: &Session) -> String {
        let mut file =
            String::from("# Written by `etag-lab live`: run it with `etag-lab run FILE`.\n");
        let texts = [("name", &session.name), ("summary", &session.summary)];
        for (key, text) in texts {
            let _ = writeln!(file, "{key} = {}", quoted(text));
        }
        let arm = session.arm.to_string();
        self.write_tables(&mut file, session.arm);
        self.write_load(&mut file, session);
        let _ = writeln!(file, "\n[[arm]]\nname = {}", quoted(&self.arms[session.arm].name));
        let values = self.layers.effective(&[]);
        let of_arm = values.iter().filter(|(path, _)| path.len() > 2 && path[0] == "arm");
        for (path, value) in of_arm.filter(|(path, _)| path[1] == arm) {
            let key = path[2..].join(".");
            let is_of_load = OF_THE_LOAD.contains(&key.as_str());
            if key != "name" && !is_of_load && !self.is_replaced(&key, value, session.arm) {
                let _ = writeln!(file, "{key} = {}", self.shown(path, value));
            }
        }
        session.events.iter().for_each(|event| write_event(&mut file, event));
        for change in &session.changes {
            let kind = quoted(change.kind.name());
            let _ = writeln!(file, "\n[[change]]\nat-poll = {}\nkind = {kind}", change.at_poll);
        }
        file
    }

    /// The tables that are no list, but for what the session decides of the load.
    fn write_tables(&self, file: &mut String, arm: usize) {
        let mut table = "";
        let values = self.layers.effective(&[]);
        let of_tables = values.iter().filter(|(path, _)| path.len() == 2 && path[0] != "load");
        for (path, value) in of_tables.filter(|(path, _)| !OF_THE_STORY.contains(&path[0].as_str()))
        {
            if self.is_replaced(&path[1], value, arm) {
                continue;
            }
            if table != path[0] {
                table = &path[0];
                let _ = writeln!(file, "\n[{table}]");
            }
            let _ = writeln!(file, "{} = {}", path[1], self.shown(path, value));
        }
    }

    fn write_load(&self, file: &mut String, session: &Session) {
        let Session { most_clients, polls, .. } = session;
        let _ = writeln!(file, "\n[load]\nclients = {most_clients}\npolls = {polls}");
        match &self.arms[session.arm].replica {
            // What a source is asked depends on time, and intervals are written as if uncompressed.
            Replica::ControlPlane(plane) => {
                let interval = session.interval.mul_f64(plane.time_factor).as_micros();
                let _ = writeln!(file, "cadence = \"open-loop\"\ninterval = \"{interval}us\"");
            }
            Replica::Strategy(_) | Replica::Command(_) => {
                let interval = session.interval.as_micros();
                let _ = writeln!(
                    file,
                    "# In real time: cadence = \"open-loop\" and interval = \"{interval}us\".\n\
                     cadence = \"lockstep\""
                );
            }
        }
        let values = self.layers.effective(&[]);
        let of_load = values.iter().filter(|(path, _)| path.len() == 2 && path[0] == "load");
        for (path, value) in of_load.filter(|(path, _)| !OF_THE_LOAD.contains(&path[1].as_str())) {
            let _ = writeln!(file, "{} = {}", path[1], self.shown(path, value));
        }
    }

    /// True of histories that are not one for each replica, because a flag named another number of these:
    /// the default ones were used instead.
    fn is_replaced(&self, key: &str, value: &Value, arm: usize) -> bool {
        let replicas = self.arms[arm].setup.replicas.get() as usize;
        matches!(value, Value::List(list) if key == "histories" && list.len() != replicas)
    }

    /// A value for a file in any folder: paths are absolute, and credentials masked.
    fn shown(&self, path: &KeyPath, value: &Value) -> String {
        let key = path.last().map_or("", String::as_str);
        match (key, value) {
            ("file" | "store-password-file", Value::Text(text)) => {
                let place = folder(&self.layers, path).join(text);
                quoted(&place.to_string_lossy())
            }
            ("command", Value::Text(line)) => {
                let place = folder(&self.layers, path);
                quoted(&masked(&format!("cd {} && {line}", shell::word(&place.to_string_lossy()))))
            }
            (_, Value::Text(text)) => quoted(&masked(text)),
            (_, Value::List(list)) => {
                let elements: Vec<_> = list.iter().map(|value| self.shown(path, value)).collect();
                format!("[{}]", elements.join(", "))
            }
            // A number without a point would be an integer.
            (_, Value::Float(number)) => format!("{number:?}"),
            _ => value.shown(),
        }
    }
}

/// Folder from which a relative path of this value starts.
fn folder(layers: &Layers, path: &KeyPath) -> std::path::PathBuf {
    let base = layers.provider(path).and_then(|(_, layer, _)| layer.base.clone());
    std::path::absolute(base.filter(|base| !base.as_os_str().is_empty()).unwrap_or(".".into()))
        .unwrap_or_default()
}

fn write_event(file: &mut String, event: &Event) {
    let kind = serde_json::to_value(event.kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default();
    let _ = writeln!(file, "\n[[event]]\nat-poll = {}\nkind = \"{kind}\"", event.at_poll);
    let pace = event.pace.map(|pace| match pace {
        PollInterval::Every(interval) => format!("{}ms", interval.as_millis()),
        PollInterval::Stop => "stop".to_owned(),
    });
    let names = [
        ("strategy", event.strategy.map(|strategy| strategy.name.to_owned())),
        ("policy", event.policy.map(|policy| policy.name.to_owned())),
        ("edge", event.edge.map(|edge| edge.name.to_owned())),
        ("poll-interval", pace),
    ];
    for (key, name) in names.iter().filter_map(|(key, name)| Some((key, name.as_ref()?))) {
        let _ = writeln!(file, "{key} = {}", quoted(name));
    }
    for (key, number) in [("replica", event.replica), ("count", event.count)] {
        if let Some(number) = number {
            let _ = writeln!(file, "{key} = {number}");
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.replace('\n', " ")).to_string()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::{ChangeKind, EventKind, Flags, Source};

    fn session(arm: usize) -> Session {
        let event = |at_poll, kind| Event::new(at_poll, kind);
        Session {
            name: "a session".to_owned(),
            summary: "It \"broke\", and was mended.".to_owned(),
            arm,
            most_clients: 20,
            polls: 90,
            interval: Duration::from_millis(250),
            events: vec![
                Event { count: NonZeroU32::new(10), ..event(1, EventKind::Clients) },
                Event {
                    strategy: strategies::find("per-process-counter"),
                    ..event(20, EventKind::Strategy)
                },
                Event { count: NonZeroU32::new(5), ..event(30, EventKind::Scale) },
                Event { replica: NonZeroU32::new(5), ..event(40, EventKind::Kill) },
                Event {
                    policy: balancer::catalogue::find("random"),
                    ..event(50, EventKind::Policy)
                },
            ],
            changes: vec![Change::at_once(60, ChangeKind::Edit)],
        }
    }

    #[test]
    fn what_is_written_is_read_back_as_the_same_story() {
        for built_in in crate::BUILT_IN {
            let flags = Flags::default().with("seed", "7");
            let scenario = Scenario::load(Some(built_in.name), &flags).expect(built_in.name);
            let arm = scenario.arms.len() - 1;
            let plane = matches!(scenario.arms[arm].replica, Replica::ControlPlane(_));
            let mut session = session(arm);
            let of_plane = [EventKind::Strategy, EventKind::Scale, EventKind::Kill];
            session.events.retain(|event| !plane || !of_plane.contains(&event.kind));
            let text = scenario.written_as(&session);
            let source = Source::file("written.toml", text.clone());
            let read = Scenario::from_source(&source, None, &Flags::default());
            let read = read.unwrap_or_else(|error| panic!("{text}\n{}", error.render(false)));
            assert_eq!((read.arms.len(), read.arms[0].setup.seed), (1, 7), "{text}");
            assert_eq!(read.arms[0].replica, scenario.arms[arm].replica, "{text}");
            assert_eq!(
                (&read.events, &read.changes),
                (&session.events, &session.changes),
                "{text}"
            );
            assert_eq!(read.arms[0].setup.clients.get(), 20);
        }
    }

    #[test]
    fn histories_that_a_flag_replaced_are_not_written() {
        let flags = Flags::default().with("replicas", "1");
        let scenario = Scenario::load(Some("all-200s"), &flags).expect("built in");
        let text = scenario.written_as(&session(scenario.arms.len() - 1));
        let read = Scenario::from_source(
            &Source::file("written.toml", text.clone()),
            None,
            &Flags::default(),
        );
        let read = read.unwrap_or_else(|error| panic!("{text}\n{}", error.render(false)));
        assert_eq!(read.arms[0].setup.replicas.get(), 1, "{text}");
    }
}
