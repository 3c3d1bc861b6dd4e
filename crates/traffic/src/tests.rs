//! Counts of answers that nobody sent.

use super::*;

fn answered(path: &str, status: u16) -> Answered<'_> {
    let content_bytes = if status == 200 { 100 } else { 0 };
    Answered { path, status, is_conditional: status == 304, content_bytes, upstream: None }
}

#[test]
fn every_answer_is_counted_under_its_path_a_304_too() {
    let traffic = Traffic::of_origin("replica", "/a");
    for status in [200, 304, 304, 503] {
        traffic.count(&answered("/a?secret=1", status));
    }
    let page = traffic.page();
    for line in [
        "etag_lab_replica_requests_total{path=\"/a\",status=\"200\"} 1\n",
        "etag_lab_replica_requests_total{path=\"/a\",status=\"304\"} 2\n",
        "etag_lab_replica_requests_total{path=\"/a\",status=\"503\"} 1\n",
        "etag_lab_replica_conditional_requests_total{path=\"/a\",status=\"304\"} 2\n",
        "etag_lab_replica_content_bytes_total{path=\"/a\",status=\"200\"} 100\n",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert!(!page.contains("secret"), "{page}");
}

#[test]
fn the_rows_that_alerts_read_are_there_before_the_first_request() {
    let row = "requests_total{path=\"/a\",status=\"304\"} 0\n";
    assert!(Traffic::of_origin("replica", "/a").page().contains(row));
    let gateway = Traffic::of_gateway("balancer", vec!["h:1".to_owned(), "h:2".to_owned()]);
    gateway.count(&Answered { upstream: Some(0), ..answered("/a", 200) });
    gateway.count(&answered("/a", 502));
    let page = gateway.page();
    for line in [
        "requests_total{path=\"/a\",status=\"304\",upstream=\"h:2\"} 0\n",
        "requests_total{path=\"/a\",status=\"200\",upstream=\"h:1\"} 1\n",
        "requests_total{path=\"/a\",status=\"502\",upstream=\"\"} 1\n",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
}

#[test]
fn no_client_makes_the_page_grow() {
    let traffic = Traffic::of_origin("replica", "/a");
    for number in 0..10_000 {
        traffic.count(&answered(&format!("/found/{number}"), 200));
        traffic.count(&answered(&format!("/missing/{number}"), 404));
    }
    traffic.count(&answered(&format!("/{}", "x".repeat(5_000)), 200));
    let page = traffic.page();
    assert!(page.lines().count() < 3 * 3 * (MOST_PATHS + 2), "{}", page.lines().count());
    assert!(page.contains("requests_total{path=\"other\",status=\"404\"} 10000\n"), "{page}");
}

#[test]
fn scanners_leave_the_rows_to_paths_that_exist() {
    let traffic = Traffic::of_gateway("balancer", Vec::new());
    for number in 0..1_000 {
        traffic.count(&answered(&format!("/wp-admin/{number}"), 404));
    }
    traffic.count(&answered("/api", 304));
    assert!(traffic.page().contains("path=\"/api\",status=\"304\""));
}
