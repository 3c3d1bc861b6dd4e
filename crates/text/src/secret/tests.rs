use super::*;

fn check(text: &str, expected: &str) {
    assert_eq!(masked(text), expected, "{text}");
    assert_eq!(masked(expected), expected, "{text}");
    assert_eq!(covered(text).len(), text.len(), "{text}");
}

#[test]
fn user_information_of_urls_is_masked() {
    for (text, expected) in [
        ("http://u:p@a/", "http://…@a/"),
        ("socks5://u:p@ss@a:1080", "socks5://…@a:1080"),
        ("redis://:p@h:1/2", "redis://…@h:1/2"),
        ("redis://:p/w#x@h:1/2", "redis://…@h:1/2"),
        ("u:p@a:80", "…@a:80"),
        ("u:p://x@a", "…@a"),
        ("--store=redis://u:p@h:1", "--store=redis://…@h:1"),
        ("DATABASE=postgres://u:p@h/db cmd", "DATABASE=postgres://…@h/db cmd"),
        ("http://a:80/x@y", "http://a:80/x@y"),
        ("http://[::1]:80/x@y", "http://[::1]:80/x@y"),
        ("python@sha256:0f", "python@sha256:0f"),
    ] {
        check(text, expected);
    }
    assert_eq!(masked_url("http://u:p w@a/"), "http://…@a/");
}

#[test]
fn values_of_a_query_are_masked_by_name_and_by_look() {
    for (text, expected) in [
        ("http://h/?page=2&token=abc&lang=de", "http://h/?page=2&token=…&lang=de"),
        ("http://h/a?X-Amz-Signature=0f&X-Amz-Date=1", "http://h/a?X-Amz-Signature=…&X-Amz-Date=1"),
        ("/a?apiKey=k", "/a?apiKey=…"),
        ("/a?b=c#access_token=t", "/a?b=c#access_token=…"),
        ("/a;jsessionid=x", "/a;jsessionid=…"),
        ("/a?code=x&country_code=DE&sort_key=name", "/a?code=…&country_code=DE&sort_key=name"),
        ("/a?q=eyJhbGciOi.eyJzdWIi.c2ln", "/a?q=…"),
        ("/a?q=ghp_abcdef012345", "/a?q=…"),
        ("/a?q=5d41402abc4b2a76b9719d911017c592", "/a?q=…"),
        (
            "/a?id=550e8400-e29b-41d4-a716-446655440000",
            "/a?id=550e8400-e29b-41d4-a716-446655440000",
        ),
        ("/a?from=2026-11-30T03:25:28Z&page=2", "/a?from=2026-11-30T03:25:28Z&page=2"),
        ("http://auth:9000/api/token", "http://auth:9000/api/token"),
        ("/a?q=QWxhZGRpbjpvcGVuIHNlc2FtZQ%3D%3D&page=2", "/a?q=…&page=2"),
        ("/a?x=correcthorsebatterystaplecorrect", "/a?x=…"),
        ("/a?ref=v2.local.QAxIpVe-ECVNI1z4xQbm_qQYomyT3h8", "/a?ref=…"),
        ("/a?place=berlin-mitte-north-side-2026", "/a?place=berlin-mitte-north-side-2026"),
        (
            "/a?at=2026-11-30T03-25-28Z&for=a+long+list+of",
            "/a?at=2026-11-30T03-25-28Z&for=a+long+list+of",
        ),
        ("/a?path=api/config/of/the/whole/fleet", "/a?path=api/config/of/the/whole/fleet"),
    ] {
        check(text, expected);
    }
}

#[test]
fn credentials_of_a_command_are_masked_and_the_rest_stays_a_command() {
    for (text, expected) in [
        ("python3 -u server.py --port $PORT", "python3 -u server.py --port $PORT"),
        ("API_KEY=abc DEBUG=1 ./serve", "API_KEY=… DEBUG=1 ./serve"),
        ("API_KEY='a b'c ./serve", "API_KEY=… ./serve"),
        ("API_KEY=$KEY TOKEN=\"${T}\" ./serve", "API_KEY=$KEY TOKEN=\"${T}\" ./serve"),
        ("TOKEN= ./serve", "TOKEN= ./serve"),
        ("./serve --token abc --port 1", "./serve --token … --port 1"),
        ("./serve --token=abc --auth --port 1", "./serve --token=… --auth --port 1"),
        ("./serve --token-file /run/token", "./serve --token-file /run/token"),
        ("serve -H 'X-Own: a b' -H 'Accept: */*'", "serve -H 'X-Own: …' -H 'Accept: */*'"),
        ("serve --header='X-Own: a b'", "serve --header='X-Own: …'"),
        ("serve -HX-Own:a; ls", "serve -HX-Own:…; ls"),
        ("curl -u me:abc http://h/", "curl -u me:… http://h/"),
        ("sh -c 'TOKEN=abc exec serve'", "sh -c 'TOKEN=… exec serve'"),
        ("docker run -e \"API_KEY=a&b\" img", "docker run -e \"API_KEY=…\" img"),
        (
            "serve --json '{\"password\": \"a b\", \"x\": 1}'",
            "serve --json '{\"password\": \"…\", \"x\": 1}'",
        ),
        ("serve \"{\\\"token\\\":\\\"abc\\\"}\"", "serve \"{\\\"token\\\":\\\"…\\\"}\""),
        ("serve 'Authorization: Bearer abc' x", "serve 'Authorization: …' x"),
        (
            "/nix/store/0c3kv8z1q2w4x5y6a7b8-py/bin/py a",
            "/nix/store/0c3kv8z1q2w4x5y6a7b8-py/bin/py a",
        ),
        ("serve hvs.CAESIJ0123456789", "serve …"),
        ("TOKENIZERS=1 AUTHOR=me KEYCLOAK=x s", "TOKENIZERS=1 AUTHOR=me KEYCLOAK=x s"),
    ] {
        check(text, expected);
    }
}

#[test]
fn of_fields_only_harmless_values_are_shown() {
    for (line, expected) in [
        ("Authorization: Bearer x", "Authorization: …"),
        ("X-Own:x", "X-Own: …"),
        ("if-none-match: \"x\"", "if-none-match: \"x\""),
        ("User-Agent: me", "User-Agent: me"),
        ("abc", "…"),
    ] {
        assert_eq!(masked_field(line), expected);
    }
    assert_eq!(masked_value("Set-Cookie", "a=b"), MASK);
    assert_eq!(masked_value("ETag", "\"a\""), "\"a\"");
}

#[test]
fn arguments_are_masked_by_the_flag_before_them() {
    let arguments =
        ["poll", "-H", "X-Own: a", "--header=Accept: b", "--token", "t", "--token=-u", "7"];
    let masked = masked_arguments(arguments.map(str::to_owned));
    assert_eq!(
        masked,
        ["poll", "-H", "X-Own: …", "--header=Accept: b", "--token", "…", "--token=…", "7"]
    );
}

#[test]
fn a_name_of_a_file_has_no_value_of_a_query() {
    let name = without_query_values("http://u:p@h/a?page=2&x=y#z");
    assert_eq!(name, "http://…@h/a-page-x");
    assert_eq!(without_query_values("why?"), "why?");
}

#[test]
fn covered_lines_keep_their_length_and_nothing_is_read_beyond_a_line() {
    let lines = "# it's\ncommand = \"TOKEN=ä x\"\nstore = 'redis://:p@h'\n";
    assert_eq!(covered(lines), "# it's\ncommand = \"TOKEN=** x\"\nstore = 'redis://**@h'\n");
}
