//! Writes the archive that Chromium's developer tools export, from the events that they see.
//!
//! As there, the fields are those on the wire, a revalidated response has the status that was sent
//! (page scripts are told 200), `connection` is the server's port and `_connectionId` the
//! connection. Times are left out: nothing here reads them.

use serde_json::{Value, json};

use super::chromium::Browser;

/// Everything that the page asked for, once all of it is there.
pub(crate) fn archive(browser: &mut Browser) -> Value {
    let ids = requests(browser.events());
    browser.receive_until(|events| ids.iter().all(|id| is_complete(events, id)));
    let contents: Vec<_> = ids.iter().map(|id| browser.content(id)).collect();
    let entries: Vec<_> = ids
        .iter()
        .zip(contents)
        .map(|(id, content)| entry(browser.events(), id, content))
        .collect();
    json!({"log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [{"id": "page_1", "title": "", "pageTimings": {}}],
        "entries": entries,
    }})
}

/// Names of the requests, in their order.
fn requests(events: &[Value]) -> Vec<String> {
    let sent = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    sent.filter_map(|event| event["params"]["requestId"].as_str().map(str::to_owned)).collect()
}

/// Parameters of the event of this kind of a request; null without one.
fn said<'e>(events: &'e [Value], id: &str, kind: &str) -> &'e Value {
    let is_it = |event: &&Value| {
        event["params"]["requestId"] == id
            && event["method"].as_str().and_then(|name| name.strip_prefix("Network.")) == Some(kind)
    };
    events.iter().find(is_it).map_or(&Value::Null, |event| &event["params"])
}

/// True once all events are there; those about the wire come apart from the rest, in any order.
fn is_complete(events: &[Value], id: &str) -> bool {
    let is_told = |kind| !said(events, id, kind).is_null();
    let on_wire = said(events, id, "responseReceived")["hasExtraInfo"] == true;
    is_told("loadingFailed")
        || (is_told("loadingFinished") && (!on_wire || is_told("responseReceivedExtraInfo")))
}

fn entry(events: &[Value], id: &str, content: Option<Value>) -> Value {
    let request = &said(events, id, "requestWillBeSent")["request"];
    let sent = said(events, id, "requestWillBeSentExtraInfo");
    let response = &said(events, id, "responseReceived")["response"];
    let received = said(events, id, "responseReceivedExtraInfo");
    let status = received.get("statusCode").unwrap_or(&response["status"]);
    let version = version(response["protocol"].as_str().unwrap_or_default());
    let mut content = content.unwrap_or_else(|| json!({}));
    content["mimeType"] = response["mimeType"].clone();
    let mut entry = json!({
        "_connectionId": response["connectionId"].to_string(),
        "_resourceType": said(events, id, "requestWillBeSent")["type"],
        "connection": response["remotePort"].to_string(),
        "serverIPAddress": response["remoteIPAddress"],
        "pageref": "page_1",
        "cache": {},
        "request": {
            "method": request["method"], "url": request["url"], "httpVersion": version,
            "headers": fields(&[&sent["headers"], &request["headers"]]),
            "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0,
        },
        "response": {
            "status": status,
            "statusText": response["statusText"], "httpVersion": version,
            "headers": fields(&[&received["headers"], &response["headers"]]),
            "cookies": [], "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1,
            "_transferSize": said(events, id, "loadingFinished")["encodedDataLength"],
        },
    });
    if response["fromServiceWorker"] == true {
        entry["response"]["_fetchedViaServiceWorker"] = true.into();
    }
    if response["fromDiskCache"] == true && received.is_null() {
        entry["_fromCache"] = "disk".into();
    }
    entry
}

/// The first of these that is there, as the list of an archive.
fn fields(known: &[&Value]) -> Vec<Value> {
    let fields = known.iter().find_map(|fields| fields.as_object());
    let one = |(name, value): (&String, &Value)| json!({"name": name, "value": value});
    fields.map(|fields| fields.iter().map(one).collect()).unwrap_or_default()
}

fn version(protocol: &str) -> &str {
    match protocol {
        "h2" => "http/2.0",
        other => other,
    }
}
