//! Arbitrary bytes: nothing panics, nothing looks unmodified, and what parses reads back.

use etag_lab_semantics::{Decision, EntityTag, FieldName, HttpDate, Method, Validators, evaluate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases::config;
use super::lines::{Lines, Text};
use super::tags::{Tag, tag};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_bytes_never_panic_and_never_look_unmodified(
        method in select(vec![Method::Get, Method::Head, Method::Other]),
        lines in vec((select(&FieldName::ALL[..]), vec(any::<u8>(), 0..80).prop_map(Text)), 0..6),
    ) {
        // No octet sequence of this length has a chance to hold this tag.
        let tag = EntityTag::strong("a".repeat(80)).expect("letters are etagc");
        let is_star = |line: &(FieldName, Text)| line.1.contains(&b'*');
        prop_assume!(!lines.iter().any(is_star));
        let validators = Validators { entity_tag: Some(&tag), last_modified: None };
        let decision = evaluate(method, &Lines(lines), Some(&validators), None);
        prop_assert_ne!(decision, Decision::NotModified);
    }

    #[test]
    fn bytes_out_of_the_grammar_never_panic(
        method in select(vec![Method::Get, Method::Head, Method::Other]),
        lines in vec((select(&FieldName::ALL[..]), "[\"W/*, \ta\\\\]{0,40}"), 0..6),
        current in option::of((option::of(tag()), option::of(0_u64..5))),
    ) {
        let lines = lines.into_iter().map(|(name, text)| (name, text.into())).collect();
        let date = |seconds| HttpDate::from_unix_seconds(seconds).expect("it is 1970");
        let tag = current.as_ref().and_then(|(tag, _)| tag.as_ref()).map(Tag::parsed);
        let validators = current.map(|(_, modified)| Validators {
            entity_tag: tag.as_ref(),
            last_modified: modified.map(date),
        });
        evaluate(method, &Lines(lines), validators.as_ref(), Some(date(3)));
    }

    #[test]
    fn what_parses_as_a_tag_or_a_date_reads_back(bytes in vec(any::<u8>(), 0..40)) {
        if let Ok(tag) = EntityTag::parse(&bytes) {
            prop_assert_eq!(EntityTag::parse(tag.as_bytes()), Ok(tag));
        }
        if let Ok(date) = HttpDate::parse(&bytes) {
            prop_assert_eq!(HttpDate::parse(date.to_string().as_bytes()), Ok(date));
        }
    }

    #[test]
    fn every_opaque_part_is_kept_or_refused(opaque in vec(any::<u8>(), 0..20)) {
        if let Ok(tag) = EntityTag::strong(&opaque) {
            prop_assert_eq!(tag.opaque(), &opaque[..]);
            prop_assert_eq!(EntityTag::parse(tag.as_bytes()), Ok(tag));
        }
    }
}
