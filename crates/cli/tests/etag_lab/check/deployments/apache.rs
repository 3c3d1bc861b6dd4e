//! Apache httpd: every `FileETag` and `DeflateAlterETag`.

use super::{DATES, Deployment, HEALTHY, LOCAL, deployment, fleet, single, three};
use crate::check::servers::{Server, apache, copy};

pub(super) fn apaches() -> Vec<Deployment> {
    fn files(late: u64, text: &str) -> Server {
        apache(&copy(late), text)
    }
    const DEFLATE: &str = "AddOutputFilterByType DEFLATE application/json\n";
    let of = |text: &'static str, late: u64| {
        move || fleet(three(|replica| files(late * replica as u64, text)), "round-robin")
    };
    vec![
        deployment("httpd, one server", &["apache2"], HEALTHY, || single(files(0, ""))),
        deployment(
            "httpd × 3, MTime Size, equal",
            &["apache2"],
            HEALTHY,
            of("FileETag MTime Size", 0),
        ),
        deployment(
            "httpd × 3, MTime Size, mtimes apart",
            &["apache2"],
            LOCAL,
            of("FileETag MTime Size", 7_000),
        )
        .of_dates(),
        deployment("httpd × 3, All, equal mtimes", &["apache2"], LOCAL, of("FileETag All", 0))
            .because("inode"),
        deployment("httpd × 3, All, mtimes apart", &["apache2"], LOCAL, of("FileETag All", 7_000))
            .because("inode")
            .also(DATES),
        deployment("httpd × 3, INode", &["apache2"], LOCAL, of("FileETag INode", 0))
            .because("inode"),
        deployment("httpd × 3, INode Size", &["apache2"], LOCAL, of("FileETag INode Size", 0))
            .because("inode"),
        deployment(
            "httpd × 3, MTime, mtimes apart",
            &["apache2"],
            LOCAL,
            of("FileETag MTime", 7_000),
        )
        .of_dates(),
        deployment(
            "httpd × 3, mtimes 300 ms apart",
            &["apache2"],
            LOCAL,
            of("FileETag MTime Size", 300),
        )
        .because("mtime"),
        deployment("httpd × 3, Digest, equal", &["apache2"], HEALTHY, of("FileETag Digest", 0)),
        deployment(
            "httpd × 3, Digest, mtimes apart",
            &["apache2"],
            &["last-modified-differs", "precedence-wrong"],
            of("FileETag Digest", 7_000),
        ),
        deployment("httpd, None", &["apache2"], HEALTHY, || single(files(0, "FileETag None"))),
        deployment("httpd, None and no date", &["apache2"], &["no-validator"], || {
            single(files(0, "FileETag None\nHeader unset Last-Modified"))
        }),
        deployment("httpd, deflate AddSuffix", &["apache2"], &["suffix-not-understood"], || {
            single(files(0, DEFLATE))
        }),
        deployment(
            "httpd, deflate AddSuffix, suffix removed on the way in",
            &["apache2"],
            HEALTHY,
            || {
                single(files(
                    0,
                    &format!(
                        "{DEFLATE}RequestHeader edit \"If-None-Match\" '^(.*)-gzip\"(.*)$' '$1\"$2'"
                    ),
                ))
            },
        ),
        deployment("httpd, deflate NoChange", &["apache2"], &["shared-tag-across-codings"], || {
            single(files(0, &format!("{DEFLATE}DeflateAlterETag NoChange")))
        }),
        deployment("httpd, deflate Remove", &["apache2"], &["stripped-when-compressed"], || {
            single(files(0, &format!("{DEFLATE}DeflateAlterETag Remove")))
        }),
        deployment("httpd × 3, All and AddSuffix", &["apache2"], LOCAL, || {
            fleet(three(|_| files(0, &format!("FileETag All\n{DEFLATE}"))), "random")
        })
        .because("inode")
        .also(&["suffix-not-understood"]),
    ]
}
