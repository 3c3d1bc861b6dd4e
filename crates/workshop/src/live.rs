//! One page with switches over a running fleet.
//!
//! ```text
//! listen ─► server ─► guard      who may look, who may press
//!              └────► page       one document, one style, one script of our own; nothing from elsewhere
//! ```
//!
//! A switch is a write: it is pressed over POST, from the page itself, by somebody on this machine or by
//! somebody with the token. Everybody else looks.

#[cfg_attr(not(test), expect(dead_code, reason = "switches come with the fleet"))]
mod guard;
mod listen;
mod server;

use std::net::SocketAddr;

use scenario::Scenario;
use text::secret::Secret;
use thiserror::Error;
use tokio::sync::watch;

/// Settings of a page.
#[derive(Clone, Debug)]
pub struct Settings {
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
    /// The server broke.
    #[error("cannot serve the page: {0}")]
    Serve(std::io::Error),
}

/// Serves the page until it is stopped; `ready` gets the address that was taken.
pub async fn run(
    scenario: &Scenario,
    settings: &Settings,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), LiveError> {
    let listen = settings.listen;
    let listener = listen::next_free(listen).map_err(|error| LiveError::Listen(listen, error))?;
    let address = listener.local_addr().map_err(|error| LiveError::Listen(listen, error))?;
    ready(address);
    let state = server::State::new(scenario, settings.control_token.clone());
    server::serve(listener, state, settings.stop.clone()).await.map_err(LiveError::Serve)
}
