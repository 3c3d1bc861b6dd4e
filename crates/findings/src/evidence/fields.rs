//! The field lines of a response, in their order, values as octets.
//! Does not interpret: lists, dates and tags are read by whoever asks.

/// Field lines with names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldLines(Vec<(String, Vec<u8>)>);

impl FieldLines {
    /// Appends a line; white space around the value is dropped.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        self.0.push((name.trim().to_ascii_lowercase(), value.trim_ascii().to_vec()));
    }

    /// The value of the first line with this name in lower case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// The value of the first line with this name as text; octets that are not UTF-8 replaced.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// All lines of this name as one comma-separated text in lower case.
    pub fn list(&self, name: &str) -> String {
        let lines = self.0.iter().filter(|(known, _)| known == name);
        let lines = lines.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase());
        lines.collect::<Vec<_>>().join(", ")
    }

    /// Reports whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every line: name in lower case, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for FieldLines {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(lines: T) -> Self {
        let mut fields = Self::default();
        for (name, value) in lines {
            fields.push(name.as_ref(), value.as_ref());
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_lower_case_and_lists_are_joined() {
        let fields: FieldLines =
            [("ETag", " \"a\" "), ("Vary", "Accept"), ("VARY", "Accept-Encoding")]
                .into_iter()
                .collect();
        assert_eq!(fields.get("etag"), Some(&b"\"a\""[..]));
        assert_eq!(fields.list("vary"), "accept, accept-encoding");
        assert_eq!(fields.text("age"), None);
    }
}
