//! Counts of many worlds, and a report of those that were judged wrongly, by kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::verdict::{Told, Wrong};

/// Judgements of many worlds.
#[derive(Default)]
pub(crate) struct Summary {
    worlds: usize,
    /// Faulty worlds.
    faulty: usize,
    /// What went wrong, by the faults of the world.
    wrong: BTreeMap<(Wrong, String), Vec<Example>>,
    /// Faulty worlds with one fault by its name: told rightly, and all.
    kinds: BTreeMap<String, (usize, usize)>,
}

/// A world that was judged wrongly.
struct Example {
    seed: u64,
    /// What was said.
    said: String,
    /// What would name it.
    right: String,
    words: String,
}

impl Summary {
    /// Counts a world.
    pub(crate) fn add(&mut self, told: &Told) {
        self.worlds += 1;
        self.faulty += usize::from(told.truth.is_faulty);
        for wrong in &told.wrong {
            let example = Example {
                seed: told.drawn.world.seed,
                said: told.said(),
                right: told.right(),
                words: told.in_words(),
            };
            self.wrong.entry((*wrong, told.kind())).or_default().push(example);
        }
        if told.drawn.faults.len() == 1 && told.truth.is_faulty {
            let (named, all) = self.kinds.entry(told.kind()).or_default();
            *all += 1;
            *named += usize::from(!told.is_unnamed());
        }
    }

    /// Takes the counts of another.
    pub(crate) fn join(&mut self, other: Self) {
        self.worlds += other.worlds;
        self.faulty += other.faulty;
        for (key, examples) in other.wrong {
            self.wrong.entry(key).or_default().extend(examples);
        }
        for (kind, (named, all)) in other.kinds {
            let known = self.kinds.entry(kind).or_default();
            *known = (known.0 + named, known.1 + all);
        }
    }

    /// Number of worlds that went wrong in one way.
    pub(crate) fn count(&self, wrong: Wrong) -> usize {
        let of_it = self.wrong.iter().filter(|((known, _), _)| *known == wrong);
        of_it.map(|(_, examples)| examples.len()).sum()
    }

    /// Everything that went wrong: a table of kinds, then three examples of each.
    pub(crate) fn report(&self) -> String {
        let mut text = format!("{} worlds, {} of them faulty\n", self.worlds, self.faulty);
        let mut ways: Vec<_> = self.wrong.keys().map(|(wrong, _)| *wrong).collect();
        ways.dedup();
        for wrong in ways {
            let _ = writeln!(text, "  {wrong:?}: {}", self.count(wrong));
        }
        text += "\nkinds that are not always named: named / all\n";
        for (kind, (named, all)) in self.kinds.iter().filter(|(_, (named, all))| named < all) {
            let _ = writeln!(text, "  {kind}: {named} / {all}");
        }
        text += "\nwhat was said, and what would be right\n";
        for ((wrong, kind), examples) in &self.wrong {
            let (first, count) = (&examples[0], examples.len());
            let seeds: Vec<_> = examples.iter().take(8).map(|it| it.seed.to_string()).collect();
            let (said, right, seeds) = (&first.said, &first.right, seeds.join(" "));
            let _ = writeln!(
                text,
                "{wrong:?} × {count}: {kind}\n  seeds {seeds}\n  said:  {said}\n  right: {right}"
            );
        }
        text += "\nexamples\n";
        for examples in self.wrong.values() {
            examples.iter().take(2).for_each(|example| text += &example.words);
        }
        text
    }
}
