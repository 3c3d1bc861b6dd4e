//! Every format, by lines that its product wrote or that its manual shows.

use etag_lab_logs::{Field, Wish};

use crate::fleet::judged;

struct Case {
    format: &'static str,
    wish: Option<&'static str>,
    mapped: &'static [(Field, &'static str)],
    lines: &'static str,
    /// Paths, the busiest first: name, requests, 304s, bytes, servers.
    expected: &'static [(&'static str, u64, u64, u64, usize)],
    /// First and last moment.
    times: (&'static str, &'static str),
}

#[track_caller]
fn check(case: &Case) {
    let mapped = case.mapped.iter().map(|(field, path)| (*field, (*path).to_owned())).collect();
    let wish = Wish { format: case.wish.map(str::to_owned), mapped };
    for lines in [case.lines.to_owned(), case.lines.replace('\n', "\r\n")] {
        let summary = judged(&lines, wish.clone());
        let mut paths: Vec<_> = summary.paths.iter().collect();
        paths.sort_by_key(|path| (std::cmp::Reverse(path.requests), path.path.clone()));
        let found: Vec<_> = paths
            .iter()
            .map(|it| (it.path.as_str(), it.requests, it.not_modified, it.bytes, it.upstreams))
            .collect();
        assert_eq!(summary.lines.unparsed, 0, "{}: {:?}", case.format, summary.lines);
        assert_eq!((summary.format.as_str(), found), (case.format, case.expected.to_vec()));
        let (first, last) = summary.times.expect("moments");
        let moment = |seconds| jiff::Timestamp::from_second(seconds).expect("a moment").to_string();
        assert_eq!((moment(first).as_str(), moment(last).as_str()), case.times, "{}", case.format);
    }
}

const NONE: Case =
    Case { format: "", wish: None, mapped: &[], lines: "", expected: &[], times: ("", "") };

#[test]
fn combined_is_read_whoever_writes_it() {
    check(&Case {
        format: "combined",
        lines: r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"
2001:db8::7 - a b [10/Oct/2000:13:55:37 -0700] "GET /apache_pb.gif?a=1 HTTP/1.1" 304 - "-" "a \"quoted\" agent"
127.0.0.1 - - [10/Oct/2000:22:55:38 +0200] "-" 400 0 "-" "-"
127.0.0.1 - - [10/Oct/2000:20:55:39 +0000] "\x16\x03\x01" 400 150 "-" "-" "extra" 0.002
"#,
        expected: &[("(no path)", 2, 0, 150, 0), ("/apache_pb.gif", 2, 1, 2_326, 0)],
        times: ("2000-10-10T20:55:36Z", "2000-10-10T20:55:39Z"),
        ..NONE
    });
    check(&Case {
        format: "vhost-combined",
        lines: r#"example.org:443 10.0.0.1 - - [30/Nov/2026:13:28:16 +0000] "GET /a HTTP/1.1" 200 8466 "-" "x"
"#,
        expected: &[("example.org/a", 1, 0, 8_466, 0)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
    check(&Case {
        format: "common",
        lines: r#"10.0.0.1 - - [30/Nov/2026:13:28:16 +0000] "GET /a HTTP/1.1" 200 8466
"#,
        expected: &[("/a", 1, 0, 8_466, 0)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
}

#[test]
fn templates_are_read_as_the_products_have_them() {
    check(&Case {
        format: "template",
        wish: Some(
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent rt=$request_time us="$upstream_addr""#,
        ),
        lines: r#"10.0.0.1 - - [30/Nov/2026:13:28:16 +0000] "GET /a HTTP/2.0" 304 0 rt=0.004 us="10.1.0.1:80, 10.1.0.2:80"
10.0.0.1 - - [30/Nov/2026:13:28:17 +0000] "GET /a HTTP/2.0" 200 9 rt=0.004 us="10.1.0.2:80"
"#,
        expected: &[("/a", 2, 1, 9, 1)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:17Z"),
        ..NONE
    });
    check(&Case {
        format: "template",
        wish: Some(r#"%h %t "%r" %>s %B "%{ETag}o" %{BALANCER_WORKER_ROUTE}e"#),
        lines: r#"10.0.0.1 [30/Nov/2026:13:28:16 +0000] "GET /a HTTP/1.1" 200 9 "\"x\"" s2
"#,
        expected: &[("/a", 1, 0, 9, 1)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
}

#[test]
fn haproxy_is_read_with_and_without_syslog() {
    check(&Case {
        format: "haproxy",
        lines: r#"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"
127.0.0.1:44150 [06/Feb/2009:12:14:15.000] f b/s2 0/0/0/1/1 304 201 - - ---- 1/1/0/0/0 0/0 "GET /index.html HTTP/1.1"
127.0.0.1:44152 [06/Feb/2009:12:14:16.000] f f/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
"#,
        expected: &[("/index.html", 2, 1, 2_951, 2), ("(no path)", 1, 0, 0, 0)],
        times: ("2009-02-06T12:14:14Z", "2009-02-06T12:14:16Z"),
        ..NONE
    });
}

#[test]
fn gateways_of_clusters_are_read() {
    check(&Case {
        format: "envoy",
        lines: r#"[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"
[2016-04-15T20:17:01.310Z] "GET /api HTTP/1.1" 200 - 0 512 2 1 "-" "curl/8" "-" "api.example" "10.0.2.2:80"
"#,
        expected: &[("api.example/api", 1, 0, 512, 1), ("locations/api/v1/locations", 1, 0, 0, 1)],
        times: ("2016-04-15T20:17:00Z", "2016-04-15T20:17:01Z"),
        ..NONE
    });
    check(&Case {
        format: "istio",
        lines: r#"[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default
"#,
        expected: &[("httpbin:8000/status/418", 1, 0, 135, 1)],
        times: ("2020-11-25T21:26:18Z", "2020-11-25T21:26:18Z"),
        ..NONE
    });
    check(&Case {
        format: "ingress-nginx",
        lines: r#"10.0.0.1 - - [30/Nov/2026:13:28:16 +0000] "GET /a HTTP/2.0" 200 612 "-" "curl/8" 34 0.001 [default-web-80] [] 10.8.0.4:8080 612 0.001 200 5a3f3b0c0d9e8f7a6b5c4d3e2f1a0b9c
10.0.0.1 - - [30/Nov/2026:13:28:17 +0000] "GET /a HTTP/2.0" 304 0 "-" "curl/8" 34 0.001 [default-web-80] [] 10.8.0.5:8080 0 0.001 304 5a3f3b0c0d9e8f7a6b5c4d3e2f1a0b9d
"#,
        expected: &[("/a", 2, 1, 612, 2)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:17Z"),
        ..NONE
    });
    check(&Case {
        format: "traefik",
        lines: r#"10.0.0.1 - - [30/Nov/2026:13:28:16 +0000] "GET /a HTTP/1.1" 200 612 "-" "-" 1 "web@docker" "http://10.8.0.4:80" 3ms
"#,
        expected: &[("/a", 1, 0, 612, 1)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
}

#[test]
fn clouds_are_read() {
    check(&Case {
        format: "alb",
        lines: r#"http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"
"#,
        expected: &[("www.example.com:80/", 1, 0, 366, 1)],
        times: ("2018-07-02T22:23:00Z", "2018-07-02T22:23:00Z"),
        ..NONE
    });
    check(&Case {
        format: "w3c",
        lines: "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows)\t-\n2019-12-04\t21:02:32\tLAX1\t100\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t304\t-\tMozilla/5.0%20(Windows)\tv=1\n",
        expected: &[("d111111abcdef8.cloudfront.net/index.html", 2, 1, 492, 0)],
        times: ("2019-12-04T21:02:31Z", "2019-12-04T21:02:32Z"),
        ..NONE
    });
    check(&Case {
        format: "w3c",
        lines: "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n2026-11-30 13:28:16 10.0.0.9 GET /a.css - 443 - 10.0.0.1 Mozilla/5.0 - 304 0 0 1\n",
        expected: &[("/a.css", 1, 1, 0, 1)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
    check(&Case {
        format: "json",
        lines: r#"{"httpRequest":{"requestMethod":"GET","requestUrl":"https://example.com/a?b=c","requestSize":"80","status":200,"responseSize":"512","userAgent":"curl/8","remoteIp":"192.0.2.1","serverIp":"10.128.0.2","latency":"0.01s"},"timestamp":"2026-11-30T13:28:16.5Z","severity":"INFO"}
"#,
        expected: &[("example.com/a", 1, 0, 512, 1)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
}

#[test]
fn json_of_anybody_is_read_by_its_keys() {
    check(&Case {
        format: "json",
        lines: r#"{"ClientAddr":"10.0.0.1:51872","ClientHost":"10.0.0.1","ClientPort":"51872","DownstreamContentSize":9,"DownstreamStatus":200,"RequestAddr":"a.example","RequestHost":"a.example","RequestMethod":"GET","RequestPath":"/a","ServiceAddr":"10.8.0.4:80","StartUTC":"2026-11-30T13:28:16.1Z","downstream_Etag":"\"x\"","request_If-None-Match":"\"y\"","level":"info"}
"#,
        expected: &[("a.example/a", 1, 0, 9, 1)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
    check(&Case {
        format: "json",
        mapped: &[
            (Field::Status, ".response.code"),
            (Field::Target, "req.p"),
            (Field::Method, "req.m"),
            (Field::Bytes, ".response.n"),
            (Field::Time, "at"),
        ],
        lines: r#"{"at":1796045296,"req":{"m":"GET","p":"\/a"},"response":{"code":304,"n":0},"x":[{"y":"}"},null,true]}
"#,
        expected: &[("/a", 1, 1, 0, 0)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:16Z"),
        ..NONE
    });
}

#[test]
fn columns_that_change_in_the_middle_are_read_by_their_own_line() {
    // IIS writes the line anew when it starts, and other columns once somebody chose them.
    check(&Case {
        format: "w3c",
        lines: "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time cs-method cs-uri-stem c-ip sc-status sc-bytes\n2026-11-30 13:28:16 GET /a.css 10.0.0.1 200 100\n#Fields: date time cs-method cs-uri-stem c-ip sc-status sc-bytes\n2026-11-30 13:28:17 GET /a.css 10.0.0.1 304 0\n#Date: 2026-11-30 13:28:18\n#Fields: date time s-ip cs-method cs-uri-stem cs(If-None-Match) sc(ETag) c-ip sc-status sc-bytes\n2026-11-30 13:28:18 10.0.0.9 GET /a.css \"x\" \"x\" 10.0.0.1 304 7\n#Fields: sc-status sc-bytes cs-uri-stem date time\n200 50 /b.css 2026-11-30 13:28:19\n",
        expected: &[("/a.css", 3, 2, 107, 1), ("/b.css", 1, 0, 50, 0)],
        times: ("2026-11-30T13:28:16Z", "2026-11-30T13:28:19Z"),
        ..NONE
    });
}
