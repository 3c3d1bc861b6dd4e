//! HAR files, as browsers save them (HTTP Archive 1.2).
//! Reads what the findings need, entry by entry, and passes over the rest.

mod archive;
mod recorder;

use std::collections::BTreeSet;
use std::io::Read;

use base64::Engine as _;
use serde_json::Value;

use archive::{Archive, Entry};

use super::bounds::Kept;
use super::{Captured, ImportError, asked, evidence};
use findings::evidence::{
    ContentSummary, Evidence, EvidenceSource, ExchangeFailure, FieldLines, Method, ObservedResponse,
};

/// Evidence from a HAR file, for one URL or the one polled most often.
///
/// Reads no more than a gibibyte, and keeps no more than 100,000 exchanges.
pub fn har(input: impl Read, url: Option<&str>) -> Result<Evidence, ImportError> {
    let Archive { entries, recorder, left_out } = Archive::read(input, url)?;
    let Kept { wanted, all, samples } = entries;
    let remarks: Vec<_> = all.iter().map(|entry| (entry.one.url.clone(), entry.remarks)).collect();
    let by_worker = remarks.iter().filter(|(_, seen)| seen.is_by_worker).count();
    if by_worker > 0 && remarks.iter().all(|(_, seen)| recorder.is_unasked(*seen)) {
        return Err(ImportError::ByWorker(by_worker));
    }
    let mut connections = BTreeSet::new();
    // What came out of the browser's own cache was no request.
    let asked = all.into_iter().filter(|entry| !recorder.is_unasked(entry.remarks));
    let captured = asked.map(|Entry { mut one, connection, remarks }| {
        one.is_kept = connection.is_some_and(|id| !connections.insert(id));
        if let Ok(answer) = &mut one.outcome
            && recorder.is_revalidated(remarks)
        {
            answer.status = 304;
            answer.content.decoded = None;
        }
        one
    });
    let captured = Kept { wanted, all: captured.collect(), samples };
    let mut evidence = evidence(captured, &left_out, EvidenceSource::Har)?;
    let of_target = || remarks.iter().filter(|(url, _)| *url == evidence.target);
    let revalidated = of_target().filter(|(_, seen)| recorder.is_revalidated(*seen)).count();
    let by_worker = of_target().filter(|(_, seen)| seen.is_by_worker).count();
    let unasked = of_target().filter(|(_, seen)| recorder.is_unasked(*seen)).count() - by_worker;
    if revalidated > 0 {
        evidence.notes.push(format!(
            "{revalidated} responses are recorded as 200, as pages see them, though no content was \
             transferred: they are counted as the 304s that they were"
        ));
    }
    if unasked > 0 {
        evidence.notes.push(format!(
            "{unasked} further polls were answered by the browser's own cache, without a request"
        ));
    }
    if by_worker > 0 {
        evidence.notes.push(format!(
            "{by_worker} further polls were answered by a service worker of the page, which is a part of \
             the client, and not by the server"
        ));
    }
    Ok(evidence)
}

/// The URL that was asked for.
fn requested(entry: &Value) -> Option<String> {
    let url = entry["request"]["url"].as_str()?;
    Some(url.split('#').next().unwrap_or(url).to_owned())
}

/// The exchange of an entry, as it is recorded.
fn captured(url: String, method: Method, entry: &Value) -> Captured {
    let (request, response) = (&entry["request"], &entry["response"]);
    let status = response["status"].as_u64().unwrap_or(0) as u16;
    let outcome = if status == 0 {
        Err(ExchangeFailure::Cut)
    } else {
        Ok(ObservedResponse {
            version: version(response["httpVersion"].as_str().unwrap_or_default()),
            status,
            fields: fields(&response["headers"]),
            content: ContentSummary {
                coded_bytes: response["bodySize"].as_u64().unwrap_or(0),
                ..ContentSummary::default()
            },
        })
    };
    let asked = asked(method, &fields(&request["headers"]));
    Captured { url, is_scheme_guessed: false, is_kept: false, asked, outcome }
}

/// Key that tells connections apart.
fn connection(entry: &Value) -> Option<&str> {
    // Chromium and Firefox put the server's port into `connection`, which tells nothing: a port of
    // a client is one that is not in the URL.
    let url: Option<http::Uri> = requested(entry).and_then(|url| url.parse().ok());
    let port = url.and_then(|url| {
        let of_scheme = if url.scheme_str() == Some("https") { 443 } else { 80 };
        url.authority().map(|host| host.port_u16().unwrap_or(of_scheme).to_string())
    });
    let own = entry["_connectionId"].as_str();
    let standard = entry["connection"].as_str().filter(|id| Some(*id) != port.as_deref());
    own.or(standard).filter(|id| !id.is_empty())
}

fn fields(lines: &Value) -> FieldLines {
    let lines = lines.as_array().into_iter().flatten();
    let lines = lines.filter_map(|line| Some((line["name"].as_str()?, line["value"].as_str()?)));
    // Some recorders note the pseudo-fields of HTTP/2 among the fields.
    lines.filter(|(name, _)| !name.starts_with(':')).collect()
}

fn content(content: &Value) -> Option<Vec<u8>> {
    let Some(text) = content["text"].as_str() else {
        return (content["size"].as_i64() == Some(0)).then(Vec::new);
    };
    if content["encoding"] == "base64" {
        return base64::engine::general_purpose::STANDARD.decode(text).ok();
    }
    Some(text.as_bytes().to_vec())
}

fn version(text: &str) -> &'static str {
    match text.to_ascii_lowercase().as_str() {
        "h2" | "http/2" | "http/2.0" => "HTTP/2",
        "h3" | "http/3" | "http/3.0" => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use findings::Check;

    fn entry(url: &str, sent: Option<&str>, status: u16, tag: &str, text: &str) -> Value {
        let headers: Vec<_> =
            sent.iter().map(|tag| json!({"name": "If-None-Match", "value": tag})).collect();
        json!({
            "request": {"method": "GET", "url": url, "headers": headers},
            "response": {
                "status": status, "httpVersion": "h2",
                "headers": [{"name": "ETag", "value": tag}],
                "content": {"size": text.len(), "text": text},
            },
        })
    }

    fn check(entries: &[Value]) -> Check {
        let text = json!({"log": {"entries": entries}}).to_string();
        Check::of(&har(text.as_bytes(), None).expect("it is a HAR file"))
    }

    #[test]
    fn a_browser_that_polled_a_broken_fleet_shows_it() {
        let url = "https://a.example/config";
        let check = check(&[
            entry("https://a.example/", None, 200, "\"x\"", "page"),
            entry(url, None, 200, "\"41\"", "{}"),
            entry(url, Some("\"41\""), 200, "\"18\"", "{}"),
            entry(url, Some("\"18\""), 200, "\"41\"", "{}"),
        ]);
        assert_eq!(check.target, url);
        assert_eq!(check.findings[0].kind.name, "node-local-tag");
        assert!(check.notes.iter().any(|note| note.starts_with("missing: ")), "{:?}", check.notes);
    }

    #[test]
    fn too_little_is_inconclusive_and_says_what_is_missing() {
        let check = check(&[entry("https://a.example/", None, 200, "\"x\"", "page")]);
        assert!(check.is_inconclusive());
        let evidence = check.findings[0].evidence.join(" ");
        assert!(evidence.contains("If-None-Match"), "{evidence}");
    }

    #[test]
    fn what_is_no_har_file_is_refused() {
        for text in ["", "{}", "[]", "{\"log\":{}}", "\0", "{\"log\":{\"entries\":[]}}x"] {
            assert!(matches!(har(text.as_bytes(), None), Err(ImportError::NotHar(_))), "{text}");
        }
        let empty = har(&b"{\"log\":{\"entries\":[]}}"[..], None);
        assert!(matches!(empty, Err(ImportError::NothingThere(_))));
    }

    #[test]
    fn connections_are_told_apart_by_their_own_number_and_never_by_the_server_s_port() {
        let check = |more: Value, expected: Option<&str>| {
            let mut entry = entry("https://a.example/x", None, 200, "\"1\"", "");
            for (name, value) in more.as_object().expect("an object") {
                entry[name] = value.clone();
            }
            assert_eq!(connection(&entry), expected, "{more}");
        };
        check(json!({}), None);
        check(json!({"connection": "443"}), None);
        check(json!({"connection": "443", "_connectionId": "17"}), Some("17"));
        check(json!({"connection": "51234"}), Some("51234"));
        check(json!({"connection": ""}), None);
    }
}
