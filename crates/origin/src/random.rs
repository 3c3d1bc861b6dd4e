//! Random names, from the operating system.
//!
//! Nothing of a run that is to be repeated may come from here.

/// 128 bits in hexadecimal.
///
/// # Panics
///
/// When the operating system has no randomness to give, which it has from its start on.
pub(crate) fn hex_128() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    format!("{:032x}", u128::from_ne_bytes(bytes))
}
