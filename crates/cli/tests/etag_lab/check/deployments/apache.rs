//! Apache httpd: every `FileETag` and `DeflateAlterETag`.

use super::{DATES, Deployment, HEALTHY, LOCAL, deployment, fleet, single, three};
use crate::check::servers::{Server, apache, copy};

pub(super) fn apaches() -> Vec<Deployment> {
    fn files(late: u64, text: &str) -> Server {
        apache(&copy(late), text)
    }
    const DEFLATE: &str = "AddOutputFilterByType DEFLATE application/json\n";
    let httpd = |name, text: &'static str, late: u64, expected| {
        deployment(name, &["apache2"], expected, move || {
            fleet(three(|replica| files(late * replica as u64, text)), "round-robin")
        })
    };
    let one = |name, text: &str, expected| {
        let text = text.to_owned();
        deployment(name, &["apache2"], expected, move || single(files(0, &text)))
    };
    vec![
        one("httpd, one server", "", HEALTHY),
        httpd("httpd × 3, MTime Size, equal", "FileETag MTime Size", 0, HEALTHY),
        httpd("httpd × 3, MTime Size, mtimes apart", "FileETag MTime Size", 7_000, LOCAL)
            .of_dates(),
        httpd("httpd × 3, All, equal mtimes", "FileETag All", 0, LOCAL).because("inode"),
        httpd("httpd × 3, All, mtimes apart", "FileETag All", 7_000, LOCAL)
            .because("inode")
            .also(DATES),
        httpd("httpd × 3, INode", "FileETag INode", 0, LOCAL).because("inode"),
        httpd("httpd × 3, INode Size", "FileETag INode Size", 0, LOCAL).because("inode"),
        httpd("httpd × 3, MTime, mtimes apart", "FileETag MTime", 7_000, LOCAL).of_dates(),
        httpd("httpd × 3, mtimes 300 ms apart", "FileETag MTime Size", 300, LOCAL).because("mtime"),
        httpd("httpd × 3, Digest, equal", "FileETag Digest", 0, HEALTHY),
        httpd(
            "httpd × 3, Digest, mtimes apart",
            "FileETag Digest",
            7_000,
            &["last-modified-differs", "precedence-wrong"],
        ),
        one("httpd, None", "FileETag None", HEALTHY),
        one(
            "httpd, None and no date",
            "FileETag None\nHeader unset Last-Modified",
            &["no-validator"],
        ),
        one("httpd, deflate AddSuffix", DEFLATE, &["suffix-not-understood"]),
        one(
            "httpd, deflate AddSuffix, suffix removed on the way in",
            &format!("{DEFLATE}RequestHeader edit \"If-None-Match\" '^(.*)-gzip\"(.*)$' '$1\"$2'"),
            HEALTHY,
        ),
        one(
            "httpd, deflate NoChange",
            &format!("{DEFLATE}DeflateAlterETag NoChange"),
            &["shared-tag-across-codings"],
        ),
        one(
            "httpd, deflate Remove",
            &format!("{DEFLATE}DeflateAlterETag Remove"),
            &["stripped-when-compressed"],
        ),
        deployment("httpd × 3, All and AddSuffix", &["apache2"], LOCAL, || {
            fleet(three(|_| files(0, &format!("FileETag All\n{DEFLATE}"))), "random")
        })
        .because("inode")
        .also(&["suffix-not-understood"]),
    ]
}
