//! Evidence from requests or from a file, and what can go wrong before there is any.

use std::fs::File;
use std::io::{IsTerminal as _, Read, Write as _};
use std::path::Path;

use anyhow::Context as _;
use findings::evidence::{Evidence, ExchangeFailure};
use probe::import::{self, ImportError};
use probe::run::{Job, Progress};
use probe::transport::Invalid;
use text::secret::masked_url;
use tokio::sync::watch;

use super::Arguments;
use crate::exit::Failure;

/// Makes the requests of the check, with progress on a terminal.
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
    let guess = match &error {
        Invalid::Url(text, _) if text.contains("://") => {
            "give a whole URL, such as https://api.example.com/config".to_owned()
        }
        Invalid::Url(text, _) => format!(
            "did you mean http://{0}, or https://{0}? give scheme, host and path",
            text::excerpt(text)
        ),
        _ => String::new(),
    };
    let help = match &error {
        Invalid::Url(..) => guess.as_str(),
        Invalid::Backend(_) => "give host and port, such as --backend 10.0.0.1:8080",
        Invalid::Resolve(_) => "write it as curl does: --resolve api.example.com:443:10.0.0.1",
        Invalid::EarlierTarget(..) => "check the URL of the earlier result, or leave --since out",
        Invalid::Certificates(..) => "give a file with certificates in PEM",
        Invalid::Proxy(_) => "give http://HOST:PORT; other kinds of proxies are not spoken",
        Invalid::Tls(..) => "use http://, or build it with the feature `tls`",
    };
    Failure::input(text::visible(&error.to_string()), help)
}

/// Not one response.
pub(super) fn unreachable(url: &str, backends: &[String], failure: &ExchangeFailure) -> Failure {
    let in_clear = url.starts_with("http://");
    let url = match backends {
        [] => text::excerpt(&masked_url(url)),
        // The URL gives no more than the host and the path then.
        backends => format!("--backend {}", text::excerpt(&backends.join(", "))),
    };
    let help = match failure {
        ExchangeFailure::Unreachable(what) if what.contains("lookup") => {
            "check the name of the host, or give an address by --resolve HOST:PORT:ADDR"
        }
        ExchangeFailure::Unreachable(_) if !backends.is_empty() => {
            "is a replica running there? --backend takes HOST:PORT"
        }
        ExchangeFailure::Tls(what) if what.ends_with("does not speak TLS") => {
            "does this port speak TLS? try http://, or another port"
        }
        ExchangeFailure::Tls(_) => {
            "is the certificate for this host? --cacert FILE trusts another one, --insecure any"
        }
        // Without TLS, the alert of a server that speaks it is no HTTP.
        ExchangeFailure::Malformed(_) if in_clear => "does the port speak TLS? then try https://",
        _ => "is it running, and is the URL right? try it with `curl -i`",
    };
    let failure = text::visible_lines(&failure.to_string());
    Failure::Environment(anyhow::anyhow!("no response from {url} ({failure})")).with_help(help)
}

/// One line that changes, on a terminal only.
async fn show(mut progress: watch::Receiver<Progress>) {
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

/// The evidence in a browser's capture or a log of curl, if one was named. Makes no request.
pub(super) fn captured(arguments: &Arguments) -> Result<Option<Evidence>, Failure> {
    let url = arguments.url.as_deref();
    let (path, result) = match (&arguments.har, &arguments.wire) {
        (Some(path), _) => (path, import::har(open(path)?, url)),
        (None, Some(path)) => (path, import::wire(open(path)?, url)),
        (None, None) => return Ok(None),
    };
    result.map(Some).map_err(|error| {
        let help = match &error {
            ImportError::NotHar(_) => "save one in the browser's network panel: Save all as HAR",
            ImportError::NotWire => WHAT_IS_READ,
            ImportError::LeftOut(_) => {
                "GET and HEAD with their answers are judged; a plain answer needs the command line \
                 above it: $ curl -i URL"
            }
            ImportError::ByWorker(_) => {
                "in the network panel tick \"Bypass for network\" under Application, Service workers, to \
                 see what the server does"
            }
            ImportError::NothingThere(_) => "leave the URL out to judge the one polled most often",
            ImportError::TooLarge(_) => {
                "capture a shorter time; of 1 GiB at most, the exchanges with a URL named after check \
                 are read"
            }
            ImportError::Unreadable(_) => WHAT_TO_GIVE,
        };
        let path = text::visible(&path.display().to_string());
        let title = format!("cannot judge `{path}`: {}", text::visible(&error.to_string()));
        match error {
            ImportError::Unreadable(_) => {
                Failure::Environment(anyhow::anyhow!(title)).with_help(help)
            }
            _ => Failure::input(title, help),
        }
    })
}

const WHAT_IS_READ: &str = "give what `curl -v` printed (`curl -v URL > capture.txt 2>&1`), polled \
                            twice; read are also curl --trace, http -v (HTTPie), wget -S -d, and \
                            below their command lines curl -i, curl -I, http and wget -S";
const WHAT_TO_GIVE: &str = "give a file that can be read, or - for standard input";

/// A capture to read as it comes: it may be large, or a pipe.
fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = File::open(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(|error| Failure::Environment(error).with_help(WHAT_TO_GIVE))?;
    Ok(Box::new(file))
}
