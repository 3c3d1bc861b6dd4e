//! The stores of all resources of a tier, and the room that they share.
//!
//! Both are bounded: a tier that stands before a server of the user's may meet any number of paths.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::Store;

#[derive(Debug)]
pub(crate) struct Stores {
    /// By path and query.
    by_path: Mutex<ByPath>,
    /// Bytes of content that may still be stored.
    room: Arc<Semaphore>,
}

type ByPath = HashMap<String, Arc<tokio::sync::Mutex<Store>>>;

const MOST_RESOURCES: usize = 1_000;

const ROOM_BYTES: usize = 256 << 20;

impl Default for Stores {
    fn default() -> Self {
        Self { by_path: Mutex::default(), room: Arc::new(Semaphore::new(ROOM_BYTES)) }
    }
}

impl Stores {
    pub(crate) fn of(&self, path: &str) -> Arc<tokio::sync::Mutex<Store>> {
        let mut stores = self.by_path();
        if stores.len() >= MOST_RESOURCES && !stores.contains_key(path) {
            forget_idle(&mut stores);
        }
        Arc::clone(stores.entry(path.to_owned()).or_default())
    }

    /// Room for so many bytes, for which others are forgotten where that is needed.
    pub(crate) fn room(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        let taken = || Arc::clone(&self.room).try_acquire_many_owned(bytes).ok();
        taken().or_else(|| {
            forget_idle(&mut self.by_path());
            taken()
        })
    }

    fn by_path(&self) -> MutexGuard<'_, ByPath> {
        self.by_path.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets all begin anew but those that a request is about.
fn forget_idle(stores: &mut ByPath) {
    stores.retain(|_, store| Arc::strong_count(store) > 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_make_room_for_others_unless_a_request_is_about_them() {
        let stores = Stores::default();
        let held = stores.of("/held");
        for number in 0..2 * MOST_RESOURCES {
            stores.of(&number.to_string());
            assert!(stores.by_path().len() <= MOST_RESOURCES);
        }
        assert!(Arc::ptr_eq(&held, &stores.of("/held")));
    }

    #[test]
    fn contents_share_one_room_and_give_it_back() {
        let stores = Stores::default();
        let most = stores.room(ROOM_BYTES - 1);
        assert!(most.is_some() && stores.room(2).is_none());
        drop(most);
        assert!(stores.room(2).is_some());
    }
}
