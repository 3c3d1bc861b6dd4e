//! Names beside which a value is a credential, and values that look like one.

/// Request fields whose values are no credentials; the values of all others are masked.
const HARMLESS_FIELDS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-type",
    "date",
    "dnt",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "range",
    "user-agent",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// Words that end in one of these name a credential: `authtoken`, `PHPSESSID`.
const ENDINGS: &[&str] = &[
    "accesskey",
    "apikey",
    "authentication",
    "authkey",
    "authorization",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "jwt",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "secret",
    "secretkey",
    "secrets",
    "sessid",
    "session",
    "sessionid",
    "signature",
    "token",
    "tokens",
];

/// Words that name a credential as a whole word.
const WORDS: &[&str] = &[
    "assertion",
    "auth",
    "bearer",
    "creds",
    "csrf",
    "hmac",
    "oauth",
    "otp",
    "pass",
    "pin",
    "privatekey",
    "pw",
    "sid",
    "sig",
    "sign",
    "ticket",
    "totp",
    "userinfo",
    "xsrf",
    "authcode",
];

/// Words that name a credential unless the word before says of what they are: `country_code`.
const AMBIGUOUS: &[&str] = &["code", "key", "keys"];
const HARMLESS_BEFORE: &[&str] = &[
    "area",
    "cache",
    "country",
    "currency",
    "error",
    "exit",
    "foreign",
    "group",
    "lang",
    "language",
    "locale",
    "order",
    "partition",
    "post",
    "postal",
    "primary",
    "product",
    "region",
    "response",
    "sort",
    "status",
    "time",
    "zip",
    "zone",
];

/// Last words by which a name is about a credential, and not one: `token_file`, `auth-url`.
const ABOUT: &[&str] = &[
    "alg",
    "algorithm",
    "count",
    "dir",
    "enabled",
    "endpoint",
    "expires",
    "expiry",
    "file",
    "folder",
    "host",
    "issuer",
    "lease",
    "length",
    "limit",
    "method",
    "mode",
    "name",
    "path",
    "port",
    "size",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
];

/// Values that are credentials under no name.
const PLAIN_VALUES: &[&str] = &["", "true", "false", "yes", "no", "on", "off", "none", "null"];

/// Beginnings by which services mark their tokens.
const MARKED: &[&str] = &[
    "AIza",
    "AKIA",
    "ASIA",
    "dop_v1_",
    "eyJ",
    "ghp_",
    "gho_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hvs.",
    "npm_",
    "pypi-",
    "rk_live_",
    "sk-",
    "sk_live_",
    "sk_test_",
    "whsec_",
    "xapp-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "ya29.",
];
const SHORTEST_MARKED: usize = 12;
const SHORTEST_RANDOM: usize = 20;

/// True of request fields whose value may be shown, by their name in whatever case.
pub fn is_harmless_field(name: &str) -> bool {
    HARMLESS_FIELDS.iter().any(|harmless| name.eq_ignore_ascii_case(harmless))
}

/// True of the name of a parameter, variable, flag or field whose value is a credential.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    if words.last().is_none_or(|last| ABOUT.contains(&last.as_str())) {
        return false;
    }
    words.iter().enumerate().any(|(at, word)| {
        let before = at.checked_sub(1).map_or("", |before| &words[before]);
        WORDS.contains(&word.as_str())
            || ENDINGS.iter().any(|ending| word.ends_with(ending))
            || (AMBIGUOUS.contains(&word.as_str()) && !HARMLESS_BEFORE.contains(&before))
    })
}

/// `accessToken`, `ACCESS_TOKEN` and `access-token` are two words each, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        let splits = !character.is_alphanumeric() || (was_lower && character.is_uppercase());
        if splits && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words.last_mut().expect("there is one").extend(character.to_lowercase());
        }
        was_lower = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// True of a value that holds nothing: a word such as `true`, or a reference to a variable.
pub(super) fn is_plain_value(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let name = value.strip_prefix('$').unwrap_or_default();
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_reference = !name.is_empty() && name.chars().all(is_name);
    is_reference || PLAIN_VALUES.iter().any(|plain| value.eq_ignore_ascii_case(plain))
}

/// True of a word that looks like a credential, whatever its name.
pub(super) fn looks_secret(word: &str) -> bool {
    is_marked(word) || is_random(word)
}

/// True of a token that begins as its service marks it.
pub(super) fn is_marked(word: &str) -> bool {
    word.len() >= SHORTEST_MARKED && MARKED.iter().any(|mark| word.starts_with(mark))
}

/// True of a long word whose letters and digits alternate as they do in no name. A UUID names a
/// thing far more often than it opens a door.
fn is_random(word: &str) -> bool {
    if word.len() < SHORTEST_RANDOM || word.contains('.') || is_uuid(word) {
        return false;
    }
    let kind = |c: char| (c.is_ascii_digit(), c.is_ascii_uppercase());
    let letters: Vec<_> = word.chars().filter(char::is_ascii_alphanumeric).map(kind).collect();
    let changes = letters.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let has_digit = letters.iter().any(|(is_digit, _)| *is_digit);
    has_digit && letters.len() >= SHORTEST_RANDOM && changes * 4 >= letters.len()
}

/// True of the value of a query that is long, made of the signs of tokens, and of no words, numbers
/// or dates: a name says nothing of what a service puts there.
pub(super) fn is_opaque(value: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%".contains(c);
    let is_long = value.len() >= SHORTEST_RANDOM && value.chars().all(is_sign);
    // Escapes of signs are no part of a word.
    let plain = value.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let mut parts = plain.split(|c: char| !c.is_ascii_alphanumeric());
    is_long && !is_uuid(value) && !parts.all(is_word)
}

/// True of a short run of digits, or of letters of which only the first may be a capital.
fn is_word(part: &str) -> bool {
    // Dates join two numbers by a letter, or end in one.
    let is_digits = part.split(['T', 'Z']).all(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    let rest = part.get(1..).unwrap_or_default();
    let is_letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let has_one_case = rest.bytes().all(|byte| byte.is_ascii_lowercase())
        || part.bytes().all(|byte| byte.is_ascii_uppercase());
    part.len() < SHORTEST_RANDOM && (is_digits || (is_letters && has_one_case))
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<_> = word.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
