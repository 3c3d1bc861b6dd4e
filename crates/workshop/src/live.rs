//! One page with switches over a running fleet.
//!
//! ```text
//! harness::live ─ polls ─► witness ─► session ─► feed ─► page   state once, then ten ticks a second
//!       ▲                                ▲
//!       └──────── orders ◄─── room ◄─ switch ◄─ POST ◄─ guard   who may look, who may press
//! ```
//!
//! A switch is an event or a change of a scenario, carried out by the harness as in a run: so a session
//! can be written down as a scenario ([`scenario::Session`]). The page draws what it is sent and decides
//! nothing. A switch is a write: it is pressed over POST, from the page itself, by somebody on this
//! machine or by somebody with the token. Everybody else looks.

mod feed;
mod fleet;
mod guard;
mod listen;
mod plan;
mod played;
mod room;
mod server;
mod session;
mod shown;
mod story;
mod switch;
mod witness;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use client::{Capture, Meter};
use harness::{Live, RunError};
use scenario::{Arm, Scenario};
use text::secret::Secret;
use thiserror::Error;
use tokio::sync::{mpsc, watch};

use self::room::Room;
use self::witness::RoomWitness;

/// Settings of a page.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `etag-lab` program, started as replica and guard.
    pub program: PathBuf,
    /// Address of the page; a port that is taken gives way to the next free one.
    pub listen: SocketAddr,
    /// Polls a second of all clients together, when it begins.
    pub rate: u32,
    /// Price of what is sent, for 1,000,000,000 bytes; `None` where none was named.
    pub price_per_gigabyte: Option<f64>,
    /// Lets people on other machines press switches.
    pub control_token: Option<Secret>,
    /// Becomes true when all shall end.
    pub stop: watch::Receiver<bool>,
}

/// Reason for which there is no page.
#[derive(Debug, Error)]
pub enum LiveError {
    /// No port is free, or the address is not one of this machine.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The fleet did not start.
    #[error(transparent)]
    Fleet(#[from] RunError),
}

/// Replicas that the digits of a keyboard can name.
const MOST_REPLICAS: u32 = 9;
/// Times as many clients may poll as at the beginning.
const MORE_CLIENTS: u32 = 4;
/// Time in which visitors hear that it is over.
const FAREWELL: Duration = Duration::from_millis(200);
/// Heads are shown, contents are not kept.
const CAPTURE: Capture = Capture { exchanges: 0, content_bytes: 0, total_content_bytes: 0 };

/// Runs the last arm of a scenario with its page until it is stopped; `ready` gets the address of the page.
pub async fn run(
    scenario: &Scenario,
    settings: &Settings,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), LiveError> {
    let listen = settings.listen;
    let listener = listen::next_free(listen).map_err(|error| LiveError::Listen(listen, error))?;
    let address = listener.local_addr().map_err(|error| LiveError::Listen(listen, error))?;
    let arm = first_arm(scenario, settings.rate);
    let (orders, taken) = mpsc::channel(16);
    let room = Room::new(scenario.clone(), arm.clone(), settings, orders);
    let (begun, is_begun) = watch::channel(false);
    let witness = RoomWitness::of(&room);
    let live = Live {
        program: settings.program.clone(),
        stop: settings.stop.clone(),
        orders: taken,
        ready: begun,
        meter: Arc::new(Meter { witness: Some(Box::new(witness)), ..Meter::default() }),
        capture: Some(CAPTURE),
        most_replicas: MOST_REPLICAS.max(arm.setup.replicas.get()),
        most_clients: arm.setup.clients.get() * MORE_CLIENTS,
    };
    ready(address);
    let server = tokio::spawn(server::serve(listener, Arc::clone(&room)));
    let company = [
        tokio::spawn(feed::tick(Arc::clone(&room), is_begun)),
        tokio::spawn(predict_always(Arc::clone(&room))),
        tokio::spawn(say_farewell(Arc::clone(&room), settings.stop.clone())),
    ];
    // The state of an arm is large, and the caller's future need not carry it.
    let result = Box::pin(harness::live(scenario, &arm, live)).await;
    // A tab that stays open keeps nothing from ending.
    room.end();
    tokio::time::sleep(FAREWELL).await;
    server.abort();
    for task in &company {
        task.abort();
    }
    result.map_err(LiveError::Fleet)
}

/// Visitors hear at once that it is over, also while processes are still being stopped.
async fn say_farewell(room: Arc<Room>, mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_ok() {
        room.end();
    }
}

/// Predicts again whenever the fleet has become another one, beside the polls.
async fn predict_always(room: Arc<Room>) {
    let mut known: Option<Arm> = None;
    loop {
        let (scenario, arm) = {
            let session = room.session();
            // A fleet whose replicas differ from one another is not modelled.
            let is_even = session.down.is_empty() && session.exceptions.is_empty();
            (Arc::clone(&session.scenario), is_even.then(|| session.arm.clone()))
        };
        if arm != known {
            known.clone_from(&arm);
            let predict = move || arm.and_then(|arm| plan::prediction(&scenario, &arm));
            let predicted = tokio::task::spawn_blocking(predict).await.unwrap_or_default();
            room.session().predicted = predicted;
            room.publish_state();
        }
        room.changed().await;
    }
}

/// The arm that is shown first: the last one, in which things are usually right.
fn first_arm(scenario: &Scenario, rate: u32) -> Arm {
    let mut arm = scenario.arms.last().expect("a scenario has at least one arm").clone();
    // What happens is decided by those who press.
    arm.setup.events.clear();
    harness::at_rate(&mut arm, rate);
    arm
}
