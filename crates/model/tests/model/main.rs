//! Tests of the model without a run: arithmetic that is known from elsewhere.

mod intervals;
mod predictions;
