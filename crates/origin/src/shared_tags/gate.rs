//! A breakpoint for requests: stops them until a harness lets them go on, to order the events of a
//! race.
//!
//! Knows nothing of what the request was about to do.

use tokio::sync::watch;

/// A gate that is open unless it is told to hold the next one who comes.
#[derive(Debug)]
pub(crate) struct Gate(watch::Sender<GateState>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GateState {
    Open,
    /// The next one stops.
    Armed,
    /// One has stopped; all others pass.
    Holding,
}

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(GateState::Open))
    }
}

impl Gate {
    pub(crate) fn hold(&self) {
        self.0.send_replace(GateState::Armed);
    }

    /// Completes when somebody has stopped.
    pub(crate) async fn held(&self) {
        self.reached(GateState::Holding).await;
    }

    /// Lets whoever has stopped go on; nobody will be stopped any more.
    pub(crate) fn release(&self) {
        self.0.send_replace(GateState::Open);
    }

    /// Completes at once, except for the one who is to be held.
    pub(crate) async fn pass(&self) {
        let stops = self.0.send_if_modified(|state| {
            let stops = *state == GateState::Armed;
            if stops {
                *state = GateState::Holding;
            }
            stops
        });
        if stops {
            self.reached(GateState::Open).await;
        }
    }

    async fn reached(&self, state: GateState) {
        let mut states = self.0.subscribe();
        states.wait_for(|now| *now == state).await.expect("the gate is borrowed, hence not gone");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn one_is_held_until_it_is_released_and_others_pass() -> Result<(), tokio::task::JoinError>
    {
        let gate = Arc::new(Gate::default());
        gate.pass().await;
        gate.hold();
        let passing = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass().await }
        });
        gate.held().await;
        gate.pass().await;
        assert!(!passing.is_finished());
        gate.release();
        passing.await
    }
}
