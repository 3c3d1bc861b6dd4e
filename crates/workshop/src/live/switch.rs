//! The switches: what each makes of the fleet as it is.

use std::num::NonZeroU32;

use scenario::{ChangeKind, Event, EventKind, Replica};
use serde::Deserialize;

use super::plan::{self, Plan};
use super::played::Played;
use super::session::Session;

/// A press of a switch, as the page sends it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "switch", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Switch {
    /// The strategy of all replicas, or of one; without a name the next one of a few.
    Strategy { name: Option<String>, replica: Option<u32> },
    /// So many replicas, or so many more.
    Replicas { count: Option<u32>, by: Option<i32> },
    /// So many clients, or so many steps more.
    Clients { count: Option<u32>, by: Option<i32> },
    /// The balancer's policy; without a name the next one.
    Policy { name: Option<String> },
    /// The balancer's edge; without a name the next one.
    Edge { name: Option<String> },
    /// New content everywhere.
    Change {},
    /// A replica is killed and started again.
    Restart { replica: u32 },
    /// A replica is killed, or started again if it is dead.
    Kill { replica: u32 },
    /// All clients drop their connections.
    Reconnect {},
    /// The source of a control plane is killed, or started again.
    Source {},
    /// The setup in which revalidation fails.
    Break {},
    /// The setup in which it works.
    Fix {},
    /// Every fault off, everything up.
    Reset {},
    /// Time stands still, or goes on.
    Pause {},
    /// The next step of the scenario's script.
    Next {},
    /// Covers number and curve, or reveals them.
    Predict {},
    /// The next digit of the room's guess in percent; without one it is taken back.
    Guess { digit: Option<u32> },
    /// The last 30 s stay beside those that come.
    Before {},
}

/// What a press does to the fleet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Press {
    pub(super) key: &'static str,
    pub(super) label: String,
    pub(super) played: Vec<Played>,
}

type Planned = Result<Press, String>;

impl Switch {
    /// The press in this session; an error says why it does nothing.
    pub(super) fn press(&self, session: &Session, plan: &Plan) -> Planned {
        let step = i32::try_from(session.first.setup.clients.get() / 2).unwrap_or(1).max(1);
        match self {
            Self::Strategy { name, replica } => strategy(session, name.as_deref(), *replica),
            Self::Replicas { count, by } => replicas(session, *count, by.unwrap_or_default()),
            Self::Clients { count, by } => {
                clients(session, *count, by.unwrap_or_default().saturating_mul(step))
            }
            Self::Policy { name } => policy(session, name.as_deref()),
            Self::Edge { name } => edge(session, name.as_deref()),
            Self::Change {} => Ok(one("C", Played::Change(ChangeKind::Edit))),
            Self::Restart { replica } => {
                Ok(one("A", of_replica(session, EventKind::Restart, *replica)?))
            }
            Self::Kill { replica } => {
                let is_down = session.down.contains(replica);
                let kind = if is_down { EventKind::Restart } else { EventKind::Kill };
                Ok(one("K", of_replica(session, kind, *replica)?))
            }
            Self::Reconnect {} => Ok(one("J", happens(EventKind::Reconnect))),
            Self::Source {} => source(session),
            Self::Break {} => toward(session, plan, true),
            Self::Fix {} => toward(session, plan, false),
            Self::Reset {} => Ok(several("R", "reset", plan::events_of_reset(session))),
            Self::Next {} => next(session),
            Self::Pause {} | Self::Predict {} | Self::Guess { .. } | Self::Before {} => {
                Ok(Press { key: "", label: String::new(), played: Vec::new() })
            }
        }
    }
}

fn happens(kind: EventKind) -> Played {
    Played::Event(Event::new(0, kind))
}

fn one(key: &'static str, played: Played) -> Press {
    Press { key, label: played.in_words(), played: vec![played] }
}

fn several(key: &'static str, label: &str, events: Vec<Event>) -> Press {
    let played: Vec<_> = events.into_iter().map(Played::Event).collect();
    let words: Vec<_> = played.iter().map(Played::in_words).collect();
    let label =
        if words.is_empty() { label.to_owned() } else { format!("{label}: {}", words.join(", ")) };
    Press { key, label, played }
}

fn of_replica(session: &Session, kind: EventKind, replica: u32) -> Result<Played, String> {
    let number = NonZeroU32::new(replica).filter(|number| *number <= session.arm.setup.replicas);
    let replica = Some(number.ok_or_else(|| format!("there is no replica {replica}"))?);
    Ok(Played::Event(Event { replica, ..Event::new(0, kind) }))
}

fn strategy(session: &Session, name: Option<&str>, replica: Option<u32>) -> Planned {
    let Replica::Strategy(all) = session.arm.replica else {
        return Err("only replicas of the lab have a strategy".to_owned());
    };
    let own = replica.and_then(|number| session.exceptions.get(&number).copied());
    let now = own.unwrap_or(all.name);
    let list = plan::short_list(&session.scenario);
    let name = name.unwrap_or_else(|| after(&list, now));
    let entry = strategies::find(name).ok_or_else(|| unknown("strategy", name))?;
    if replica.is_none() && session.exceptions.is_empty() && entry.name == all.name {
        return Err(format!("the strategy is {name} already"));
    }
    let event = match replica {
        Some(number) => of_replica(session, EventKind::Strategy, number)?,
        None => happens(EventKind::Strategy),
    };
    let Played::Event(event) = event else { return Err(unknown("strategy", name)) };
    let key = if replica.is_some() { "T" } else { "S" };
    Ok(one(key, Played::Event(Event { strategy: Some(entry), ..event })))
}

fn replicas(session: &Session, count: Option<u32>, by: i32) -> Planned {
    if let Replica::ControlPlane(_) = session.arm.replica {
        return Err("a control plane keeps the proxies that it began with".to_owned());
    }
    let most = super::MOST_REPLICAS.max(session.first.setup.replicas.get());
    let wanted =
        count.unwrap_or_else(|| session.arm.setup.replicas.get().saturating_add_signed(by));
    let count = NonZeroU32::new(wanted).filter(|wanted| wanted.get() <= most);
    let count = count.ok_or_else(|| format!("a live fleet has 1 to {most} replicas"))?;
    let key = if count > session.arm.setup.replicas { "+" } else { "−" };
    Ok(one(key, Played::Event(Event { count: Some(count), ..Event::new(0, EventKind::Scale) })))
}

fn clients(session: &Session, count: Option<u32>, by: i32) -> Planned {
    let most = session.first.setup.clients.get() * super::MORE_CLIENTS;
    let now = session.arm.setup.clients;
    let wanted = count.unwrap_or_else(|| now.get().saturating_add_signed(by));
    let count = NonZeroU32::new(wanted.clamp(1, most)).filter(|count| *count != now);
    let count = count.ok_or_else(|| format!("there are 1 to {most} clients"))?;
    let key = if count > now { ">" } else { "<" };
    Ok(one(key, Played::Event(Event { count: Some(count), ..Event::new(0, EventKind::Clients) })))
}

fn policy(session: &Session, name: Option<&str>) -> Planned {
    let names: Vec<_> = balancer::catalogue::POLICIES.iter().map(|policy| policy.name).collect();
    let name = name.unwrap_or_else(|| after(&names, session.arm.setup.policy.name));
    let policy = Some(balancer::catalogue::find(name).ok_or_else(|| unknown("policy", name))?);
    Ok(one("L", Played::Event(Event { policy, ..Event::new(0, EventKind::Policy) })))
}

fn edge(session: &Session, name: Option<&str>) -> Planned {
    let names: Vec<_> = balancer::catalogue::EDGES.iter().map(|edge| edge.name).collect();
    let name = name.unwrap_or_else(|| after(&names, session.arm.setup.edge.name));
    let edge = Some(balancer::catalogue::find_edge(name).ok_or_else(|| unknown("edge", name))?);
    Ok(one("E", Played::Event(Event { edge, ..Event::new(0, EventKind::Edge) })))
}

fn source(session: &Session) -> Planned {
    let Replica::ControlPlane(_) = session.arm.replica else {
        return Err("only a control plane has a source".to_owned());
    };
    let kind = if session.source_down { EventKind::SourceUp } else { EventKind::SourceDown };
    Ok(one("U", happens(kind)))
}

/// Toward the setup that fails, or the one that works; of a control plane it is the source that fails.
fn toward(session: &Session, plan: &Plan, broken: bool) -> Planned {
    let (key, label) = if broken { ("B", "break") } else { ("F", "fix") };
    if let Replica::ControlPlane(_) = session.arm.replica {
        if broken == session.source_down {
            return Err(format!("the source is {} already", if broken { "down" } else { "up" }));
        }
        let kind = if broken { EventKind::SourceDown } else { EventKind::SourceUp };
        return Ok(several(key, label, vec![Event::new(0, kind)]));
    }
    if plan.is_empty {
        return Err("nothing here can be broken and fixed by a key".to_owned());
    }
    let (target, other) =
        if broken { (&plan.worse, &plan.better) } else { (&plan.better, &plan.worse) };
    // What the two do not differ in stays as it was made by hand.
    let differing = plan::events_between(other, target, false);
    let mut events = plan::events_between(&session.arm, target, !session.exceptions.is_empty());
    events.retain(|event| differing.iter().any(|differing| differing.kind == event.kind));
    if events.is_empty() {
        return Err(format!("it is {} already", if broken { "broken" } else { "fixed" }));
    }
    Ok(several(key, label, events))
}

fn next(session: &Session) -> Planned {
    let script = plan::script(&session.scenario);
    let step = script.into_iter().nth(session.step).ok_or("the script is at its end")?;
    Ok(Press { key: "N", label: step.label, played: step.played })
}

/// The name after this one, going round.
fn after<'a>(names: &[&'a str], now: &str) -> &'a str {
    let at = names.iter().position(|name| *name == now).map_or(0, |at| at + 1);
    names[at % names.len()]
}

fn unknown(what: &str, name: &str) -> String {
    format!("there is no {what} `{}`", text::excerpt(name))
}

impl Session {
    /// Takes note of something that was done to the fleet.
    pub(super) fn apply(&mut self, played: &Played) {
        let Played::Event(event) = played else { return };
        self.arm.switch(event);
        self.most_clients = self.most_clients.max(self.arm.setup.clients.get());
        let replicas = self.arm.setup.replicas.get();
        let numbers = event.replica.map_or(1..=replicas, |number| number.get()..=number.get());
        match event.kind {
            EventKind::Kill => self.down.extend(numbers),
            EventKind::Restart => self.down.retain(|number| !numbers.contains(number)),
            EventKind::SourceDown => self.source_down = true,
            EventKind::SourceUp => self.source_down = false,
            EventKind::Scale => {
                self.down.retain(|number| *number <= replicas);
                self.exceptions.retain(|number, _| *number <= replicas);
                self.wires.retain(|number, _| *number <= replicas);
            }
            EventKind::Strategy => match (event.replica, event.strategy) {
                (Some(number), Some(strategy)) => {
                    self.exceptions.insert(number.get(), strategy.name);
                }
                _ => self.exceptions.clear(),
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
