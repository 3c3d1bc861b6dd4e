//! Equality of states: two are one if nobody could tell them apart after clients, writers and tags have
//! got other names.
//!
//! A state packed into a number, with tags named in the order in which they are met, clients and
//! writers sorted, and of versions only what the faults ask of them. States with one key have the
//! same future; that some states with the same future have two keys costs time only.

use etag_lab_origin::shared_tags::protocol::WriteStep;
use etag_lab_origin::shared_tags::slot::TagSlot;

use super::{Client, Mark, Progress, Request, State, Tag, Transaction, Version};
use crate::shared_protocol::world::{CLIENTS, WRITERS};

/// More than are held at once: two by each client, one by each writer, two by the store.
const TAGS: usize = 2 * CLIENTS + WRITERS + 2;

/// Every order of the clients.
const ORDERS: [[usize; CLIENTS]; 6] =
    [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

impl State {
    /// The same for states with the same future.
    pub(crate) fn key(&self) -> u128 {
        let looks = self.clients.map(|client| self.look_of_client(client));
        let is_sorted =
            |[a, b, c]: &[usize; CLIENTS]| looks[*a] <= looks[*b] && looks[*b] <= looks[*c];
        let sorted = ORDERS.iter().filter(|order| is_sorted(order));
        sorted.map(|order| self.packed(*order, looks)).min().expect("some order is sorted")
    }

    /// The state with its clients in this order.
    fn packed(&self, clients: [usize; CLIENTS], looks: [u32; CLIENTS]) -> u128 {
        let mut packed = Packed { bits: 0, names: [None; TAGS] };
        packed.slot(self.slot);
        packed.push(self.saved.is_some().into(), 1);
        packed.slot(self.saved.unwrap_or_default());
        packed.push(self.store_is_up.into(), 1);

        for number in clients {
            packed.push(looks[number], 12);
            self.clients[number].tags().into_iter().for_each(|tag| packed.tag(tag));
        }
        let mut numbers: [usize; WRITERS] = std::array::from_fn(|number| number);
        numbers.sort_unstable_by_key(|number| self.look_of_writer(*number));
        for number in numbers {
            packed.push(self.look_of_writer(number), 10);
            packed.tag(self.writers[number].attempted);
        }
        packed.bits
    }

    /// All of a client but the names of its tags.
    fn look_of_client(&self, client: Client) -> u32 {
        let [stored_tag, given_tag] = client.tags();
        let is_current = |tag: Option<Tag>| tag.is_some_and(|tag| self.slot == TagSlot::Tag(tag));
        let (request, is_calm) = match client.request {
            Request::None => (0, false),
            Request::Creating(_) => (1, client.is_calm),
            Request::Rendering(_) => (2, client.is_calm),
        };
        let mut look = Bits(request);
        look.add(is_calm);
        look.add(is_current(stored_tag));
        look.add(is_current(given_tag));
        look.add(client.stored.is_some());
        look.add(client.stored.is_some_and(|stored| stored.is_calm));
        look.0 << 3 | client.stored.map_or(0, |stored| self.staleness(stored.version))
    }

    /// Number of commits ago that `version` was current, if the writers of all of them go on.
    fn staleness(&self, version: Version) -> u32 {
        if self.is_superseded(version) { 7 } else { (self.committed - version).into() }
    }

    /// All of a writer but its number and the name of its tag.
    fn look_of_writer(&self, number: usize) -> u32 {
        let writer = self.writers[number];
        let step = match writer.progress {
            Progress::Waiting => 0,
            Progress::Begun(WriteStep::Announce) => 1,
            Progress::Begun(WriteStep::Commit) => 2,
            Progress::Begun(WriteStep::Publish) => 3,
            Progress::Begun(WriteStep::Done) => 4,
            Progress::Crashed => 5,
        };
        let transaction = match writer.transaction {
            Transaction::Open { is_covered } => 1 + u32::from(is_covered),
            Transaction::Committed(version) if writer.is_under_way() => {
                3 + u32::from(self.committed - version)
            }
            Transaction::None | Transaction::Committed(_) | Transaction::RolledBack => 0,
        };
        let is_mine = |slot| matches!(slot, TagSlot::Announced(Mark::TagWriter(owner)) if usize::from(owner) == number);
        let mut look = Bits(step << 3 | transaction);
        look.add(is_mine(self.slot));
        look.add(self.saved.is_some_and(is_mine));
        look.0
    }
}

struct Bits(u32);

impl Bits {
    fn add(&mut self, flag: bool) {
        self.0 = self.0 << 1 | u32::from(flag);
    }
}

struct Packed {
    bits: u128,
    /// The tag that has each name.
    names: [Option<Tag>; TAGS],
}

impl Packed {
    fn push(&mut self, value: u32, width: u32) {
        self.bits = self.bits << width | u128::from(value);
    }

    /// Whose mark is told with the writer.
    fn slot(&mut self, slot: TagSlot<Tag, Mark>) {
        let (kind, tag) = match slot {
            TagSlot::Missing => (0, None),
            TagSlot::Announced(Mark::Grace) => (1, None),
            TagSlot::Announced(Mark::TagWriter(_)) => (2, None),
            TagSlot::Tag(tag) => (3, Some(tag)),
        };
        self.push(kind, 2);
        self.tag(tag);
    }

    /// 0 without a tag; otherwise its name counted from 1.
    fn tag(&mut self, tag: Option<Tag>) {
        let name = match tag {
            None => 0,
            Some(_) => 1 + self.name(tag),
        };
        self.push(name, 4);
    }

    fn name(&mut self, tag: Option<Tag>) -> u32 {
        let known = |name: &Option<Tag>| name.is_none() || *name == tag;
        let index = self.names.iter().position(known).expect("there are names for all tags");
        self.names[index] = tag;
        u32::try_from(index).expect("names are few")
    }
}
