use std::net::Ipv4Addr;

use http::{HeaderName, HeaderValue};

use super::*;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ROOM: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7));

fn fields(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    pairs.iter().map(pair).collect()
}

fn check_host(host: &'static str, may: bool) {
    assert_eq!(may_look(&fields(&[("host", host)])).is_ok(), may, "{host}");
}

#[test]
fn only_names_that_nobody_else_can_point_here_are_served() {
    for host in ["127.0.0.1:8304", "localhost:8304", "LOCALHOST", "[::1]:8304", "192.168.1.5:80"] {
        check_host(host, true);
    }
    for host in ["evil.example:8304", "127.0.0.1.evil.example", "localhost.evil.example", ""] {
        check_host(host, false);
    }
    assert_eq!(may_look(&HeaderMap::new()), Err(HOST));
}

fn check_press(
    peer: IpAddr,
    pairs: &[(&'static str, &'static str)],
    expected: Result<(), Refusal>,
) {
    let json = [("host", "127.0.0.1:8304"), ("content-type", "application/json")];
    let token = Secret::from("open sesame".to_owned());
    let fields = fields(&[&json, pairs].concat());
    assert_eq!(may_press(peer, &fields, Some(&token)), expected, "{peer} {pairs:?}");
}

#[test]
fn a_page_of_another_origin_presses_nothing() {
    check_press(HERE, &[("origin", "http://127.0.0.1:8304")], Ok(()));
    check_press(HERE, &[], Ok(()));
    for origin in ["http://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1"] {
        check_press(HERE, &[("origin", origin)], Err(ORIGIN));
    }
    check_press(HERE, &[("sec-fetch-site", "cross-site")], Err(ORIGIN));
    let rebound = fields(&[("host", "evil.example"), ("origin", "http://evil.example")]);
    assert_eq!(may_press(HERE, &rebound, None), Err(HOST));
}

#[test]
fn a_form_of_another_page_cannot_send_what_a_press_is() {
    let form = fields(&[("host", "localhost"), ("content-type", "text/plain")]);
    assert_eq!(may_press(HERE, &form, None), Err(TYPE));
}

#[test]
fn the_room_looks_and_does_not_press_without_the_token() {
    check_press(ROOM, &[], Err(CONTROL));
    check_press(ROOM, &[(TOKEN_FIELD, "open")], Err(CONTROL));
    check_press(ROOM, &[(TOKEN_FIELD, "open sesame")], Ok(()));
    let json = fields(&[("host", "10.0.0.1"), ("content-type", "application/json")]);
    assert_eq!(may_press(ROOM, &json, None), Err(CONTROL));
    let mapped = "::ffff:127.0.0.1".parse().expect("an address");
    assert!(may_control(mapped, None, None));
}
