//! Each `HEAD` beside the `GET`s that ask for the same, and what differs between them.

use semantics::HttpDate;

use super::super::cache_answering::is_stored;
use crate::evidence::{Method, ObservedExchange, ObservedRequest, ObservedResponse, opaque};
use crate::explanation::LOOKED_AT;
use crate::tag_form::split_suffix;
use crate::view::{FullResponse, View};

/// `HEAD` that was answered, and the complete `GET`s of the same way and request.
pub(super) struct Pair<'v, 'a> {
    pub(super) exchange: &'a ObservedExchange,
    pub(super) answer: &'a ObservedResponse,
    pub(super) gets: Vec<&'v FullResponse<'a>>,
}

/// All that can be compared: some `GET` asked for the same.
pub(super) fn pairs<'v, 'a>(view: &'v View<'a>) -> Vec<Pair<'v, 'a>> {
    let heads = view.unusual().filter(|(seen, _)| seen.asked.method == Method::Head);
    let pairs = heads.map(|(exchange, answer)| {
        let is_same = |seen: &&FullResponse<'_>| {
            seen.exchange.lane == exchange.lane && is_alike(&seen.exchange.asked, &exchange.asked)
        };
        Pair { exchange, answer, gets: view.full.iter().filter(is_same).collect() }
    });
    pairs.filter(|pair| !pair.gets.is_empty()).collect()
}

fn is_alike(one: &ObservedRequest, other: &ObservedRequest) -> bool {
    one.accept_encoding == other.accept_encoding
        && LOOKED_AT.iter().all(|name| one.fields.get(name) == other.fields.get(name))
}

/// What `HEAD` and `GET` name.
type Difference = Option<[Vec<u8>; 2]>;

impl<'a> Pair<'_, 'a> {
    /// Value that all `GET`s share.
    fn shared<T: PartialEq>(&self, of: impl Fn(&FullResponse<'a>) -> Option<T>) -> Option<T> {
        let first = of(self.gets.first()?)?;
        self.gets.iter().all(|seen| of(seen).as_ref() == Some(&first)).then_some(first)
    }

    /// A tag that no `GET` shows, where these show one.
    pub(super) fn other_tag(&self, view: &View<'_>) -> Difference {
        let (own, get) = (self.answer.tag()?, self.shared(|seen| seen.tag)?);
        // Neither weakness nor the suffix of a coding makes another tag.
        let base = |tag: &[u8]| split_suffix(&String::from_utf8_lossy(opaque(tag))).0.to_owned();
        let is_known =
            view.full.iter().filter_map(|seen| seen.tag).any(|tag| base(tag) == base(own));
        (!is_known).then(|| [own.to_vec(), get.to_vec()])
    }

    /// Another `Content-Length`, where it has one.
    pub(super) fn other_length(&self) -> Difference {
        let own: u64 = self.answer.fields.text("content-length")?.trim().parse().ok()?;
        let plain = |seen: &FullResponse<'_>| seen.digests().filter(|_| !seen.is_coded());
        let get = self.shared(|seen| plain(seen).map(|content| content.bytes))?;
        let differs = self.answer.status == 200 && self.answer.coding() == "identity" && own != get;
        differs.then(|| [own, get].map(|bytes| format!("{bytes} bytes").into_bytes()))
    }

    /// A `Last-Modified` that no `GET` shows.
    pub(super) fn other_date(&self, view: &View<'_>) -> Difference {
        let own = self.answer.last_modified()?;
        let get = self.shared(|seen| seen.answer.last_modified())?;
        let is_known = view.full.iter().any(|seen| seen.answer.last_modified() == Some(own));
        (!is_known && !self.is_clock(own)).then(|| [own.to_vec(), get.to_vec()])
    }

    /// Reports whether a date is about that of the answer itself.
    fn is_clock(&self, date: &[u8]) -> bool {
        const SOME_SECONDS: u64 = 60;
        let seconds = |date: &[u8]| Some(HttpDate::parse(date).ok()?.unix_seconds());
        let now = self.answer.fields.get("date").and_then(seconds);
        matches!((seconds(date), now), (Some(own), Some(now)) if own.abs_diff(now) < SOME_SECONDS)
    }

    /// Another media type.
    pub(super) fn other_type(&self) -> Difference {
        let media_type = |answer: &ObservedResponse| {
            let own = answer.fields.list("content-type");
            own.split(';').next().map(|own| own.trim().to_owned()).filter(|own| !own.is_empty())
        };
        let (own, get) = (media_type(self.answer)?, self.shared(|seen| media_type(seen.answer))?);
        let differs = self.answer.status == 200 && own != get;
        differs.then(|| [own.into_bytes(), get.into_bytes()])
    }
}

/// Reports whether some `GET` with the tag of those before came after the first `HEAD`.
pub(super) fn is_between(view: &View<'_>, pairs: &[Pair<'_, '_>]) -> bool {
    let Some(first) = pairs.first() else { return false };
    let tag = first.gets.first().and_then(|seen| seen.tag);
    let is_same = |seen: &ObservedExchange, answer: &ObservedResponse| {
        answer.tag() == tag
            || answer.status == 304 && seen.asked.none_match.iter().any(|sent| Some(&**sent) == tag)
    };
    // What a cache holds is older than what it would be given.
    view.answered().any(|(seen, answer)| {
        seen.at > first.exchange.at && is_same(seen, answer) && !is_stored(answer)
    })
}

/// Reports whether requests of one method came twice in a row: two replicas in turns met both.
pub(super) fn are_in_a_row(view: &View<'_>) -> bool {
    view.evidence.observations.windows(2).any(|two| two[0].asked.method == two[1].asked.method)
}
