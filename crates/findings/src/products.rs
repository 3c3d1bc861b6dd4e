//! Products that make, compress, forward or keep responses, and the signs by which each shows itself.
//!
//! One table, `products.toml`, that the advice refers to by name. A gateway often names itself and
//! the program behind it does not, so a name in `Server` proves no more than that the product was on
//! the way. The form of a tag says who made it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalogue::misreads_lists;
use crate::evidence::ObservedResponse;
use crate::tag_form;
use crate::view::View;

/// Product of the table.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Product {
    /// Name for people: `Apache httpd`.
    pub title: String,
    /// Roles that it can have.
    pub roles: Vec<Role>,
    /// Response fields by which it shows itself: `server: nginx` for a word of the value, `cf-ray`
    /// for a name, `x-amz-*` for the beginning of one. Empty where it names itself nowhere.
    pub signs: Vec<String>,
    /// The same for servers that often run it, and other programs as well.
    pub hints: Vec<String>,
    /// Beginnings of the names of the tag forms that it makes for files; empty where its tags have
    /// no form of their own.
    pub forms: Vec<String>,
    /// True if other servers make tags of these forms as well, so that they prove nothing.
    pub is_copied: bool,
}

/// Role of a product in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Serves files or objects, and makes their tags.
    Origin,
    /// Runs or is the program that makes the content.
    Framework,
    /// Forwards what others make.
    Gateway,
    /// Compresses, what it forwards or its own.
    Compressor,
    /// Keeps responses and answers in the place of the origin.
    Cache,
}

impl Role {
    /// Name in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Framework => "framework",
            Self::Gateway => "gateway",
            Self::Compressor => "compressor",
            Self::Cache => "cache",
        }
    }

    /// Reports whether tags and dates are made in this role.
    pub fn makes_tags(self) -> bool {
        matches!(self, Self::Origin | Self::Framework)
    }
}

/// Every product, by the name that advice refers to.
pub static PRODUCTS: LazyLock<BTreeMap<String, Product>> = LazyLock::new(|| {
    toml::from_str(include_str!("products.toml")).expect("a test reads the table of products")
});

impl Product {
    /// Versions that it names in a response beside one of its signs.
    fn version_in(&self, answer: &ObservedResponse) -> Option<Version> {
        let words = self.signs.iter().filter_map(|sign| sign.split_once(": "));
        words.into_iter().find_map(|(field, word)| {
            let value = answer.fields.list(field);
            let at = position(&value, word)?;
            version(value[at + word.len()..].strip_prefix('/')?)
        })
    }
}

type Version = Vec<u32>;

/// Numbers of a version: `2.4.58` of `2.4.58 (Debian)`.
pub(crate) fn version(text: &str) -> Option<Version> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let numbers = text[..end].split('.').map(|number| number.parse().ok());
    numbers.collect::<Option<Version>>().filter(|numbers| !numbers.is_empty())
}

fn is_shown(sign: &str, answer: &ObservedResponse) -> bool {
    let fields = &answer.fields;
    match (sign.split_once(": "), sign.strip_suffix('*')) {
        (Some((field, word)), _) => position(&fields.list(field), word).is_some(),
        (None, Some(head)) => fields.iter().any(|(name, _)| name.starts_with(head)),
        (None, None) => fields.get(sign).is_some(),
    }
}

/// Place of a whole word: `apache` is none of `apache-coyote` and of `apachetrafficserver`.
fn position(value: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    value.match_indices(word).map(|(at, _)| at).find(|at| {
        let (before, after) = (&value[..*at], &value[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// Products that were on the way of the exchanges, as far as they show themselves.
#[derive(Clone, Debug, Default)]
pub struct Suspects {
    /// By name, with the version where it is told.
    shown: BTreeMap<&'static str, Option<Version>>,
    /// Frameworks that the servers that were seen often run.
    hinted: BTreeSet<&'static str>,
    /// Products in whose form tags were seen.
    makers: BTreeSet<&'static str>,
    is_tagged: bool,
}

impl Suspects {
    /// Reads the fields and the tags of every response.
    pub fn of(view: &View<'_>) -> Self {
        let mut suspects = Self { is_tagged: view.is_tagged(), ..Self::default() };
        for (name, product) in PRODUCTS.iter() {
            if let Some(answer) = first_with(view, &product.signs) {
                suspects.shown.insert(name, product.version_in(answer));
            } else if first_with(view, &product.hints).is_some() {
                suspects.hinted.insert(name);
            }
        }
        suspects.makers = makers(&forms(view), &suspects.shown);
        // Whoever is on the way puts a name in the place of another, or leaves it: where there is none,
        // it is not who always gives one.
        let is_nameless = view.answered().all(|(_, answer)| answer.fields.get("server").is_none());
        suspects.makers.retain(|name| !(is_nameless && PRODUCTS[*name].is_copied));
        if misreads_lists(view) {
            // Servers of files understand lists: somebody else makes tags of this form.
            suspects.makers.retain(|name| !PRODUCTS[*name].roles.contains(&Role::Origin));
        }
        suspects
    }

    /// The product that wrote an access log, by its name here; empty where it is not known.
    pub(crate) fn of_log(product: &str) -> Self {
        let known = PRODUCTS.get_key_value(product);
        let shown = known.map(|(name, _)| (name.as_str(), None));
        // Whoever forwards and logs has not made the tags.
        Self { shown: shown.into_iter().collect(), is_tagged: true, ..Self::default() }
    }

    /// Reports whether a product may have a fault in this role; a version from `fixed` on has it not.
    pub(crate) fn has(&self, product: &str, role: Role, fixed: &str) -> bool {
        let is_shown = self.shown.contains_key(product);
        let is_maker = self.made(product);
        let fits = match role {
            Role::Compressor | Role::Cache => is_shown,
            // What has the form of its own tags it has not forwarded.
            Role::Gateway => is_shown && !is_maker,
            Role::Framework => is_shown || is_maker || self.is_hint(product),
            // A file server whose tags have a form makes no others: it has forwarded these.
            Role::Origin => is_maker || (is_shown && self.may_have_made(product)),
        };
        let known = self.shown.get(product).and_then(Option::as_ref);
        let is_mended = known.zip(version(fixed)).is_some_and(|(known, fixed)| *known >= fixed);
        fits && !is_mended
    }

    /// Reports whether the tags can be nobody else's.
    pub(crate) fn is_sure(&self, product: &str, role: Role) -> bool {
        match role {
            // Other programs use the libraries that make these forms, and others make the same forms.
            Role::Framework => self.shown.contains_key(product),
            Role::Origin if has_no_form(product) => true,
            Role::Origin => {
                let is_copied = PRODUCTS.get(product).is_some_and(|product| product.is_copied);
                self.made(product) && (!is_copied || self.shown.contains_key(product))
            }
            Role::Gateway | Role::Compressor | Role::Cache => false,
        }
    }

    /// Reports whether only a server was seen that often runs this product.
    pub(crate) fn is_hint(&self, product: &str) -> bool {
        self.hinted.contains(product) && !self.made(product)
    }

    /// Reports whether tags were seen in the form of this product.
    pub(crate) fn made(&self, product: &str) -> bool {
        self.makers.contains(product)
    }

    fn may_have_made(&self, product: &str) -> bool {
        !self.is_tagged || has_no_form(product)
    }
}

fn has_no_form(product: &str) -> bool {
    PRODUCTS.get(product).is_some_and(|product| product.forms.is_empty())
}

fn first_with<'a>(view: &View<'a>, signs: &[String]) -> Option<&'a ObservedResponse> {
    let mut answers = view.answered().map(|(_, answer)| answer);
    answers.find(|answer| signs.iter().any(|sign| is_shown(sign, answer)))
}

/// Names of the forms of the tags that were seen.
fn forms(view: &View<'_>) -> BTreeSet<String> {
    // So many tags have the same form or none.
    const MOST: usize = 32;
    let mut tags = BTreeMap::new();
    for seen in &view.full {
        if let (Some(tag), true) = (seen.tag, tags.len() < MOST) {
            tags.entry(tag).or_insert(seen);
        }
    }
    let specimens = tags.values().filter_map(|seen| seen.specimen());
    specimens.map(|specimen| tag_form::form(&specimen)).collect()
}

fn makers(
    forms: &BTreeSet<String>,
    shown: &BTreeMap<&'static str, Option<Version>>,
) -> BTreeSet<&'static str> {
    let mut makers = BTreeSet::new();
    for form in forms {
        let has_form =
            |product: &Product| product.forms.iter().any(|known| form.starts_with(known));
        let all = PRODUCTS.iter().filter(|(_, product)| has_form(product));
        let all: Vec<_> = all.map(|(name, _)| name.as_str()).collect();
        // Where several make this form, those that show themselves are meant.
        let shown: Vec<_> = all.iter().copied().filter(|name| shown.contains_key(name)).collect();
        makers.extend(if shown.is_empty() { all } else { shown });
    }
    makers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::evidence;

    /// Asserts the roles that the products have in one response: `nginx/gateway`.
    #[track_caller]
    fn check(response: &str, expected: &[&str]) {
        let evidence = evidence(&format!("-> 200; {response} | hello"));
        let suspects = Suspects::of(&View::of(&evidence));
        let mut found = Vec::new();
        for (name, product) in PRODUCTS.iter() {
            let roles = product.roles.iter().filter(|role| suspects.has(name, **role, ""));
            found.extend(roles.map(|role| format!("{name}/{}", role.name())));
        }
        assert_eq!(found, expected, "{response}");
    }

    #[test]
    fn the_table_is_read_and_its_signs_and_forms_have_the_shape_that_is_looked_for() {
        for (name, product) in PRODUCTS.iter() {
            assert!(!product.title.is_empty() && !product.roles.is_empty(), "{name}");
            let lower = |text: &String| *text == text.to_ascii_lowercase() && !text.is_empty();
            assert!(product.signs.iter().all(lower), "{name}: {:?}", product.signs);
        }
    }

    #[test]
    fn a_gateway_is_no_maker_of_tags_in_a_form_that_it_does_not_make() {
        let gateway = ["nginx/gateway", "nginx/compressor", "nginx/cache"];
        let own = ["nginx/origin", "nginx/compressor", "nginx/cache"];
        let either = ["nginx/origin", "nginx/gateway", "nginx/compressor", "nginx/cache"];
        let date = "Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT";
        check("Server: nginx; ETag: \"5d41402abc4b2a76b9719d911017c592\"", &gateway);
        check(&format!("Server: nginx; {date}; ETag: \"5f5e1000-5\""), &own);
        check(&format!("Server: nginx; {date}"), &either);
    }

    #[test]
    fn a_form_that_others_have_as_well_proves_nothing_by_itself() {
        let sure = |fields: &str| {
            let evidence = evidence(&format!(
                "-> 200; {fields}Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT; \
                 ETag: \"5f5e1000-5\" | hello"
            ));
            Suspects::of(&View::of(&evidence)).is_sure("nginx", Role::Origin)
        };
        assert!(sure("Server: nginx; "));
        assert!(!sure(""));
    }

    #[test]
    fn the_form_of_a_tag_shows_its_maker_behind_a_gateway() {
        let tag = "ETag: W/\"5-qvTGHdzF6KLavt4PO0gs2a6pQ00\"";
        let gateway = "Server: nginx";
        check(
            &format!("{gateway}; {tag}"),
            &[
                "express/framework",
                "koa/framework",
                "nginx/gateway",
                "nginx/compressor",
                "nginx/cache",
            ],
        );
        // Where several have the form, the one that shows itself is meant.
        let named = ["express/framework", "nginx/gateway", "nginx/compressor", "nginx/cache"];
        check(&format!("{gateway}; X-Powered-By: Express; {tag}"), &named);
    }

    #[test]
    fn caches_and_stores_show_themselves_by_names_of_fields() {
        check(
            "CF-Ray: 1-FRA",
            &["cloudflare/gateway", "cloudflare/compressor", "cloudflare/cache"],
        );
        check(
            "X-Amz-Cf-Id: x; ETag: \"x\"",
            &["cloudfront/gateway", "cloudfront/compressor", "cloudfront/cache"],
        );
        check("X-Varnish: 1 2; ETag: \"x\"", &["varnish/cache"]);
        check("Server: AmazonS3; ETag: \"x\"", &["s3/origin"]);
    }

    #[test]
    fn every_form_of_the_table_is_one_that_is_read() {
        let date = "Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT";
        for (product, response) in [
            ("nginx", "Server: cloudflare; ETag: \"5f5e1000-5\""),
            ("httpd", "ETag: \"5-5af3107a40000\""),
            ("lighttpd", "Server: lighttpd; ETag: \"3735928559\""),
            ("iis", "ETag: \"1d68987a2480000:0\""),
            ("flask", "ETag: \"1600000000.25-5-3735928559\""),
            ("spring", "ETag: \"05d41402abc4b2a76b9719d911017c591\""),
        ] {
            let evidence = evidence(&format!("-> 200; {date}; {response} | hello"));
            let suspects = Suspects::of(&View::of(&evidence));
            assert!(suspects.made(product), "{product}: {:?}", suspects.makers);
        }
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(position("apache-coyote/1.1", "apache"), None);
        assert_eq!(position("http/1.1 h (apachetrafficserver/9.2)", "apache"), None);
        assert_eq!(position("openresty, apache/2.4", "apache"), Some(11));
    }

    #[test]
    fn versions_are_numbers() {
        assert_eq!(version("2.4.58 (Debian)"), Some(vec![2, 4, 58]));
        assert_eq!(version("x"), None);
        assert_eq!(version(""), None);
    }
}
