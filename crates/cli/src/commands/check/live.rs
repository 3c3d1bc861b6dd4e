//! Evidence from requests, with progress on a terminal, and what can go wrong before any.

use std::io::{IsTerminal as _, Write as _};

use findings::evidence::{self, Evidence};
use probe::run::{Job, Progress};
use probe::transport::Invalid;
use tokio::sync::watch;

use crate::exit::Failure;

/// Collects evidence.
pub(super) async fn collect(job: &Job, stop: &watch::Receiver<bool>) -> Result<Evidence, Failure> {
    let (sender, receiver) = watch::channel(Progress::default());
    let shown = tokio::spawn(show(receiver));
    let result = probe::run::collect(job, &sender, stop).await;
    shown.abort();
    crate::progress::clear();
    result.map_err(invalid)
}

/// Failure for an argument that cannot be used.
#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub(super) fn invalid(error: Invalid) -> Failure {
    let help = match &error {
        Invalid::Url(..) => "give a whole URL, such as https://api.example.com/config",
        Invalid::Field(_) => {
            "write -H 'NAME: VALUE' in printable ASCII; preconditions, Range and Accept-Encoding \
             are set by the experiments"
        }
        Invalid::Backend(_) => "give host and port, such as --backend 10.0.0.1:8080",
        Invalid::Resolve(_) => "write it as curl does: --resolve api.example.com:443:10.0.0.1",
        Invalid::Certificates(..) => "give a file with certificates in PEM",
        Invalid::Proxy(_) => "give http://HOST:PORT; other kinds of proxies are not spoken",
        Invalid::Tls(..) => "use http://, or build it with the feature `tls`",
    };
    Failure::input(text::visible(&error.to_string()), help)
}

/// Not one response.
pub(super) fn unreachable(url: &str, failure: &evidence::ExchangeFailure) -> Failure {
    let url = text::excerpt(url);
    let help = match failure {
        evidence::ExchangeFailure::Tls(what) if what.ends_with("does not speak TLS") => {
            "does this port speak TLS? try http://, or another port"
        }
        evidence::ExchangeFailure::Tls(_) => {
            "is the certificate for this host? --cacert FILE trusts another one, --insecure any"
        }
        _ => "is it running, and is the URL right? try it with `curl -i`",
    };
    let failure = text::visible_lines(&failure.to_string());
    Failure::Environment(anyhow::anyhow!("no response from {url} ({failure})")).with_help(help)
}

/// One line that changes, on a terminal only.
async fn show(progress: watch::Receiver<Progress>) {
    let mut progress = progress;
    if !std::io::stderr().is_terminal() {
        return;
    }
    while progress.changed().await.is_ok() {
        let Progress { requests, budget, not_modified } = *progress.borrow_and_update();
        // Nobody can be told if this fails.
        let _ = write!(
            std::io::stderr().lock(),
            "\r\x1b[2K{requests} requests of at most {budget}, {not_modified} × 304"
        );
    }
}
