//! Free ports for programs that do not choose one themselves.
//!
//! Between the choice and the program's own `bind` the port belongs to nobody. So it is none that
//! the kernel gives to whoever asks for any port, which under load is soon: neither to servers on
//! port 0 nor to the near ends of connections (ip(7), `ip_local_port_range`).

use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// First port that needs no privileges and is hardly ever a service's own.
const FIRST: u16 = 10_000;
/// First port that Linux gives to sockets without one, by default.
const FIRST_EPHEMERAL: u16 = 32_768;
const ATTEMPTS: usize = 100;

/// Different ports of 127.0.0.1 on which nobody listens at the moment.
pub fn free(count: usize) -> io::Result<Vec<u16>> {
    let range = outside_of_the_ephemeral();
    // All are held at the same time, so that no two are the same.
    let held: Vec<_> = (0..count).map(|_| hold(&range)).collect::<Result<_, _>>()?;
    held.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

fn hold(range: &Range<u16>) -> io::Result<TcpListener> {
    // Seeded by the operating system: all that is asked is that two processes rarely agree.
    let mut random = Pcg64Mcg::seed_from_u64(RandomState::new().hash_one(()));
    let any = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let drawn = (0..ATTEMPTS).find_map(|_| any(random.random_range(range.clone())).ok());
    drawn.map_or_else(|| any(0), Ok)
}

fn outside_of_the_ephemeral() -> Range<u16> {
    let told = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok();
    let first = told.and_then(|range| range.split_ascii_whitespace().next()?.parse().ok());
    // A machine that gives away nearly all of its ports has few others left to choose from.
    let end = first.filter(|first| *first > FIRST + 1_000).unwrap_or(FIRST_EPHEMERAL);
    FIRST..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ports_differ_are_free_and_none_that_the_kernel_gives_away() {
        let ports = free(50).expect("there are free ports");
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 50);
        assert!(ports.iter().all(|port| outside_of_the_ephemeral().contains(port)), "{ports:?}");
        let bound = ports.iter().filter(|port| TcpListener::bind(("127.0.0.1", **port)).is_ok());
        // Another test may have taken one of them meanwhile.
        assert!(bound.count() > 40);
    }
}
