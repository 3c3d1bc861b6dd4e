//! The room: one session, those who look at it, and the one who presses, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use harness::{LiveOrder, LiveRequest};
use scenario::{Arm, Scenario};
use text::secret::Secret;
use tokio::sync::{Mutex as Turn, Notify, OnceCell, broadcast, mpsc, oneshot};

use super::plan::Plan;
use super::played::Played;
use super::session::Session;
use super::switch::Switch;
use super::{Settings, fleet, shown};

/// Messages that a slow visitor may miss before it is sent the whole state again.
const MOST_WAITING: usize = 64;

pub(super) struct Room {
    session: Mutex<Session>,
    orders: mpsc::Sender<LiveRequest>,
    /// What all visitors are sent.
    news: broadcast::Sender<Arc<str>>,
    /// Presses take turns.
    turn: Turn<()>,
    plan: OnceCell<Arc<Plan>>,
    changed: Notify,
    price_per_gigabyte: Option<f64>,
    pub(super) control_token: Option<Secret>,
}

impl Room {
    pub(super) fn new(
        scenario: Scenario,
        arm: Arm,
        settings: &Settings,
        orders: mpsc::Sender<LiveRequest>,
    ) -> Arc<Self> {
        Arc::new(Self {
            session: Mutex::new(Session::new(Arc::new(scenario), arm)),
            orders,
            news: broadcast::channel(MOST_WAITING).0,
            turn: Turn::new(()),
            plan: OnceCell::new(),
            changed: Notify::new(),
            price_per_gigabyte: settings.price_per_gigabyte,
            control_token: settings.control_token.clone(),
        })
    }

    pub(super) fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes when the fleet may have become another one.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<str>> {
        self.news.subscribe()
    }

    /// The whole state as a message.
    pub(super) fn state(&self) -> Arc<str> {
        message("state", &shown::state(&self.session(), self.price_per_gigabyte))
    }

    pub(super) fn publish_state(&self) {
        self.publish(self.state());
    }

    pub(super) fn publish(&self, message: Arc<str>) {
        // Nobody need be looking.
        let _ = self.news.send(message);
    }

    pub(super) fn end(&self) {
        let was_there = !std::mem::replace(&mut self.session().ended, true);
        if was_there {
            self.publish_state();
        }
    }

    /// Presses a switch; an error says why it did nothing, or not all.
    pub(super) async fn press(&self, switch: &Switch) -> Result<(), String> {
        let _turn = self.turn.lock().await;
        let result = self.pressed(switch).await;
        self.session().note = result.as_ref().err().cloned().unwrap_or_default();
        self.changed.notify_one();
        self.publish_state();
        result
    }

    async fn pressed(&self, switch: &Switch) -> Result<(), String> {
        {
            let session = self.session();
            if session.ended || !session.begun {
                let when = if session.ended { "any more" } else { "yet" };
                return Err(format!("the fleet does not run {when}"));
            }
        }
        if self.look(switch).await? {
            return Ok(());
        }
        let plan = self.plan().await;
        let press = switch.press(&self.session(), &plan)?;
        let mut done = Vec::new();
        let mut result = Ok(());
        for played in press.played {
            result = self.give(order_of(&played)).await.map(drop);
            if result.is_err() {
                break;
            }
            self.session().apply(&played);
            done.push(played);
        }
        let mut session = self.session();
        session.step += usize::from(matches!(switch, Switch::Next {}));
        session.mark(press.key, press.label, done);
        result
    }

    /// Presses that concern the page, and not the fleet; returns whether it was one.
    async fn look(&self, switch: &Switch) -> Result<bool, String> {
        match switch {
            Switch::Pause {} => {
                let paused = !self.session().paused;
                self.give(LiveOrder::Pause(paused)).await?;
                self.session().set_paused(paused);
            }
            Switch::Predict {} => self.session().cover_or_reveal(),
            Switch::Guess { digit } => self.session().guess(*digit),
            Switch::Before {} => {
                let mut session = self.session();
                let setup = fleet::setup(&session);
                session.freeze(setup);
                session.mark("M", "before".to_owned(), Vec::new());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Breaking and fixing in this scenario, which the model decides once.
    pub(super) async fn plan(&self) -> Arc<Plan> {
        let plan = async || {
            let (scenario, first) = {
                let session = self.session();
                (Arc::clone(&session.scenario), session.first.clone())
            };
            let planned = tokio::task::spawn_blocking(move || Plan::of(&scenario, &first)).await;
            Arc::new(planned.expect("a plan of a checked scenario does not panic"))
        };
        Arc::clone(self.plan.get_or_init(plan).await)
    }

    /// Asks how often what is behind the servers was asked.
    pub(super) async fn count(self: Arc<Self>) {
        if let Ok(count) = self.give(LiveOrder::Count).await {
            self.session().count_behind(count);
        }
    }

    async fn give(&self, order: LiveOrder) -> Result<Option<u64>, String> {
        const GONE: &str = "the fleet has ended";
        let (answer, answered) = oneshot::channel();
        let request = LiveRequest { order, answer };
        self.orders.send(request).await.map_err(|_| GONE.to_owned())?;
        answered.await.unwrap_or_else(|_| Err(GONE.to_owned()))
    }
}

fn order_of(played: &Played) -> LiveOrder {
    match played {
        Played::Event(event) => LiveOrder::Event(event.clone()),
        Played::Change(kind) => LiveOrder::Change(*kind),
    }
}

/// A server-sent event; JSON has no line break.
pub(super) fn message(event: &str, data: &str) -> Arc<str> {
    format!("event: {event}\ndata: {data}\n\n").into()
}

impl Session {
    fn cover_or_reveal(&mut self) {
        let covered = !self.guessing.covered;
        let label = match (covered, self.guessing.guess) {
            (true, _) => "predict".to_owned(),
            (false, Some(guess)) => format!("revealed, guessed {guess} %"),
            (false, None) => "revealed".to_owned(),
        };
        self.guessing.covered = covered;
        if covered {
            self.guessing.guess = None;
        }
        self.mark("P", label, Vec::new());
    }

    /// Adds a digit to the guess, which begins anew beyond 100.
    fn guess(&mut self, digit: Option<u32>) {
        let digit = digit.filter(|digit| *digit < 10);
        let longer = digit.map(|digit| self.guessing.guess.unwrap_or_default() * 10 + digit);
        self.guessing.guess = longer.filter(|guess| *guess <= 100).or(digit);
    }
}
