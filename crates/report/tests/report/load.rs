//! Saved runs come back as they were, and everything else is refused with a reason.

use etag_lab_report::{Style, load};

use crate::{rendered, scenes};

fn check(text: &str, expected: &str) {
    let error = load(text).expect_err(text).to_string();
    assert!(error.contains(expected), "{error:?} does not say {expected:?}");
}

#[test]
fn json_reads_back_as_the_same_record() {
    for (name, record) in scenes::all() {
        let json = rendered("json", &record, Style::default());
        assert_eq!(load(&json).expect(name), record);
        assert_eq!(load(&format!("\u{feff}{json}")).expect("with a byte order mark"), record);
    }
}

#[test]
fn what_is_no_saved_run_is_refused_with_the_reason() {
    check("", "not JSON");
    check("{\"schema\": ", "not JSON: EOF while parsing a value at line 1");
    check("etag-lab 0.1.0", "not JSON");
    check("[1]", "no `schema`");
    check("{\"schema\": 1}", "no `schema`");
    check(
        "{\"schema\": \"etag-lab.run/2\"}",
        "schema is \"etag-lab.run/2\", this version reads \"etag-lab.run/1\"",
    );
    check("{\"schema\": \"\\u001b[2J\"}", "\\u{1b}[2J");
    check("{\"schema\": \"etag-lab.run/1\"}", "missing field `tool`");
}

#[test]
fn a_field_of_another_type_is_named_by_line_and_column() {
    let json = rendered("json", &scenes::two_arms(), Style::default());
    let wrong = json.replace("\"replicas\": 3,", "\"replicas\": \"ten\",");
    let line = wrong.lines().position(|l| l.contains("\"ten\"")).expect("replaced") + 1;
    check(&wrong, &format!("invalid type: string \"ten\", expected u32 at line {line} column"));
}

#[test]
fn a_reason_that_quotes_the_file_is_fit_for_a_terminal() {
    let json = rendered("json", &scenes::two_arms(), Style::default());
    let hostile = json.replace("\"severity\": \"bad\"", "\"severity\": \"\\u001b[2J\\u202e\"");
    check(&hostile, "unknown variant `\\u{1b}[2J\\u{202e}`, expected one of");
}

#[test]
fn a_run_without_arms_is_no_run() {
    let mut record = scenes::two_arms();
    record.arms.clear();
    check(&rendered("json", &record, Style::default()), "no arms");
}

#[test]
fn runs_saved_before_rounds_were_recorded_are_read_and_shown() {
    let mut json: serde_json::Value =
        serde_json::from_str(&rendered("json", &scenes::two_arms(), Style::default()))
            .expect("JSON");
    for arm in json["arms"].as_array_mut().expect("arms are a list") {
        arm.as_object_mut().expect("an arm is an object").remove("rounds").expect("recorded");
        for replica in arm["replicas"].as_array_mut().expect("replicas are a list") {
            let replica = replica.as_object_mut().expect("a replica is an object");
            replica.remove("sightings").expect("recorded");
        }
    }
    let record = load(&json.to_string()).expect("an older record");
    let html = rendered("html", &record, Style::default());
    assert!(html.contains("<code title=\"&quot;1&quot;\">") && html.contains("●"), "{html}");
    assert!(!html.contains("How each round of polls was answered"));
}

#[test]
fn fields_of_later_versions_are_ignored() {
    let record = scenes::two_arms();
    let json = rendered("json", &record, Style::default());
    let later = json.replacen('{', "{\n  \"weather\": \"fine\",", 1);
    assert_eq!(load(&later).expect("an added field"), record);
}
