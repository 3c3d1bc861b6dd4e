//! Turns tallies into records, and two arms into a comparison.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use truth::ContentId;

use crate::coding::ContentCoding;
use crate::record::{
    ArmRecord, BytesRecord, CodingRecord, ComparisonRecord, ErrorRecord, ReplicaRecord,
    SightingRecord,
};
use crate::tally::{ReplicaTally, TagSighting, Tally};

/// Compares the first arm with the last; `None` with fewer than two.
pub fn compare(arms: &[ArmRecord]) -> Option<ComparisonRecord> {
    let [before, .., after] = arms else { return None };
    let bytes_saved = before.bytes.responses.cast_signed() - after.bytes.responses.cast_signed();
    Some(ComparisonRecord {
        before: before.name.clone(),
        after: after.name.clone(),
        bytes_saved,
        net_bytes_saved: before.bytes.both_directions.cast_signed()
            - after.bytes.both_directions.cast_signed(),
        // Of nothing no share can be saved.
        bytes_saved_ratio: (before.bytes.responses > 0)
            .then(|| bytes_saved as f64 / before.bytes.responses as f64),
        not_modified_ratio_change: after
            .not_modified_ratio
            .zip(before.not_modified_ratio)
            .map(|(after, before)| after - before),
    })
}

impl From<&Tally> for BytesRecord {
    fn from(tally: &Tally) -> Self {
        let bytes = &tally.bytes;
        Self {
            requests: bytes.requests,
            responses: bytes.responses(),
            response_fields: bytes.response_fields,
            response_content: bytes.response_content,
            unchanged_responses: bytes.unchanged_responses,
            per_unchanged_poll: tally.bytes_per_unchanged_poll(),
            ideal_responses: bytes.ideal_responses(),
            instrumentation: bytes.instrumentation,
            both_directions: bytes.requests + bytes.responses(),
            tls: bytes.tls,
            framing: bytes.framing,
        }
    }
}

impl From<&TagSighting> for SightingRecord {
    fn from(sighting: &TagSighting) -> Self {
        Self {
            entity_tag: String::from_utf8_lossy(&sighting.entity_tag).into_owned(),
            content: sighting.content.map(|content| content.to_string()),
            resource: sighting.resource,
            coding: match sighting.coding {
                ContentCoding::Identity => String::new(),
                coding => coding.to_string(),
            },
            on_not_modified: !sighting.with_content,
            octets: match std::str::from_utf8(&sighting.entity_tag) {
                Ok(_) => None,
                Err(_) => Some(STANDARD.encode(&sighting.entity_tag)),
            },
        }
    }
}

impl SightingRecord {
    /// The sighting of this content; `None` where its octets are none.
    pub(crate) fn to_sighting(&self, content: Option<ContentId>) -> Option<TagSighting> {
        Some(TagSighting {
            resource: self.resource,
            content,
            coding: ContentCoding::of_list(self.coding.as_bytes()),
            with_content: !self.on_not_modified,
            entity_tag: match &self.octets {
                None => self.entity_tag.as_bytes().to_vec(),
                Some(octets) => STANDARD.decode(octets).ok()?,
            },
        })
    }
}

impl Tally {
    /// This tally as the record of an arm; the caller fills in what a tally cannot know: what the
    /// arm was, predictions, at which poll each change happened, and what it cost the replicas.
    pub fn to_record(&self) -> ArmRecord {
        ArmRecord {
            polls: self.verdicts.total(),
            counts: self.counts,
            verdicts: self.verdicts,
            not_modified_ratio: self.not_modified_ratio(),
            not_modified_ratio_of_all: self.not_modified_ratio_of_all(),
            bytes: self.into(),
            latency_us: self.latencies.all(),
            latency_200_us: self.latencies.full(),
            latency_304_us: self.latencies.not_modified(),
            latency_histograms: Some(self.latencies.to_record()),
            elapsed_s: Some(self.elapsed.as_secs_f64()),
            window: self.window,
            tags_for_same_content: self.tags_for_same_content(),
            contents_for_same_tag: self.contents_for_same_tag(),
            contents_for_same_edition: self.contents_for_same_edition(),
            contents_in_turn: self.contents_in_turn(),
            codings_for_same_strong_tag: self.codings_for_same_strong_tag(),
            codings: self.coding_records(),
            replicas: self.replica_records(),
            rounds: self.rounds.to_record(),
            errors: self.error_records(),
            resumes: self.resumes,
            tables: self.tables,
            writes: self.writes,
            paused: self.paused,
            second_gets: self.second_gets,
            ..ArmRecord::default()
        }
    }

    fn coding_records(&self) -> Vec<CodingRecord> {
        let named = |(coding, counts): (&ContentCoding, &CodingRecord)| CodingRecord {
            coding: coding.to_string(),
            ..counts.clone()
        };
        self.codings.iter().map(named).collect()
    }

    fn replica_records(&self) -> Vec<ReplicaRecord> {
        let record = |(id, tally): (&Option<truth::ReplicaId>, &ReplicaTally)| {
            // A list, because tags are shown in the order in which they appeared.
            let mut entity_tags: Vec<String> = Vec::new();
            for sighting in tally.sightings() {
                let tag = String::from_utf8_lossy(&sighting.entity_tag).into_owned();
                if !entity_tags.contains(&tag) {
                    entity_tags.push(tag);
                }
            }
            ReplicaRecord {
                id: id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
                polls: tally.polls,
                not_modified: tally.not_modified,
                entity_tags,
                sightings: tally.sightings().map(Into::into).collect(),
            }
        };
        self.replicas.iter().map(record).collect()
    }

    fn error_records(&self) -> Vec<ErrorRecord> {
        let errors = self.errors_by_reason().into_iter();
        let mut errors: Vec<_> =
            errors.map(|(reason, count)| ErrorRecord { reason, count }).collect();
        // Of equally frequent ones by name, so that equal runs have equal records.
        errors.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(name: &str, responses: u64, ratio: Option<f64>) -> ArmRecord {
        let mut arm = ArmRecord { name: name.to_owned(), ..Tally::default().to_record() };
        arm.bytes.responses = responses;
        arm.bytes.both_directions = responses + 10;
        arm.not_modified_ratio = ratio;
        arm
    }

    #[test]
    fn the_first_arm_is_compared_with_the_last() {
        let arms = [arm("a", 1_000, Some(0.0)), arm("b", 500, None), arm("c", 250, Some(0.98))];
        let comparison = compare(&arms).expect("three arms");
        assert_eq!((comparison.before.as_str(), comparison.after.as_str()), ("a", "c"));
        assert_eq!((comparison.bytes_saved, comparison.net_bytes_saved), (750, 750));
        assert_eq!(comparison.bytes_saved_ratio, Some(0.75));
        assert_eq!(comparison.not_modified_ratio_change, Some(0.98));
    }

    #[test]
    fn growth_is_a_negative_saving_and_one_arm_is_no_comparison() {
        let arms = [arm("a", 100, None), arm("b", 150, None)];
        assert_eq!(compare(&arms).map(|c| c.bytes_saved), Some(-50));
        assert_eq!(compare(&arms[..1]), None);
    }
}
