//! Lists of cases that concern the whole catalogue: what each finding must not be taken for, and public
//! reports. A finding's own cases stand beside it.

mod lookalikes;
mod reports;
