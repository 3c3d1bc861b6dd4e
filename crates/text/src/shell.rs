//! Words for a shell: what is printed to be pasted means the same there.

/// The text as one word of a POSIX shell. Hidden characters are spelled out, in the quotes of bash,
/// zsh and ksh (`$'\x1b'`) that read them back.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+%@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    if !text.contains(crate::is_hidden) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = "$'".to_owned();
    for character in text.chars() {
        match character {
            '\'' | '\\' => word.extend(['\\', character]),
            hidden if crate::is_hidden(hidden) => word += &in_hexadecimal(hidden),
            other => word.push(other),
        }
    }
    word + "'"
}

fn in_hexadecimal(character: char) -> String {
    let mut octets = [0; 4];
    let octets = character.encode_utf8(&mut octets).bytes();
    octets.flat_map(|octet| ["\\x".to_owned(), format!("{octet:02x}")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_the_same_in_a_shell() {
        for (text, expected) in [
            ("a/b-c_d.json", "a/b-c_d.json"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("a\u{1b}b\u{202e}'\\", r"$'a\x1bb\xe2\x80\xae\'\\'"),
        ] {
            assert_eq!(word(text), expected);
        }
    }
}
