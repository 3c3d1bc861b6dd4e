//! A population whose clients are alike but for the lots that a balancer draws for them.
//!
//! Nobody asks which of them met which replica: in each round the clients in one state are dealt out to the
//! replicas by one draw from the multinomial distribution, which is that of as many lots drawn one by one.
//! So the counts are those of one run, in distribution exactly, and no client is modelled for itself.

use client::cadence::Rounds;
use rand::SeedableRng as _;
use rand::distr::Distribution as _;
use rand_distr::Binomial;
use rand_pcg::Pcg64Mcg;
use scenario::Cadence;

use super::Player;
use crate::automaton::Place;
use crate::timeline::Step;
use crate::world::Case;

/// True if the clients of an arm are alike but for lots.
pub(crate) fn decide(case: &Case<'_>) -> bool {
    let setup = &case.arm.setup;
    let waits = setup.has_clock() || setup.caching.interruption.is_some();
    let mut steps = case.timeline.rounds().into_iter();
    let kills = steps
        .any(|round| case.timeline.steps(round).iter().any(|step| matches!(step, Step::Kill(_))));
    let is_whole = setup.polls.get().is_multiple_of(setup.clients.get().into());
    setup.cadence == Cadence::Lockstep && setup.policy.random && !waits && !kills && is_whole
}

impl Player<'_> {
    /// All rounds, each client in which is dealt a replica.
    pub(super) fn by_lot(&mut self, rounds: Rounds, seed: u64) {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let (forms, clients) = (u64::from(self.forms), u64::from(rounds.clients));
        let size = |form| clients / forms + u64::from(form < clients % forms);
        let mut crowds: Vec<Vec<u64>> = (0..forms).map(|form| vec![size(form)]).collect();
        for round in 0..rounds.count() {
            self.reach(round);
            self.counts.hand_over(round, &mut self.automaton);
            for (form, crowd) in crowds.iter_mut().enumerate() {
                *crowd = self.deal(form, crowd, round, &mut random);
            }
        }
    }

    /// One round of the clients that accept content in one form, by state; returns the same after it.
    fn deal(&mut self, form: usize, crowd: &[u64], round: u32, random: &mut Pcg64Mcg) -> Vec<u64> {
        let replicas = self.case.arm.setup.replicas.get() as usize;
        let mut after = vec![0; crowd.len()];
        for (state, &number) in crowd.iter().enumerate() {
            let mut left = number;
            for replica in 0..replicas {
                let share = 1.0 / (replicas - replica) as f64;
                let dealt = draw(left, share, random);
                if dealt > 0 {
                    let place = Place { client: form as u32, kind: form, replica: Some(replica) };
                    let state = state as u32;
                    let cell = self.automaton.cell(&mut self.world, state, place, round);
                    after.resize(after.len().max(cell.next() as usize + 1), 0);
                    after[cell.next() as usize] += dealt;
                    self.add(cell.class(), round, dealt);
                    left -= dealt;
                }
                if left == 0 {
                    break;
                }
            }
        }
        after
    }
}

/// How many of so many get a lot that each of them gets with this chance.
fn draw(number: u64, chance: f64, random: &mut Pcg64Mcg) -> u64 {
    if chance >= 1.0 || number == 0 {
        return number;
    }
    Binomial::new(number, chance).expect("a chance below 1").sample(random)
}
