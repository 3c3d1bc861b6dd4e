//! Worlds drawn at random: a sound deployment, and in most of them a fault or two.

use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::cache::Cache;
use super::deployment::{Change, Policy, World};
use super::fault::{self, FaultKind};
use super::site::{Both, ByDate, CodedTag, Follows, Head, Ranges, Site, TagForm};
use super::tag::{EPOCH, Process};

/// A world, its faults, and the same world without them.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) world: World,
    pub(crate) sound: World,
    pub(crate) faults: Vec<&'static FaultKind>,
}

/// World of a seed.
pub(crate) fn draw(seed: u64) -> Drawn {
    let mut random = Pcg64Mcg::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut sound = sound(seed, &mut random);
    let kinds: Vec<_> = fault::kinds().collect();
    let count = [0, 0, 1, 1, 1, 1, 1, 1, 1, 2].choose(&mut random).copied().unwrap_or(1);
    let faults: Vec<_> = (0..count).filter_map(|_| kinds.choose(&mut random).copied()).collect();
    for fault in &faults {
        (fault.prepare)(&mut sound, &mut random);
    }
    let mut world = sound.clone();
    for fault in &faults {
        (fault.apply)(&mut world, &mut random);
    }
    Drawn { world, sound, faults }
}

fn sound(seed: u64, random: &mut Pcg64Mcg) -> World {
    let replicas = [1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 9].choose(random).copied().unwrap_or(1);
    let site = site(random);
    let policies = [
        Policy::InTurns,
        Policy::InTurns,
        Policy::Random,
        Policy::Random,
        Policy::Sticky,
        Policy::PerConnection,
        Policy::Cookie,
        Policy::Backends,
        Policy::Addresses,
    ];
    // One that keeps what the servers date beyond that time would be at fault.
    let allowed = if site.cache_control == Some("private, max-age=5") { 5_000 } else { u64::MAX };
    let cache = (random.random_range(0..12) == 0).then(|| Cache {
        milliseconds: [1_000, 5_000, 60_000]
            .choose(random)
            .map_or(1_000, |kept| allowed.min(*kept)),
        reads_conditions: true,
        is_named: random.random_range(0..2) == 0,
    });
    World {
        seed,
        sites: vec![site; replicas],
        processes: (0..replicas as u64).map(|id| process(id, random)).collect(),
        policy: policies.choose(random).copied().unwrap_or(Policy::Random),
        changes: changes(replicas, random),
        restart: (random.random_range(0..20) == 0).then(|| random.random_range(500..6_000)),
        cache,
    }
}

/// A change after the check, and perhaps one while it lasts.
fn changes(replicas: usize, random: &mut Pcg64Mcg) -> Vec<Change> {
    let later = Change { at: 3_000_000, stagger: 0 };
    let during = Change {
        at: random.random_range(500..4_000),
        // A rollout that ends before the check does.
        stagger: [0, 2_000 / replicas as u64].choose(random).copied().unwrap_or(0),
    };
    if random.random_range(0..10) == 0 { vec![during, later] } else { vec![later] }
}

fn process(id: u64, random: &mut Pcg64Mcg) -> Process {
    Process {
        id,
        salt: random.random(),
        started: EPOCH * 1_000 - random.random_range(60_000..90_000_000),
        inode: random.random_range(100_000..4_000_000),
        counted: random.random_range(0..40),
        delay: random.random_range(0..86_400_000),
    }
}

fn site(random: &mut Pcg64Mcg) -> Site {
    let tags = [
        TagForm::Md5,
        TagForm::Sha1,
        TagForm::Sha256Cut,
        TagForm::ExpressBody,
        TagForm::Version { is_frozen: false },
        TagForm::Nginx,
        TagForm::ExpressFile,
        TagForm::Httpd { has_inode: false },
        TagForm::HashOfTime,
        TagForm::None,
    ];
    let codings: [&'static [&'static str]; 4] = [&[], &[], &["gzip"], &["br", "gzip"]];
    let coded_tags =
        [CodedTag::Weakened, CodedTag::Own, CodedTag::Suffixed { is_understood: true }];
    let controls = [None, None, Some("no-cache"), Some("max-age=0"), Some("private, max-age=5")];
    let mut site = Site {
        tag: tags.choose(random).copied().unwrap_or(TagForm::Sha1),
        is_weak: random.random_range(0..4) == 0,
        is_dated: random.random_range(0..2) == 0,
        codings: codings.choose(random).copied().unwrap_or(&[]),
        coded_tag: coded_tags.choose(random).copied().unwrap_or(CodedTag::Own),
        // nginx wants both to match, and compares dates exactly: harmless while they agree.
        both: [Both::TagDecides, Both::TagDecides, Both::Each][random.random_range(0..3)],
        by_date: [ByDate::Compared, ByDate::Exact][random.random_range(0..2)],
        reads_star: random.random_range(0..4) > 0,
        cache_control: controls.choose(random).copied().unwrap_or(None),
        has_cors: random.random_range(0..5) == 0,
        // Refused or without a tag is no fault: nobody revalidates with HEAD.
        head: [Head::Right, Head::Right, Head::Untagged, Head::NotAllowed]
            [random.random_range(0..4)],
        ranges: [Ranges::Ignored, Ranges::Right][random.random_range(0..2)],
        product: [None, Some("nginx"), Some("Apache/2.4.62 (Debian)")]
            .choose(random)
            .copied()
            .flatten(),
        ..Site::sound()
    };
    // Without a tag, dates are all there is.
    site.is_dated |= site.tag == TagForm::None;
    if site.is_weak && random.random_range(0..2) == 0 {
        site.coded_tag = CodedTag::Kept;
    }
    site.content.filling = random.random_range(0..400);
    site.content.grows = random.random_range(0..2) == 0;
    let hashes = [TagForm::Md5, TagForm::Sha1, TagForm::Sha256Cut, TagForm::ExpressBody];
    // Other tags would stand for several contents.
    if hashes.contains(&site.tag) && random.random_range(0..4) == 0 {
        site.follows =
            Some(Follows { field: "accept-language", is_of_content: true, is_in_vary: true });
    }
    site
}
