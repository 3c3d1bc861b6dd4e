//! Strings for CSV that may end in a spreadsheet: no cell is a formula.
//!
//! Quoting is the CSV writer's. Numbers do not come here; a negative one is not a formula.

/// The text in one line, with an apostrophe before everything that a spreadsheet would calculate.
pub fn cell(text: &str) -> String {
    // The record's own sign for "not ours" calculates nothing.
    if text == "-" {
        return text.to_owned();
    }
    let mut guarded = String::with_capacity(text.len());
    // Tab and return, which some spreadsheets strip before they look for a formula, are spelled
    // out by now. Where the list separator is a semicolon, what follows one begins a cell as well.
    let mut begins_cell = true;
    for character in crate::visible(text).chars() {
        // Full-width forms are folded by spreadsheets of some locales.
        if begins_cell && matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
        {
            guarded.push('\'');
        }
        begins_cell = character == ';' || (begins_cell && (character == ' ' || character == '"'));
        guarded.push(character);
    }
    guarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("before", "before"),
            ("a=b", "a=b"),
            ("-", "-"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "  '=1"),
            ("＝1", "'＝1"),
            ("\t=1", "\\t=1"),
            ("\r=1", "\\r=1"),
            ("a;=1", "a;'=1"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
