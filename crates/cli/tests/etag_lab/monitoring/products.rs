//! Series that each product writes, by its own documentation.

/// How far a source can tell what happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// 304s among all redirects.
    Classes,
    /// 304s.
    Statuses,
    /// 304s, and the nodes that sent them.
    Nodes,
}

/// A source as it writes 200s, 304s and bytes; `N` stands for the number of a node.
pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) responses: [&'static str; 2],
    pub(super) bytes: &'static str,
}

/// Every source; some can be scraped in several ways.
pub(super) const SOURCES: [Source; 13] = [
    Source {
        name: "ingress-nginx",
        responses: [
            r#"nginx_ingress_controller_requests{namespace="i",exported_namespace="shop",service="x",exported_service="api",ingress="a",path="/",status="200",method="GET"}"#,
            r#"nginx_ingress_controller_requests{namespace="i",exported_namespace="shop",service="x",exported_service="api",ingress="a",path="/",status="304",method="GET"}"#,
        ],
        bytes: r#"nginx_ingress_controller_response_size_sum{namespace="i",exported_namespace="shop",service="x",exported_service="api",ingress="a",path="/",status="200",method="GET"}"#,
    },
    Source {
        name: "traefik",
        responses: [
            r#"traefik_service_requests_total{code="200",method="GET",protocol="http",service="api@docker"}"#,
            r#"traefik_service_requests_total{code="304",method="GET",protocol="http",service="api@docker"}"#,
        ],
        bytes: r#"traefik_service_responses_bytes_total{code="200",method="GET",protocol="http",service="api@docker"}"#,
    },
    Source {
        name: "envoy",
        responses: [
            r#"envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="api"}"#,
            r#"envoy_cluster_upstream_rq{envoy_response_code="304",envoy_cluster_name="api"}"#,
        ],
        bytes: r#"envoy_cluster_upstream_cx_rx_bytes_total{envoy_cluster_name="api"}"#,
    },
    Source {
        name: "istio",
        responses: [
            r#"istio_requests_total{reporter="destination",response_code="200",destination_service="api.shop.svc.cluster.local",instance="10.0.0.N:15020"}"#,
            r#"istio_requests_total{reporter="destination",response_code="304",destination_service="api.shop.svc.cluster.local",instance="10.0.0.N:15020"}"#,
        ],
        bytes: r#"istio_response_bytes_sum{reporter="destination",response_code="200",destination_service="api.shop.svc.cluster.local",instance="10.0.0.N:15020"}"#,
    },
    Source {
        name: "caddy",
        responses: [
            r#"caddy_http_response_duration_seconds_count{server="srv0",handler="subroute",code="200",method="GET"}"#,
            r#"caddy_http_response_duration_seconds_count{server="srv0",handler="subroute",code="304",method="GET"}"#,
        ],
        bytes: r#"caddy_http_response_size_bytes_sum{server="srv0",handler="subroute",code="200",method="GET"}"#,
    },
    Source {
        name: "nginx-vts",
        responses: [
            r#"nginx_vts_status_code_requests_total{host="api.example.com",code="200"}"#,
            r#"nginx_vts_status_code_requests_total{host="api.example.com",code="304"}"#,
        ],
        bytes: r#"nginx_vts_server_bytes_total{host="api.example.com",direction="out"}"#,
    },
    Source {
        name: "nginx-vts",
        responses: [
            r#"nginx_vts_server_requests_total{host="classes.example.com",code="2xx"}"#,
            r#"nginx_vts_server_requests_total{host="classes.example.com",code="3xx"}"#,
        ],
        bytes: r#"nginx_vts_server_bytes_total{host="classes.example.com",direction="out"}"#,
    },
    Source {
        name: "nginx-plus",
        responses: [
            r#"nginxplus_upstream_server_responses_codes{code="200",server="10.0.0.N:80",upstream="api"}"#,
            r#"nginxplus_upstream_server_responses_codes{code="304",server="10.0.0.N:80",upstream="api"}"#,
        ],
        bytes: r#"nginxplus_upstream_server_received{server="10.0.0.N:80",upstream="api"}"#,
    },
    Source {
        name: "haproxy",
        responses: [
            r#"haproxy_server_http_responses_total{proxy="api",server="rN",code="2xx"}"#,
            r#"haproxy_server_http_responses_total{proxy="api",server="rN",code="3xx"}"#,
        ],
        bytes: r#"haproxy_server_bytes_out_total{proxy="api",server="rN"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"etag_lab_balancer_requests_total{job="b",path="/a",status="200",upstream="10.0.0.N:80"}"#,
            r#"etag_lab_balancer_requests_total{job="b",path="/a",status="304",upstream="10.0.0.N:80"}"#,
        ],
        bytes: r#"etag_lab_balancer_content_bytes_total{job="b",path="/a",status="200",upstream="10.0.0.N:80"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"coalescer_responses_total{job="c",instance="10.0.0.N:90",status="200"}"#,
            r#"coalescer_responses_total{job="c",instance="10.0.0.N:90",status="304"}"#,
        ],
        bytes: r#"coalescer_served_bytes_total{job="c",instance="10.0.0.N:90"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"etag_lab_replica_requests_total{job="r",path="/a",instance="10.0.0.N:80",status="200"}"#,
            r#"etag_lab_replica_requests_total{job="r",path="/a",instance="10.0.0.N:80",status="304"}"#,
        ],
        bytes: r#"etag_lab_replica_content_bytes_total{job="r",path="/a",instance="10.0.0.N:80",status="200"}"#,
    },
    Source {
        name: "etag-lab",
        responses: [
            r#"etag_lab_run_requests_total{scenario="s",arm="a",status="200"}"#,
            r#"etag_lab_run_requests_total{scenario="s",arm="a",status="304"}"#,
        ],
        bytes: r#"etag_lab_run_response_bytes_total{scenario="s",arm="a"}"#,
    },
];

impl Source {
    pub(super) fn sight(&self) -> Sight {
        match () {
            () if self.responses[0].contains("2xx") => Sight::Classes,
            () if self.has_nodes() => Sight::Nodes,
            () => Sight::Statuses,
        }
    }

    pub(super) fn has_nodes(&self) -> bool {
        self.bytes.contains("0.N") || self.bytes.contains("rN")
    }
}
