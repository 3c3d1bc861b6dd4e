//! Configuration of each product that writes a log with the tags of both directions.

/// Product and the configuration for it.
pub struct Snippet {
    /// Name for `--print-format`.
    pub product: &'static str,
    /// Product in words.
    pub summary: &'static str,
    /// The configuration.
    pub text: &'static str,
}

/// Every product whose log can have tags.
pub const SNIPPETS: &[Snippet] = &[
    Snippet {
        product: "nginx",
        summary: "nginx: log_format",
        text: include_str!("snippets/nginx.conf"),
    },
    Snippet {
        product: "haproxy",
        summary: "HAProxy: captures and log-format",
        text: include_str!("snippets/haproxy.cfg"),
    },
    Snippet {
        product: "apache",
        summary: "Apache httpd: LogFormat",
        text: include_str!("snippets/apache.conf"),
    },
    Snippet {
        product: "caddy",
        summary: "Caddy: log",
        text: include_str!("snippets/caddy.caddyfile"),
    },
    Snippet {
        product: "varnish",
        summary: "Varnish: varnishncsa",
        text: include_str!("snippets/varnish.sh"),
    },
    Snippet {
        product: "envoy",
        summary: "Envoy: json_format",
        text: include_str!("snippets/envoy.yaml"),
    },
    Snippet {
        product: "traefik",
        summary: "Traefik: accessLog",
        text: include_str!("snippets/traefik.yaml"),
    },
    Snippet {
        product: "ingress-nginx",
        summary: "ingress-nginx: log-format-upstream",
        text: include_str!("snippets/ingress-nginx.yaml"),
    },
];
