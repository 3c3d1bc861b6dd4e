//! Evidence arranged for the findings: full responses, trials of preconditions, tags by content.
//!
//! Only arranges. What it means is said in `catalogue`, one file for each finding.

mod alike;
mod cookies;
mod copies;
mod key;
mod known;
mod trial;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use semantics::HttpDate;

use crate::catalogue::cache_answering::is_stored;
use crate::evidence::{
    Digests, Evidence, EvidenceSource, Fingerprint, Method, ObservedExchange, ObservedRequest,
    ObservedResponse, inner, is_weak, opaque,
};
use crate::explanation::{Explained, Placed, explain, named_by_vary};
use crate::memory::Forgotten;
use crate::tag_form::{Facts, Hashes, Specimen, field_date};
pub(crate) use alike::Alike;
pub(crate) use cookies::Session;
pub use key::ContentKey;
pub(crate) use key::key;
use known::{Issued, Known};
use trial::outcome;
pub use trial::{Trial, TrialCounts, TrialOutcome};

/// A complete 200.
#[derive(Clone, Debug)]
pub struct FullResponse<'a> {
    /// Among all requests.
    pub place: usize,
    /// Exchange that it belongs to.
    pub exchange: &'a ObservedExchange,
    /// The response.
    pub answer: &'a ObservedResponse,
    /// Content coding in lower case; `identity` when there is none.
    pub coding: String,
    /// With quotes and weakness.
    pub tag: Option<&'a [u8]>,
    /// Content; `None` when neither a hash nor a length is known.
    pub key: Option<ContentKey>,
    /// Value of `Server` in lower case.
    pub server: String,
    /// True if a cache sent it once more, and not the server.
    pub(crate) is_copy: bool,
    /// Hashes of the content, where it was kept whole.
    hashes: Option<Rc<Hashes<'a>>>,
}

impl FullResponse<'_> {
    /// The decoded content, if it was hashed.
    pub fn digests(&self) -> Option<Digests> {
        self.answer.content.decoded
    }

    /// Reports whether a content coding was applied.
    pub fn is_coded(&self) -> bool {
        self.coding != "identity"
    }

    /// Reports whether a cache says that it had it before it was asked for.
    pub fn is_stored(&self) -> bool {
        is_stored(self.answer)
    }

    /// Reports whether it came without a validator.
    pub fn is_bare(&self) -> bool {
        self.tag.is_none() && self.answer.last_modified().is_none()
    }

    /// `Last-Modified` as a date.
    pub fn date(&self) -> Option<HttpDate> {
        field_date(self.answer.last_modified()?)
    }

    /// The tag with what came with it, for reading.
    pub(crate) fn specimen(&self) -> Option<Specimen<'_>> {
        let facts = Facts {
            content: self.digests(),
            coded: self.answer.content.coded,
            hashes: self.hashes.as_deref(),
            last_modified: self.date(),
            date: self.answer.fields.get("date").and_then(|date| HttpDate::parse(date).ok()),
            is_strong: self.tag.is_some_and(|tag| !is_weak(tag)),
            is_lasting: false,
            has_ranges: self.answer.fields.list("accept-ranges").contains("bytes"),
            server: &self.server,
        };
        Some(Specimen { opaque: inner(self.tag?), facts })
    }
}

/// Requests that a habit of a client needs at least.
pub(crate) const HABIT: usize = 3;

/// Opaque parts of tags, and the responses that carried each.
pub(crate) type Tags<'v, 'a> = BTreeMap<&'a [u8], Vec<&'v FullResponse<'a>>>;

/// The evidence, arranged.
pub struct View<'a> {
    /// The evidence as it was collected.
    pub evidence: &'a Evidence,
    /// What something else than a replica explains, and is in none of the lists below.
    pub(crate) explained: Explained<'a>,
    /// Validators of an earlier check that no response carries; their replays are in no list of
    /// trials.
    pub(crate) forgotten: Forgotten<'a>,
    /// Contents that the validators of these stood for.
    issued: Issued<'a>,
    /// Complete 200s in the order of their requests.
    pub full: Vec<FullResponse<'a>>,
    /// One tag in `If-None-Match`, nothing else.
    pub by_tag: Vec<Trial<'a>>,
    /// A tag that nobody issued, nothing else.
    pub by_strangers: Vec<Trial<'a>>,
    /// Several tags in `If-None-Match`, nothing else.
    pub by_list: Vec<Trial<'a>>,
    /// `If-None-Match: *`, nothing else.
    pub by_any: Vec<Trial<'a>>,
    /// `If-Modified-Since` with a date that was seen, nothing else.
    pub by_date: Vec<Trial<'a>>,
    /// `If-Modified-Since` with a date that no response of a check carried, nothing else.
    pub by_other_date: Vec<Trial<'a>>,
    /// Tags and a date together.
    pub by_both: Vec<Trial<'a>>,
    /// Places of answers that a cache sent once more.
    copies: BTreeSet<usize>,
    told: OnceCell<bool>,
}

impl<'a> View<'a> {
    /// Arranges the evidence.
    pub fn of(evidence: &'a Evidence) -> Self {
        let all = evidence.before_writes().iter().enumerate();
        let placed: Vec<Placed<'_>> = all
            .filter(|(_, seen)| is_usual(evidence.source, seen))
            .filter_map(|(place, seen)| Some((place, seen, seen.outcome.as_ref().ok()?)))
            .collect();
        let hashes = Hashes::of_samples(evidence);
        let copies = copies::places(&placed);
        let mut full: Vec<_> =
            placed.iter().filter_map(|one| full(one, &hashes, &copies)).collect();
        let original: Vec<_> =
            placed.iter().filter(|(place, ..)| !copies.contains(place)).copied().collect();
        let explained = explain(evidence.source, &placed, &original, &mut full);
        let (issued, known) = (Issued::of(&full), Known::of(&placed));
        let forgotten = Forgotten::of(evidence, &full);
        let coded_tags: BTreeSet<&[u8]> =
            full.iter().filter(|seen| seen.is_coded()).filter_map(|seen| seen.tag).collect();
        let plain_tags: BTreeSet<&[u8]> =
            full.iter().filter(|seen| !seen.is_coded()).filter_map(|seen| seen.tag).collect();
        let compresses = full.iter().any(FullResponse::is_coded);
        let trials = |wanted: &dyn Fn(&ObservedRequest) -> bool| {
            let left = placed.iter().filter(|(place, seen, _)| {
                explained.leaves(*place, seen) && !forgotten.is_about(&seen.asked)
            });
            let asked = left.filter(|(_, seen, _)| wanted(&seen.asked));
            let tried = asked.filter_map(|&(_, seen, answer)| {
                let outcome = match outcome(&seen.asked, answer)? {
                    TrialOutcome::Honoured if issued.keeps_another(&seen.asked, answer) => {
                        TrialOutcome::Missed
                    }
                    outcome => outcome,
                };
                let sent = &seen.asked.none_match;
                // A tag that both forms share tries the compressed one, and so does a tag that no
                // plain response has shown.
                let from_coded = sent.iter().any(|tag| coded_tags.contains(tag.as_slice()))
                    || !sent.iter().any(|tag| plain_tags.contains(tag.as_slice()));
                let coded = compresses && seen.asked.accepts_compression() && from_coded;
                let is_needless =
                    outcome != TrialOutcome::Honoured && issued.is_needless(&seen.asked, answer);
                Some(Trial { asked: &seen.asked, coded, outcome, is_needless, lane: seen.lane })
            });
            tried.collect::<Vec<_>>()
        };
        // A capture begins in the middle: its clients hold what came before.
        let is_live = evidence.source == EvidenceSource::Live;
        let is_other_date = |asked: &ObservedRequest| {
            let date = asked.modified_since.as_deref();
            is_live && date.is_some_and(|date| known.is_other_date(date))
        };
        let mut by_tag = trials(&|asked| {
            if is_live {
                is_single(asked) && !known.is_strangers(asked)
            } else {
                // A browser sends tag and date of one response together; curl sends `""` where it has
                // stored no tag yet.
                asked.none_match.len() == 1 && !known.is_empty(&asked.none_match[0])
            }
        });
        // A date that nobody issued may be what was refused, where it is a habit, and not the tag
        // beside it.
        let is_beside = |trial: &Trial<'_>| {
            let date = trial.asked.modified_since.as_deref();
            trial.outcome == TrialOutcome::Ignored && date.is_some_and(|it| known.is_other_date(it))
        };
        if by_tag.iter().filter(|trial| is_beside(trial)).count() >= HABIT {
            by_tag.retain(|trial| !is_beside(trial));
        }
        Self {
            evidence,
            by_tag,
            by_strangers: trials(&|asked| is_single(asked) && known.is_strangers(asked)),
            by_list: trials(&|asked| asked.is_by_tag() && asked.none_match.len() > 1),
            by_any: trials(&|asked| asked.any && asked.modified_since.is_none()),
            by_date: trials(&|asked| is_by_date(asked) && !is_other_date(asked)),
            by_other_date: trials(&|asked| is_by_date(asked) && is_other_date(asked)),
            by_both: trials(&|asked| {
                !asked.none_match.is_empty() && asked.modified_since.is_some()
            }),
            explained,
            forgotten,
            issued,
            full,
            copies,
            told: OnceCell::new(),
        }
    }

    /// The full responses in a content coding, and those without one.
    pub(crate) fn coded_and_plain(&self) -> (Vec<&FullResponse<'a>>, Vec<&FullResponse<'a>>) {
        self.full.iter().partition(|seen| seen.is_coded())
    }

    /// Reports whether several tags of one coding, several contents, or a condition that is answered
    /// with something else than a 304, were seen.
    pub fn is_told(&self) -> bool {
        if !self.explained.misanswered.is_empty() {
            return true;
        }
        // Most experiments ask before each request, and a long check has many responses.
        *self.told.get_or_init(|| {
            let mut tags: BTreeMap<&str, &[u8]> = BTreeMap::new();
            let mut first = None;
            self.full.iter().any(|seen| {
                let tag = seen.tag.map(opaque);
                let known = tag.map(|tag| *tags.entry(&seen.coding).or_insert(tag));
                let content = seen.digests().map(|content| content.sha256);
                known != tag || content.is_some_and(|own| *first.get_or_insert(own) != own)
            })
        })
    }

    /// Number of exchanges that asked a server, and not a cache for what it had sent before.
    pub(crate) fn original(&self) -> usize {
        self.evidence.before_writes().len() - self.copies.len()
    }

    /// 304s that name the tag of another content than the tags that were sent stand for.
    pub(crate) fn keeping_another(
        &self,
    ) -> impl Iterator<Item = (&'a ObservedExchange, &'a ObservedResponse)> {
        self.not_modified().filter(|(seen, answer)| self.issued.keeps_another(&seen.asked, answer))
    }

    /// Reports whether a cache sent this answer once more.
    pub(crate) fn is_copy(&self, place: usize) -> bool {
        self.copies.contains(&place)
    }

    /// Reports whether some complete response carried a tag.
    pub(crate) fn is_tagged(&self) -> bool {
        self.full.iter().any(|seen| seen.tag.is_some())
    }

    /// Fields that `Vary` names, in lower case, without `Accept-Encoding`.
    pub fn named_by_vary(&self) -> Vec<String> {
        named_by_vary(&self.full)
    }

    /// The first tag of a compressed response.
    pub(crate) fn coded_tag(&self) -> Option<&'a [u8]> {
        self.full.iter().filter(|seen| seen.is_coded()).find_map(|seen| seen.tag)
    }

    /// Answered exchanges of the usual kind with their answers: a whole representation was asked for
    /// with `GET`, and in a check with no other fields than always.
    pub fn answered(&self) -> impl Iterator<Item = (&'a ObservedExchange, &'a ObservedResponse)> {
        let source = self.evidence.source;
        let all = self.evidence.before_writes().iter();
        all.filter(move |seen| is_usual(source, seen)).filter_map(answered)
    }

    /// The other answered exchanges that read: `HEAD`, ranges, and in a check those with a field of
    /// their own.
    pub fn unusual(&self) -> impl Iterator<Item = (&'a ObservedExchange, &'a ObservedResponse)> {
        let source = self.evidence.source;
        let all = self.evidence.before_writes().iter();
        let reads = all.filter(|seen| seen.asked.method != Method::Put);
        reads.filter(move |seen| !is_usual(source, seen)).filter_map(answered)
    }

    /// The same exchanges with their places among all requests.
    pub(crate) fn placed(&self) -> impl Iterator<Item = Placed<'a>> {
        let source = self.evidence.source;
        let all = self.evidence.before_writes().iter().enumerate();
        let usual = all.filter(move |(_, seen)| is_usual(source, seen));
        usual.filter_map(|(place, seen)| Some((place, seen, seen.outcome.as_ref().ok()?)))
    }

    /// Responses 304, without those that answer no condition and show nothing of a replica.
    pub fn not_modified(
        &self,
    ) -> impl Iterator<Item = (&'a ObservedExchange, &'a ObservedResponse)> {
        let all = self.answered().filter(|(_, answer)| answer.status == 304);
        all.filter(|(seen, _)| !self.is_unsolicited(seen))
    }

    /// Reports whether a request is known to have named no validator.
    pub(crate) fn is_unsolicited(&self, seen: &ObservedExchange) -> bool {
        let asked = &seen.asked;
        let is_known = match self.evidence.source {
            EvidenceSource::Live => true,
            // Browsers leave out what they added themselves.
            EvidenceSource::Har => false,
            // A log may hold the responses alone: no request is without `Host`.
            EvidenceSource::Wire => asked.fields.get("host").is_some(),
        };
        is_known && asked.is_plain() && asked.matching.is_empty()
    }

    /// The tags of each content in each coding: opaque part to the responses of servers that carried
    /// it.
    pub(crate) fn tags_by_content(&self) -> BTreeMap<(&str, ContentKey), Tags<'_, 'a>> {
        let mut groups: BTreeMap<_, BTreeMap<_, Vec<_>>> = BTreeMap::new();
        for seen in self.full.iter().filter(|seen| !seen.is_copy) {
            let (Some(key), Some(tag)) = (seen.key, seen.tag) else { continue };
            let tags = groups.entry((seen.coding.as_str(), key)).or_default();
            tags.entry(opaque(tag)).or_default().push(seen);
        }
        groups
    }

    /// Different decoded contents, in the order of their first appearance.
    pub fn contents(&self) -> Vec<Fingerprint> {
        let mut contents = Vec::new();
        for seen in &self.full {
            if let Some(ContentKey::Known(fingerprint)) = seen.key
                && !contents.contains(&fingerprint)
            {
                contents.push(fingerprint);
            }
        }
        contents
    }

    /// Tags and a date together that were seen, as browsers send them.
    pub(crate) fn as_browsers(&self) -> impl Iterator<Item = &Trial<'a>> {
        self.issued_tags().filter(|trial| {
            let date = trial.asked.modified_since.as_deref();
            self.full.iter().any(|seen| seen.answer.last_modified() == date)
        })
    }

    /// Tags that were seen, together with any date.
    pub(crate) fn issued_tags(&self) -> impl Iterator<Item = &Trial<'a>> {
        let is_issued = |sent: &Vec<u8>| {
            self.full.iter().any(|seen| seen.tag.is_some_and(|own| weak_eq(own, sent)))
        };
        self.by_both.iter().filter(move |trial| trial.asked.none_match.iter().any(is_issued))
    }

    /// Counts of trials: honoured, ignored, missed.
    pub fn tally<'t>(trials: impl IntoIterator<Item = &'t Trial<'t>>) -> TrialCounts {
        let mut tally = TrialCounts::default();
        for trial in trials {
            match trial.outcome {
                TrialOutcome::Honoured => tally.honoured += 1,
                TrialOutcome::Ignored => tally.ignored += 1,
                TrialOutcome::Missed => tally.missed += 1,
            }
        }
        tally
    }

    /// Trials of one tag without and with compression.
    pub fn tag_tally(&self, coded: bool) -> TrialCounts {
        Self::tally(self.by_tag.iter().filter(|trial| trial.coded == coded))
    }

    /// The products named by `Server` and `X-Powered-By`, in lower case.
    pub fn servers(&self) -> String {
        let names = self.answered().flat_map(|(_, answer)| {
            [answer.fields.list("server"), answer.fields.list("x-powered-by")]
        });
        let names: BTreeSet<_> = names.filter(|name| !name.is_empty()).collect();
        names.into_iter().collect::<Vec<_>>().join(" ")
    }
}

/// Reports whether two tags are equal in weak comparison (RFC 9110 §8.8.3.2).
pub(crate) fn weak_eq(one: &[u8], two: &[u8]) -> bool {
    // Octet by octet: who loses the quotes sends another tag.
    strong(one) == strong(two)
}

/// The tag without the weakness indicator, with its quotes.
pub(crate) fn strong(tag: &[u8]) -> &[u8] {
    if is_weak(tag) { &tag[2..] } else { tag }
}

fn is_usual(source: EvidenceSource, seen: &ObservedExchange) -> bool {
    let asked = &seen.asked;
    // Past caches a check asks for the same.
    let is_own = || asked.fields.iter().any(|(name, _)| name != "cache-control");
    asked.is_whole_get() && (source != EvidenceSource::Live || !is_own())
}

fn is_single(asked: &ObservedRequest) -> bool {
    asked.is_by_tag() && asked.none_match.len() == 1
}

fn is_by_date(asked: &ObservedRequest) -> bool {
    asked.none_match.is_empty() && !asked.any && asked.modified_since.is_some()
}

fn answered(observation: &ObservedExchange) -> Option<(&ObservedExchange, &ObservedResponse)> {
    observation.outcome.as_ref().ok().map(|answer| (observation, answer))
}

fn full<'a>(
    &(place, exchange, answer): &Placed<'a>,
    hashes: &BTreeMap<Fingerprint, Rc<Hashes<'a>>>,
    copies: &BTreeSet<usize>,
) -> Option<FullResponse<'a>> {
    (answer.status == 200).then(|| FullResponse {
        place,
        exchange,
        answer,
        coding: answer.coding(),
        tag: answer.tag(),
        key: key(answer),
        server: answer.fields.list("server"),
        is_copy: copies.contains(&place),
        hashes: answer.content.decoded.and_then(|it| hashes.get(&it.sha256).cloned()),
    })
}
