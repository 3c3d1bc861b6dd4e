//! Server-sent events: the state at first, then whatever is new, until the visitor leaves.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::room::{Room, message};
use super::shown;

const TICK: Duration = Duration::from_millis(100);
/// Ticks between two messages with the whole course.
const TICKS_OF_WHOLE: u64 = 10;
/// Messages that wait for a slow visitor.
const MOST_WAITING: usize = 8;

/// Sends ticks to all visitors, from the first poll on.
pub(super) async fn tick(room: Arc<Room>, mut begun: watch::Receiver<bool>) {
    if begun.wait_for(|begun| *begun).await.is_err() {
        return;
    }
    room.session().begin();
    room.publish_state();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for number in 0_u64.. {
        ticks.tick().await;
        if room.session().ended {
            return;
        }
        let tick = shown::tick(&mut room.session());
        room.publish(message("tick", &tick));
        if number % TICKS_OF_WHOLE == 0 {
            let whole = shown::whole(&room.session().course.whole()).to_string();
            room.publish(message("whole", &whole));
            tokio::spawn(Arc::clone(&room).count());
        }
    }
}

/// The content of a response that goes on until the visitor leaves or all ends.
pub(super) struct Feed(mpsc::Receiver<Bytes>);

impl Feed {
    /// A feed that begins with the whole state.
    pub(super) fn of(room: &Arc<Room>) -> Self {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        tokio::spawn(follow(Arc::clone(room), sender));
        Self(receiver)
    }
}

async fn follow(room: Arc<Room>, visitor: mpsc::Sender<Bytes>) {
    let mut news = room.subscribe();
    let mut next = room.state();
    loop {
        let bytes = Bytes::copy_from_slice(next.as_bytes());
        if visitor.send(bytes).await.is_err() {
            return;
        }
        next = match news.recv().await {
            Ok(message) => message,
            // A visitor that was away sees everything all the same.
            Err(RecvError::Lagged(_)) => room.state(),
            Err(RecvError::Closed) => return,
        };
    }
}

impl Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
