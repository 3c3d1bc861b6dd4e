//! Nobody can tell whether the proxy answers a request in its fast lane.

use super::serving::many_routes;
use super::{get, holding, table};
use crate::support::lanes::both;

#[test]
fn the_lanes_of_the_proxy_answer_alike() {
    let (_, source) = table("table.json", &many_routes());
    let proxy = holding(&source, &[]);
    let tag = |target, fields: &[&str]| {
        let answer = get(proxy.address, target, fields);
        answer.field("etag").expect("a table has a tag").to_owned()
    };
    for target in ["/routes", "/routes/z1", "/routes/z1/r1", "/routes/z9", "/health", "/diff"] {
        let mut fields = vec![String::new(), "If-None-Match: *\r\n".into()];
        if get(proxy.address, target, &[]).status == 200 {
            let (plain, gzip) = (tag(target, &[]), tag(target, &["Accept-Encoding: gzip"]));
            fields.extend([
                format!("If-None-Match: \"x\", W/{plain}\r\n"),
                format!("Accept-Encoding: gzip\r\nif-none-match: {gzip}\r\n"),
                format!("Accept-Encoding: gzip\r\nIf-None-Match: {plain}\r\n"),
                format!("If-Match: {plain}\r\n"),
                "If-Match: \"x\"\r\n".into(),
                "Accept-Encoding: gzip\r\n".into(),
                "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT\r\n".into(),
                "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n".into(),
            ]);
        }
        for (method, fields) in fields.iter().flat_map(|fields| [("GET", fields), ("HEAD", fields)])
        {
            let request = format!("{method} {target} HTTP/1.1\r\nHost: lab\r\n{fields}\r\n");
            let [quick, by_hyper] = both(proxy.address, request.as_bytes());
            assert_eq!(quick, by_hyper, "{request}");
        }
    }
}
