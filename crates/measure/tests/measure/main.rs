//! Laws of what is counted, over random polls.

mod law;
