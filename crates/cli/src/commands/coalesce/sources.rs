//! The sources that a proxy polls, opened before it begins: what cannot work is refused at once.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::anyhow;
use control_plane::proxy::upstream::{InvalidUpstream, Locator, UpstreamSettings};
use control_plane::proxy::{RolloutMode, Upstream};
use http::header::{ACCEPT_ENCODING, HOST};
use system::file;
use wire::json::JsonSettings;
use wire::url::RequestField;

use super::Arguments;
use crate::access;
use crate::clear_text;
use crate::exit::Failure;

/// Opens the source, and the one that clients use today; `None` where the mode polls neither.
pub(super) fn opened(
    arguments: &Arguments,
) -> Result<(Option<Upstream>, Option<Upstream>), Failure> {
    let mode = arguments.mode;
    if arguments.direct.is_some() && mode != RolloutMode::Pre {
        let title = format!("--direct does nothing in the mode {}", mode.as_str());
        return Err(Failure::input(title, "give --mode pre, or leave it out"));
    }
    let upstream = match &arguments.upstream {
        None if mode != RolloutMode::Off => return Err(needed(mode, "--upstream")),
        text => text.as_ref().map(|text| open(arguments, "--upstream", text)).transpose()?,
    };
    let direct = match &arguments.direct {
        None if mode == RolloutMode::Pre => return Err(needed(mode, "--direct")),
        text => text.as_ref().map(|text| open(arguments, "--direct", text)).transpose()?,
    };
    Ok((upstream, direct))
}

fn needed(mode: RolloutMode, flag: &str) -> Failure {
    let title = format!("the mode {} needs {flag}", mode.as_str());
    Failure::input(title, format!("{flag} URL; see `etag-lab coalesce --help`"))
}

fn requests(arguments: &Arguments, fields: Vec<RequestField>) -> JsonSettings {
    JsonSettings {
        fields,
        token_file: arguments.token_file.clone(),
        tls: arguments.access.tls(),
        max_bytes: arguments.max_bytes as usize,
        timeout: None,
    }
}

fn open(arguments: &Arguments, flag: &str, text: &str) -> Result<Upstream, Failure> {
    let locator = Locator::parse(text).map_err(|error| refused(flag, &error))?;
    let is_upstream = flag == "--upstream";
    if is_upstream {
        check_flags(arguments, &locator)?;
    }
    if let Locator::Path(path) = &locator {
        check_path(arguments, flag, text, path)?;
    }
    let fields = arguments.fields.read(&[ACCEPT_ENCODING, HOST])?;
    warn(arguments, &locator, &fields);
    let settings = UpstreamSettings {
        requests: requests(arguments, fields),
        login: arguments.access.login(),
        agrees_on_date: arguments.agree_on_date && is_upstream,
    };
    Upstream::open(&locator, &settings).map_err(|error| refused(flag, &error))
}

/// Warns of credentials that leave the machine in clear text.
fn warn(arguments: &Arguments, source: &Locator, fields: &[RequestField]) {
    let (Locator::Http(url) | Locator::Kubernetes(url) | Locator::Etcd(url, _)) = source else {
        return;
    };
    arguments.access.warn(source);
    clear_text::warn_of_fields(fields, url, clear_text::USE_HTTPS);
    if arguments.token_file.is_some() {
        clear_text::warn("--token-file", url, clear_text::USE_HTTPS);
    }
}

/// Refuses flags that this source has no use for.
fn check_flags(arguments: &Arguments, source: &Locator) -> Result<(), Failure> {
    arguments.access.check(source)?;
    // The source that clients use today may have the certificate.
    if arguments.direct.is_none() {
        arguments.access.check_trust(source)?;
    }
    if arguments.agree_on_date && !matches!(source, Locator::Etcd(..)) {
        let help = "leave it out: other sources have dates of their own";
        return Err(Failure::input("--agree-on-date is for etcd", help));
    }
    if arguments.tolerance.allow_missing && !matches!(source, Locator::Path(_)) {
        let help = "leave it out: a server that does not answer yet is asked again";
        return Err(Failure::input("--allow-missing is for a file or a folder", help));
    }
    Ok(())
}

/// Refuses what is no file or folder, is not what it is called, or is not there without leave.
fn check_path(arguments: &Arguments, flag: &str, text: &str, path: &Path) -> Result<(), Failure> {
    let unusable = |why: &dyn std::fmt::Display| {
        Failure::environment(anyhow!("{flag}: `{}`: {why}", path.display()))
    };
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if arguments.tolerance.allow_missing {
                return Ok(());
            }
            let help = "--allow-missing starts without it, and finds it when it comes";
            return Err(unusable(&error).with_help(help));
        }
        Err(error) => return Err(unusable(&error)),
    };
    if metadata.is_dir() {
        let help = "dir:PATH takes the *.json files of a folder";
        let is_file = text.starts_with("file:");
        return if is_file { Err(unusable(&"it is a folder").with_help(help)) } else { Ok(()) };
    }
    if text.starts_with("dir:") {
        return Err(unusable(&"it is no folder").with_help("file:PATH takes a file"));
    }
    file::check_regular(path, &metadata).map_err(|error| unusable(&error.reason()))
}

fn refused(flag: &str, error: &InvalidUpstream) -> Failure {
    let help = match error {
        InvalidUpstream::Tls(_, error) => access::help(error),
        InvalidUpstream::Slashes(..) => "for a file of this name give file:NAME",
        _ => "a path, http://…, k8s+http://… or etcd://HOST:PORT/PREFIX; see --help",
    };
    Failure::input(format!("{flag}: {error}"), help)
}
