//! The catalogue of strategies from outside.

mod contract;
