//! Content that names the replica which serves it: the habit that makes content node-local.
//!
//! Knows just enough of JSON to leave an object an object.

/// The content with this replica's name in it: as the first member of a JSON object, else in a
/// line of its own at the end.
pub fn naming(content: &[u8], replica: &str) -> Vec<u8> {
    let first = |content: &[u8]| content.iter().position(|byte| !byte.is_ascii_whitespace());
    match first(content) {
        Some(brace) if content[brace] == b'{' => {
            let (before, after) = content.split_at(brace + 1);
            let is_empty = first(after).is_some_and(|next| after[next] == b'}');
            let comma = if is_empty { "" } else { "," };
            let member = format!("\"served_by\":\"{replica}\"{comma}");
            [before, member.as_bytes(), after].concat()
        }
        _ => [content, format!("\nserved by {replica}\n").as_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&naming(content.as_bytes(), "r2")), expected);
    }

    #[test]
    fn an_object_stays_an_object() {
        check("{\n \"a\": 1\n}\n", "{\"served_by\":\"r2\",\n \"a\": 1\n}\n");
        check(" { }", " {\"served_by\":\"r2\" }");
    }

    #[test]
    fn anything_else_gets_a_line_more() {
        check("plain", "plain\nserved by r2\n");
        check("", "\nserved by r2\n");
    }
}
