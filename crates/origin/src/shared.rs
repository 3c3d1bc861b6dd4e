//! Tags that a whole fleet shares: a store holds one random tag for each path.
//!
//! The tag says nothing about the content; what makes it honest is the order in which readers and
//! writers speak to the store and to the database. That order is [`protocol`], and what the store
//! must do at one blow is [`slot`]; both are pure, so that the middleware and the model checker of
//! `tests/shared_protocol` drive the very same code. No store is reached from here.

pub mod protocol;
pub mod slot;
