//! The query string.

/// The pairs of a query string, decoded as forms are: `+` is a space, `%XX` is a byte, bytes that
/// are not UTF-8 become U+FFFD. A name without `=` has an empty value.
///
/// Specification: WHATWG URL, section 5.1 (`application/x-www-form-urlencoded` parsing), which is
/// what `URLSearchParams` writes in a browser.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::query_pairs;

    #[test]
    fn pairs_are_decoded_in_order() {
        let table: [(&str, &[(&str, &str)]); 8] = [
            ("", &[]),
            ("nick=ann", &[("nick", "ann")]),
            ("a=1&b=2&a=3", &[("a", "1"), ("b", "2"), ("a", "3")]),
            ("q=a+b%2Bc", &[("q", "a b+c")]),
            ("n%61me=caf%C3%A9", &[("name", "café")]),
            ("&&flag&=x&", &[("flag", ""), ("", "x")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a=%ff%zz", &[("a", "\u{fffd}%zz")]),
        ];
        for (query, wanted) in table {
            let pairs = query_pairs(query).collect::<Vec<_>>();
            let pairs = pairs.iter().map(|(k, v)| (&**k, &**v)).collect::<Vec<_>>();
            assert_eq!(pairs, wanted, "{query:?}");
        }
    }
}
