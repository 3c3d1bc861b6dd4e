//! Advice: symptom, product and role to the change in the words of that product's configuration.
//!
//! Given to who can have *this* fault. Where a gateway names itself and the program behind it does
//! not, both are given their part: one of them has the fault, and it cannot be told which.

use serde::{Deserialize, Serialize};

use crate::kind::FindingKind;
use crate::products::{PRODUCTS, Role, Suspects};

/// Change that mends a finding, for some products in one role, or for any.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Advice {
    /// Names in the table of products; empty for any product.
    pub products: Vec<String>,
    /// Role in which they have the fault; absent for any product.
    pub role: Option<Role>,
    /// Condition of its own that cannot be seen from outside: `WhiteNoise serves the file`.
    #[serde(rename = "where")]
    pub condition: String,
    /// Version from which on the products do not have the fault; empty when every version has.
    pub before: String,
    /// Causes that it mends; empty for any, known or not.
    pub causes: Vec<String>,
    /// True if the causes are another matter than the rest of the finding, so that advice for any
    /// cause is of no use there.
    pub alone: bool,
    /// The change; `{field}` in it is the request field that is the cause.
    pub change: String,
}

impl Advice {
    /// Products, condition and causes in words: `nginx, where it serves the file (inode, mtime)`.
    pub fn scope(&self) -> String {
        let mut titles: Vec<_> = self.products.iter().map(|name| title(name)).collect();
        if titles.is_empty() {
            titles.push("anywhere");
        }
        // Of a framework it goes without saying.
        let mut scope = lead(&titles, self.condition(self.role == Some(Role::Framework)));
        if !self.before.is_empty() {
            scope = format!("{scope}, before {}", self.before);
        }
        match self.causes.as_slice() {
            [] => scope,
            causes => format!("{scope} ({})", causes.join(", ")),
        }
    }

    /// The change in words where the cause is not known.
    pub fn change(&self) -> String {
        filled(&self.change, None)
    }

    /// Condition under which the products have the fault, and which cannot be seen from outside.
    fn condition(&self, is_sure: bool) -> &str {
        let can = |role| {
            let mut products = self.products.iter().filter_map(|name| PRODUCTS.get(name));
            products.any(|product| product.roles.contains(&role))
        };
        match self.role {
            _ if !self.condition.is_empty() => &self.condition,
            Some(Role::Compressor) => "it compresses",
            Some(Role::Gateway) if can(Role::Origin) => "it forwards",
            Some(Role::Origin) if !is_sure && can(Role::Gateway) => "it serves the file",
            // A server that often runs a framework does not say that it runs it here.
            Some(Role::Framework) if !is_sure => "it is the program",
            _ => "",
        }
    }

    fn suspected<'a>(&'a self, suspects: &Suspects, role: Role) -> Vec<&'a str> {
        let names = self.products.iter().map(String::as_str);
        names.filter(|name| suspects.has(name, role, &self.before)).collect()
    }

    /// The advice for some of its products; `None` without one.
    fn given(&self, names: &[&str], suspects: &Suspects, cause: Option<&str>) -> Option<Remedy> {
        let titles: Vec<_> = names.iter().map(|name| title(name)).collect();
        let role = self.role.unwrap_or(Role::Origin);
        let is_sure = names.iter().any(|name| suspects.is_sure(name, role));
        let product = Some(lead(&titles, self.condition(is_sure)));
        (!names.is_empty()).then(|| Remedy { product, change: filled(&self.change, cause) })
    }

    fn fits_cause(&self, cause: Option<&str>) -> bool {
        let is_meant = |cause: &str| self.causes.iter().any(|known| known == cause);
        self.causes.is_empty() || cause.is_some_and(is_meant)
    }
}

/// Advice as it is given about one deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Product that is meant, in words; `None` where no product shows itself that may have the fault.
    pub product: Option<String>,
    /// The change.
    pub change: String,
}

impl Remedy {
    /// Product and change in one sentence.
    pub fn text(&self) -> String {
        match &self.product {
            Some(product) => format!("{product}: {}", self.change),
            None => self.change.clone(),
        }
    }
}

/// The text of several remedies in one line.
pub fn joined(remedies: &[Remedy]) -> String {
    remedies.iter().map(Remedy::text).collect::<Vec<_>>().join(" · ")
}

impl FindingKind {
    /// Advice for the products that may have the fault, and for the cause. Never empty.
    pub fn remedies(&self, suspects: &Suspects, cause: Option<&str>) -> Vec<Remedy> {
        let mut told: Vec<(&str, Role)> = Vec::new();
        let mut remedies = Vec::new();
        let fitting = || self.advice.iter().filter(|advice| advice.fits_cause(cause));
        let is_alone = fitting().any(|advice| advice.alone);
        for advice in fitting().filter(|advice| !is_alone || !advice.causes.is_empty()) {
            let Some(role) = advice.role else { continue };
            let mut names = advice.suspected(suspects, role);
            // What is for a cause stands before what is for any.
            names.retain(|name| !told.contains(&(*name, role)));
            told.extend(names.iter().map(|name| (*name, role)));
            remedies.extend(advice.given(&names, suspects, cause));
        }
        remedies.extend(self.for_the_rest(&told, suspects, cause));
        remedies
    }

    /// Advice for the cause where no product is known.
    pub fn anywhere(&self, cause: Option<&str>) -> &str {
        let mut any = self.advice.iter().filter(|advice| advice.products.is_empty());
        any.find(|advice| advice.fits_cause(cause)).map_or(&self.fix, |advice| &advice.change)
    }

    /// Advice for whom that for particular products leaves out: for all, for the program behind a
    /// gateway, or for another than the server that was seen often runs.
    fn for_the_rest(
        &self,
        told: &[(&str, Role)],
        suspects: &Suspects,
        cause: Option<&str>,
    ) -> Option<Remedy> {
        let product = match told {
            [] => None,
            told if told.iter().any(|(name, role)| suspects.is_sure(name, *role)) => return None,
            told if told.iter().any(|(_, role)| *role == Role::Framework) => {
                Some("any other program".to_owned())
            }
            // A gateway that has advice leaves open whether the program behind it is at fault.
            _ => Some("the program behind".to_owned()),
        };
        Some(Remedy { product, change: filled(self.anywhere(cause), cause) })
    }
}

/// The change with the request field in it: `vary('Accept-Language')`.
fn filled(change: &str, cause: Option<&str>) -> String {
    if !change.contains("{field}") {
        return change.to_owned();
    }
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let field = cause.filter(|cause| *cause != "other" && !cause.is_empty());
    let field = field.map(|cause| cause.split('-').map(capital).collect::<Vec<_>>().join("-"));
    change.replace("{field}", field.as_deref().unwrap_or("FIELD"))
}

fn title(name: &str) -> &str {
    PRODUCTS.get(name).map_or(name, |product| &product.title)
}

/// `nginx`, `Express, Koa`, `nginx, where it compresses`.
fn lead(titles: &[&str], condition: &str) -> String {
    let titles = titles.join(", ");
    if condition.is_empty() { titles } else { format!("{titles}, where {condition}") }
}

#[cfg(test)]
mod tests {
    use crate::Check;
    use crate::fixture::evidence;

    /// Asserts the advice about one finding in the check of these exchanges: who is meant, and a
    /// part of what is to change.
    #[track_caller]
    fn check(name: &str, exchanges: &str, expected: &[(&str, &str)]) {
        let check = Check::of(&evidence(exchanges));
        let finding = check.findings.iter().find(|finding| finding.kind.name == name);
        let finding = finding.unwrap_or_else(|| panic!("{name} in {:?}", check.findings));
        let given: Vec<_> = finding.remedies.iter().map(super::Remedy::text).collect();
        assert_eq!(given.len(), expected.len(), "{given:#?}");
        for (given, (product, change)) in given.iter().zip(expected) {
            assert!(given.starts_with(product) && given.contains(change), "{product}: {given}");
        }
    }

    const DATE: &str = "Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT";

    #[test]
    fn the_server_that_makes_the_tags_of_files_is_advised() {
        let fleet = r#"
            4 × -> 200; ETag: "1a2b-5-5ae4a3c2d1e40"; Server: Apache/2.4.58 | hello
            4 × -> 200; ETag: "9c8d-5-5ae4a3c2d1e40"; Server: Apache/2.4.58 | hello
        "#;
        check("node-local-tag", fleet, &[("Apache httpd: ", "`FileETag MTime Size`")]);
        // The form says so where a gateway has put its own name in the place.
        let behind = fleet.replace("Apache/2.4.58", "cloudflare");
        check("node-local-tag", &behind, &[("Apache httpd: ", "`FileETag MTime Size`")]);
    }

    #[test]
    fn a_gateway_is_not_advised_about_tags_that_it_has_not_made() {
        let fleet = r#"
            4 × -> 200; ETag: "41"; Server: nginx/1.22.1 | hello
            4 × -> 200; ETag: "18"; Server: nginx/1.22.1 | hello
        "#;
        check("node-local-tag", fleet, &[("make the tag from the content alone", "fixed hash")]);
    }

    #[test]
    fn the_framework_behind_a_gateway_is_known_by_the_form_of_its_tags() {
        let files = r#"
            4 × -> 200; ETag: W/"5-1749b1d5c80"; Server: nginx | hello
            4 × -> 200; ETag: W/"5-1749b1d7000"; Server: nginx | hello
        "#;
        let rest = ("any other program: ", "keep their modification times");
        let guess = ("Express, Koa, where it is the program: ", "`setHeaders`");
        check("node-local-tag", files, &[guess, rest]);
        let named = files.replace("Server: nginx", "Server: nginx; X-Powered-By: Express");
        check("node-local-tag", &named, &[("Express: ", "`setHeaders`")]);
    }

    #[test]
    fn gateway_and_program_are_both_named_where_either_may_drop_the_condition() {
        let ignored = r#"
            4 × -> 200; ETag: "x"; Server: nginx | hello
            4 × If-None-Match: "x" -> 200; ETag: "x"; Server: nginx | hello
        "#;
        let gateway = ("nginx, where it forwards: ", "`proxy_set_header If-None-Match \"\";`");
        let name = "conditionals-ignored";
        check(name, ignored, &[gateway, ("the program behind: ", "compare If-None-Match")]);
        let express = ignored.replace("Server: nginx", "Server: nginx; X-Powered-By: Express");
        check(name, &express, &[gateway, ("Express: ", "`res.json`")]);
        let envoy = ignored.replace("nginx", "istio-envoy");
        let rest = ("the program behind: ", "compare If-None-Match");
        check(name, &envoy, &[("Envoy: ", "`request_headers_to_remove`"), rest]);
        let flask = ignored.replace("nginx", "Werkzeug/3.1.9 Python/3.11");
        check(name, &flask, &[("Flask: ", "make_conditional")]);
        // uvicorn runs others, too.
        let guess = ignored.replace("nginx", "uvicorn");
        let starlette = ("Starlette, FastAPI, where it is the program: ", "`FileResponse` alone");
        check(name, &guess, &[starlette, ("any other program: ", "compare If-None-Match")]);
        let varnish = ignored.replace("Server: nginx", "X-Varnish: 1");
        check(name, &varnish, &[("Varnish: ", "`vcl_recv`"), rest]);
    }

    #[test]
    fn the_fault_itself_is_not_given_as_its_cure() {
        let precedence = format!(
            r#"
            4 × -> 200; ETag: "5f5e1000-5"; {DATE}; Server: nginx | hello
            4 × If-None-Match: "5f5e1000-5" -> 304; ETag: "5f5e1000-5"; Server: nginx
            If-None-Match: "5f5e1000-5"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT -> 200; ETag: "5f5e1000-5"; {DATE}; Server: nginx | hello
            "#
        );
        let files = ("nginx: ", "answers every request with a date");
        let proxied = ("nginx, where it forwards: ", "`proxy_set_header If-Modified-Since $date;`");
        check("precedence-wrong", &precedence, &[files]);
        // The program behind it may want both as well.
        let behind = precedence.replace("5f5e1000-5", "v1");
        let rest = ("the program behind: ", "ignore If-Modified-Since");
        check("precedence-wrong", &behind, &[proxied, rest]);
    }

    #[test]
    fn whoever_compresses_is_advised_about_what_compression_does() {
        let stripped = r#"
            4 × -> 200; ETag: "x"; Server: envoy | hello
            4 × Accept-Encoding: gzip -> 200; Content-Encoding: gzip; Server: envoy | hello
        "#;
        let name = "stripped-when-compressed";
        let envoy = ("Envoy, where it compresses: ", "`weaken_etag_on_compress: true`");
        check(name, stripped, &[envoy, ("the program behind: ", "send W/")]);
        let old = stripped.replace("envoy", "nginx/1.6.2");
        let rest = ("the program behind: ", "send W/");
        check(name, &old, &[("nginx, where it compresses: ", "from 1.7.3 on"), rest]);
        // It weakens tags, so that somebody else removes them.
        let new = stripped.replace("envoy", "nginx/1.22.1");
        check(name, &new, &[("weaken the tag", "send W/")]);
        let suffix = r#"
            4 × -> 200; ETag: "x"; Server: Apache | hello
            If-None-Match: "x" -> 304; ETag: "x"; Server: Apache
            4 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip; Server: Apache | hello
            3 × Accept-Encoding: gzip; If-None-Match: "x-gzip" -> 200; ETag: "x-gzip"; Content-Encoding: gzip; Server: Apache | hello
        "#;
        let httpd = ("Apache httpd, where it compresses: ", "`RequestHeader edit");
        let rest = ("the program behind: ", "remove the suffix");
        check("suffix-not-understood", suffix, &[httpd, rest]);
    }

    #[test]
    fn a_form_that_others_copy_is_nobody_s_who_would_have_named_himself() {
        let shared = r#"
            4 × -> 200; ETag: "5f5e1000-5" | hello
            4 × -> 200; ETag: "5f5e1000-5" | world
        "#;
        let name = "shared-tag-across-contents";
        check(name, shared, &[("make the tag from the very bytes", "sent")]);
        // A gateway that puts its own name there hides who it was.
        let hidden = shared.replace("200;", "200; Server: cloudflare;");
        let rest = ("the program behind: ", "very bytes");
        check(name, &hidden, &[("nginx, where it serves the file: ", "`touch -d"), rest]);
    }

    #[test]
    fn replicas_that_differ_are_to_be_made_alike() {
        let turns = "-> 200; ETag: \"x\"; Content-Type: text/css | a\n\
                     -> 200; ETag: \"x\"; Content-Type: text/html | a\n";
        check("stale-fields", &turns.repeat(4), &[("give all replicas one version", "--backend")]);
    }

    #[test]
    fn a_date_that_is_the_clock_is_no_matter_of_copies() {
        let exchange = |month: &str, second: u32| {
            let moment = format!("00:00:{second} GMT");
            let date = format!("Thu, 01 Jan 2026 {moment}");
            format!(
                "-> 200; Date: {month} 2026 {moment}; Last-Modified: {date}; Server: nginx | hello\n"
            )
        };
        let clock: String = (10..18).map(|second| exchange("Thu, 01 Jan", second)).collect();
        let copies: String = (10..18).map(|second| exchange("Thu, 05 Feb", second)).collect();
        let data = ("send the date at which the data changed", "`ETag`");
        check("date-implausible", &clock, &[data]);
        let files = ("nginx, where it serves the file: ", "`rsync -t`");
        check("last-modified-differs", &copies, &[files, ("the program behind: ", "`rsync -t`")]);
    }
}
