//! Rules for visitors: who may look, and who may press.
//!
//! A page of another site can send requests to this machine from the browser of whoever looks at it.
//! Three things stop it: `Host` and `Origin` ([`server::pages`]), and a press has a type of content that
//! a form cannot send.

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, StatusCode, header};
use server::pages::{is_own_host, is_own_page};
use subtle::ConstantTimeEq as _;
use text::secret::Secret;

/// Name of the field that carries the token.
pub(super) const TOKEN_FIELD: &str = "lab-control-token";

/// Refusal of a request, with the reason in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str);

const HOST: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "this name is not one of this machine: open the page by its address\n",
);
const ORIGIN: Refusal =
    Refusal(StatusCode::FORBIDDEN, "only the page itself may press its switches\n");
const TYPE: Refusal =
    Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a press is sent as application/json\n");
pub(super) const CONTROL: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "switches are for the machine that runs the fleet, or for those with --control-token\n",
);

/// Checks that a visitor came by a name of this machine.
///
/// A name that only DNS knows may have been pointed here by somebody else (DNS rebinding).
pub(super) fn may_look(fields: &HeaderMap) -> Result<(), Refusal> {
    let authority = authority_of(fields).ok_or(HOST)?;
    if is_own_host(authority.host(), &own_names()) { Ok(()) } else { Err(HOST) }
}

/// Checks that a press comes from the page, and from somebody who may.
pub(super) fn may_press(
    peer: IpAddr,
    fields: &HeaderMap,
    token: Option<&Secret>,
) -> Result<(), Refusal> {
    may_look(fields)?;
    if !is_own_page(fields, authority_of(fields).as_ref()) {
        return Err(ORIGIN);
    }
    let media_type = text_of(fields, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    if !media_type.to_ascii_lowercase().starts_with("application/json") {
        return Err(TYPE);
    }
    let given = text_of(fields, TOKEN_FIELD);
    if may_control(peer, given, token) { Ok(()) } else { Err(CONTROL) }
}

/// True for the machine that runs the fleet, and for those who know the token.
pub(super) fn may_control(peer: IpAddr, given: Option<&str>, token: Option<&Secret>) -> bool {
    let knows = given
        .zip(token)
        .is_some_and(|(given, token)| given.as_bytes().ct_eq(token.reveal().as_bytes()).into());
    peer.to_canonical().is_loopback() || knows
}

/// Names of this machine in its own network: its own, and that of multicast DNS.
fn own_names() -> [String; 2] {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    [format!("{name}.local"), name]
}

fn authority_of(fields: &HeaderMap) -> Option<Authority> {
    fields.get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok())
}

fn text_of<'a>(fields: &'a HeaderMap, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests;
