//! Formats as products have them in their configuration: nginx's `log_format`, Apache's `LogFormat`,
//! Envoy's `format` and the format of varnishncsa.

use super::pattern::{Pattern, Piece};
use crate::field::Field;

/// Pattern of a template of any product; `None` where it has no variables, or is
/// no line.
pub(crate) fn pattern(template: &str) -> Option<Pattern> {
    // A configuration may have the line break at the end that each line has.
    let template = template.trim_end_matches('\n');
    if template.contains('\n') {
        None
    } else if template.contains('$') {
        Some(Pattern::of(nginx(template), false))
    } else if template.contains("%REQ(") || template.contains("%RESPONSE_CODE%") {
        Some(Pattern::of(envoy(template), false))
    } else if template.contains('%') {
        Some(Pattern::of(apache(template), true))
    } else {
        None
    }
}

/// `$remote_addr - [$time_local]`: variables end where no letter, digit or underscore follows, or
/// stand in braces.
fn nginx(template: &str) -> Vec<Piece> {
    let mut parts = template.split('$');
    let mut pieces = vec![Piece::text(parts.next().unwrap_or_default())];
    for part in parts {
        let (name, text) = if let Some(braced) = part.strip_prefix('{') {
            braced.split_once('}').unwrap_or((braced, ""))
        } else {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            part.split_at(part.find(|c| !is_name(c)).unwrap_or(part.len()))
        };
        pieces.extend([Piece::Field(variable(name)), Piece::text(text)]);
    }
    pieces
}

/// Field of a variable of nginx.
fn variable(name: &str) -> Option<Field> {
    Some(match name {
        "remote_addr" | "realip_remote_addr" => Field::Address,
        "remote_port" | "connection" => Field::Connection,
        "time_local" | "time_iso8601" | "msec" => Field::Time,
        "request" => Field::Request,
        "request_method" => Field::Method,
        "request_uri" | "uri" => Field::Target,
        "args" | "query_string" => Field::Query,
        "status" => Field::Status,
        "body_bytes_sent" | "bytes_sent" => Field::Bytes,
        "upstream_addr" => Field::Upstream,
        "host" | "http_host" => Field::Host,
        "proxy_add_x_forwarded_for" => Field::Forwarded,
        _ => {
            let request = name.strip_prefix("http_").and_then(Field::of_request);
            let response = name.strip_prefix("sent_http_").and_then(Field::of_response);
            let upstream = || name.strip_prefix("upstream_http_").and_then(Field::of_response);
            return request.or(response).or_else(upstream);
        }
    })
}

/// `%h %l %u %t "%r" %>s %b`, with modifiers, and names in braces.
fn apache(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('%') {
        pieces.push(Piece::text(&unquoted(text)));
        let directive =
            after.trim_start_matches(|c: char| c.is_ascii_digit() || "<>!,".contains(c));
        let (name, directive) = match directive.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap_or((braced, "")),
            None => ("", directive),
        };
        if let Some(after) = directive.strip_prefix("^t") {
            // Trailers have two letters.
            pieces.push(Piece::Field(None));
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        let Some(letter) = directive.chars().next() else { break };
        rest = &directive[letter.len_utf8()..];
        pieces.extend(directives(letter, name));
    }
    pieces.push(Piece::text(&unquoted(rest)));
    pieces
}

fn directives(letter: char, name: &str) -> Vec<Piece> {
    let field = match (letter, name) {
        ('%', _) => return vec![Piece::text("%")],
        // The moment stands in brackets of its own.
        ('t', "") => {
            return vec![Piece::text("["), Piece::Field(Some(Field::Time)), Piece::text("]")];
        }
        ('t', _) => Some(Field::Time),
        ('h' | 'a', _) => Some(Field::Address),
        ('p', "remote") => Some(Field::Connection),
        ('r', _) => Some(Field::Request),
        ('m', _) => Some(Field::Method),
        ('U', _) => Some(Field::Target),
        ('q', _) => Some(Field::Query),
        ('s', _) => Some(Field::Status),
        ('b' | 'B' | 'O', _) => Some(Field::Bytes),
        ('v' | 'V', _) => Some(Field::Host),
        ('i', name) => Field::of_request(name),
        ('o', name) => Field::of_response(name),
        // The worker that mod_proxy_balancer chose.
        ('e', "BALANCER_WORKER_NAME" | "BALANCER_WORKER_ROUTE") | ('x', "VCL_Log:backend") => {
            Some(Field::Upstream)
        }
        _ => None,
    };
    vec![Piece::Field(field)]
}

/// A quote is escaped in the configuration.
fn unquoted(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\t", "\t")
}

/// `[%START_TIME%] "%REQ(:METHOD)% …"`.
fn envoy(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('%') {
        let (operator, after) = after.split_once('%').unwrap_or((after, ""));
        pieces.extend([Piece::text(text), Piece::Field(operator_field(operator))]);
        rest = after;
    }
    pieces.push(Piece::text(rest));
    pieces
}

fn operator_field(operator: &str) -> Option<Field> {
    let (name, argument) = operator.split_once('(').unwrap_or((operator, ""));
    let argument = argument.split([')', ':', '?']).find(|part| !part.is_empty()).unwrap_or("");
    match name {
        "START_TIME" => Some(Field::Time),
        "RESPONSE_CODE" => Some(Field::Status),
        "BYTES_SENT" => Some(Field::Bytes),
        "UPSTREAM_HOST" => Some(Field::Upstream),
        "DOWNSTREAM_REMOTE_ADDRESS" => Some(Field::Peer),
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" => Some(Field::Address),
        "CONNECTION_ID" => Some(Field::Connection),
        "REQ" => match argument.to_ascii_lowercase().as_str() {
            "method" => Some(Field::Method),
            "x-envoy-original-path" | "path" => Some(Field::Target),
            "authority" => Some(Field::Host),
            name => Field::of_request(name),
        },
        "RESP" => Field::of_response(argument),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Fields;

    #[track_caller]
    fn check(template: &str, line: &str, expected: &[(Field, &str)]) {
        let pattern = pattern(template).expect("a template");
        let mut fields = Fields::none();
        assert!(pattern.split(line.as_bytes(), &mut fields), "{template}: {line}");
        for (field, value) in expected {
            assert_eq!(String::from_utf8_lossy(fields.get(*field)), *value, "{template}: {line}");
            assert!(pattern.columns().has(*field));
        }
    }

    #[test]
    fn templates_of_the_products_are_read() {
        check(
            r#"$remote_addr:${remote_port} [$time_iso8601] $request_method $request_uri $status $bytes_sent up="$upstream_addr" inm="$http_if_none_match" etag="$sent_http_etag""#,
            r#"10.0.0.1:4711 [2026-11-30T12:37:20+00:00] GET /a?b 304 120 up="10.1.0.2:80" inm="\x22a\x22" etag="\x22a\x22""#,
            &[
                (Field::Address, "10.0.0.1"),
                (Field::Connection, "4711"),
                (Field::Target, "/a?b"),
                (Field::Status, "304"),
                (Field::Upstream, "10.1.0.2:80"),
                (Field::NoneMatch, r"\x22a\x22"),
                (Field::Tag, r"\x22a\x22"),
            ],
        );
        check(
            r#"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %{If-None-Match}i|%{ETag}o"#,
            r#"example.org:80 10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 99 "-" "x" "\"a\""|"\"b\"""#,
            &[(Field::Host, "example.org"), (Field::Status, "200"), (Field::Agent, "x")],
        );
        check(
            "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %BYTES_SENT% \"%UPSTREAM_HOST%\" \"%REQ(IF-NONE-MATCH)%\" \"%RESP(ETAG)%\"",
            "[2026-11-30T12:37:20.310Z] \"GET /a HTTP/2\" 200 154 \"10.0.35.28:80\" \"-\" \"\"a\"\"",
            &[(Field::Method, "GET"), (Field::Target, "/a"), (Field::Upstream, "10.0.35.28:80")],
        );
    }
}
