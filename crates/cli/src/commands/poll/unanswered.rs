//! The failure of a poll that brought no complete response: what to try, by what came instead.

use measure::record::ArmRecord;
use text::secret::masked_url;

use crate::exit::Failure;

/// The failure for this arm, none of whose polls of `url` was answered, over HTTP/2 if `http2`.
pub(super) fn unanswered(arm: &ArmRecord, url: &str, http2: bool) -> Failure {
    let reasons: Vec<_> = arm.errors.iter().map(|error| error.reason.as_str()).collect();
    let target = text::excerpt(&masked_url(url));
    let error = anyhow::anyhow!("no complete response from {target} ({})", reasons.join(", "));
    let help = match reasons.as_slice() {
        [reason] if http2 && is_about_version(reason) => {
            Some("does it speak HTTP/2? without --http2 it is polled over HTTP/1.1")
        }
        [reason] => way_out(reason, url.starts_with("http://")),
        _ => None,
    };
    let usual = "is it running, and is the path right? try it with `curl -i`";
    Failure::Environment(error).with_help(help.unwrap_or(usual))
}

fn way_out(reason: &str, in_clear: bool) -> Option<&'static str> {
    Some(match reason {
        "status 401" | "status 403" => "send credentials with -H 'Authorization: …'",
        "status 404" | "status 410" => "is the path right? try it with `curl -i`",
        "status 429" => {
            "it asks to slow down: --cadence open-loop --interval 5s, or come back later"
        }
        "status 503" => "no server was there to answer, or it is overloaded",
        // What a server says that is spoken to without TLS, or the alert that it sends.
        "status 400" | "malformed response" if in_clear => {
            "does the port speak TLS? then try https://"
        }
        _ if reason.starts_with("status 3") => "poll the URL that it points to: see `curl -i`",
        _ if reason.ends_with("does not speak TLS") => {
            "does this port speak TLS? try http://, or another port"
        }
        _ if reason.contains("client certificate") => {
            "give one that it accepts, by --cert FILE and --key FILE"
        }
        _ if reason.ends_with("has expired") || reason.ends_with("not valid yet") => {
            "is the clock of this machine right? --insecure accepts any certificate"
        }
        _ if reason.starts_with("TLS: the server's certificate") => {
            "is the certificate for this host? --cacert FILE trusts another one, --insecure any"
        }
        _ => return None,
    })
}

/// True if a server may refuse HTTP/2, and not the poll.
fn is_about_version(reason: &str) -> bool {
    reason.starts_with("HTTP/2: ")
        || reason.ends_with("the versions of HTTP that were asked for")
        || reason == "closed without a response"
}
