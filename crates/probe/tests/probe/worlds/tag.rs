//! Tags of simulated servers, and the facts of a process and its copy of which they are made.

use findings::evidence::{Digests, hex};

use super::content;
use super::site::{Fresh, Site, TagForm, Times, Unit};

/// 2026-09-21 in seconds: the moment at which a world begins.
pub(crate) const EPOCH: u64 = 1_790_000_000;

/// Facts of one process, its host, and its copy of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u64,
    /// Any number, another one for each process.
    pub(crate) salt: u64,
    /// Milliseconds since 1970.
    pub(crate) started: u64,
    pub(crate) inode: u64,
    /// Changes that it has counted.
    pub(crate) counted: u64,
    /// Milliseconds by which its copy is younger than the first.
    pub(crate) delay: u64,
}

/// Circumstances of one response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Milliseconds since the world began.
    pub(crate) at: u64,
    /// Edition of the content that this server has, from 1.
    pub(crate) edition: u64,
    /// Milliseconds since 1970 at which that edition was made.
    pub(crate) edited: u64,
    /// Responses of this process before this one.
    pub(crate) served: u32,
    /// Any number, another one for each response.
    pub(crate) nonce: u64,
}

/// Modification time in milliseconds since 1970.
pub(crate) fn modified(site: &Site, process: &Process, moment: &Moment) -> u64 {
    match site.times {
        Times::Shared => moment.edited,
        Times::PerCopy { seconds } => moment.edited + process.delay % (seconds * 1_000),
        Times::Now => EPOCH * 1_000 + moment.at,
        Times::Started => started(process, moment),
        Times::Constant(seconds) => seconds * 1_000,
        Times::Future => moment.edited + 400 * 86_400_000,
    }
}

/// Opaque part of the tag for a content.
pub(crate) fn opaque(
    site: &Site,
    process: &Process,
    moment: &Moment,
    body: &Digests,
) -> Option<String> {
    let (length, millis) = (body.bytes, modified(site, process, moment));
    let salted = |salt: u64| {
        let mut bytes = body.sha256.to_vec();
        bytes.extend(salt.to_be_bytes());
        content::digests(&bytes)
    };
    Some(match site.tag {
        TagForm::None => return None,
        TagForm::Md5 => hex(&body.md5),
        TagForm::Sha1 => hex(&body.sha1),
        TagForm::Sha256Cut => hex(&body.sha256[..8]),
        TagForm::ExpressBody => format!("{length:x}-{}", base64(&body.sha1)),
        TagForm::Version { is_frozen: true } => "v1".to_owned(),
        TagForm::Version { is_frozen: false } => format!("v{}", moment.edition),
        TagForm::Nginx => format!("{:x}-{length:x}", millis / 1_000),
        TagForm::ExpressFile => format!("{length:x}-{millis:x}"),
        TagForm::Httpd { has_inode: false } => format!("{length:x}-{:x}", millis * 1_000),
        TagForm::Httpd { has_inode: true } => {
            format!("{:x}-{length:x}-{:x}", process.inode, millis * 1_000)
        }
        TagForm::HashOfTime => {
            hex(&content::digests(format!("lm{millis}/{length}").as_bytes()).md5)
        }
        TagForm::Size => format!("{length}"),
        TagForm::Salted => hex(&salted(process.salt).md5),
        TagForm::Counter => format!("{}", process.counted + moment.edition),
        TagForm::Started(Unit::Seconds) => format!("{}", started(process, moment) / 1_000),
        TagForm::Started(Unit::Millis) => format!("{}", started(process, moment)),
        TagForm::Started(Unit::HexNanos) => {
            format!("{:x}", started(process, moment) * 1_000_000 + process.salt % 1_000_000)
        }
        TagForm::Host => format!("v{}-web-{}", moment.edition, process.id + 1),
        TagForm::Uuid => uuid(process.salt ^ moment.edition),
        TagForm::PerResponse(Fresh::Random) => hex(&salted(moment.nonce).md5),
        TagForm::PerResponse(Fresh::Clock) => format!("{}", EPOCH * 1_000 + moment.at),
        TagForm::PerResponse(Fresh::Requests) => {
            format!("{}", process.counted + u64::from(moment.served))
        }
        TagForm::Expiring { milliseconds } => hex(&salted(moment.at / milliseconds).sha1[..8]),
    })
}

/// A deployment of another edition starts every process.
fn started(process: &Process, moment: &Moment) -> u64 {
    process.started.max(moment.edited + process.id * 37)
}

fn uuid(salt: u64) -> String {
    let digits = hex(&content::digests(&salt.to_be_bytes()).md5);
    let (a, b, c, d) = (&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20]);
    format!("{a}-{b}-4{c}-a{d}-{}", &digits[20..])
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(number >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}
