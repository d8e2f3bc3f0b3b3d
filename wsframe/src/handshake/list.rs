//! Headers that are lists: `Connection`, `Upgrade`, `Sec-WebSocket-Protocol`.

use http::{HeaderMap, HeaderName};

/// The elements of a comma-separated header over all its lines, without the blanks around them.
/// Empty elements are passed over, as RFC 9110 section 5.6.1.2 asks.
pub(crate) fn elements<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|element| element.trim_ascii())
        .filter(|element| !element.is_empty())
}

/// Whether a list has this element, in any case of letters.
pub(crate) fn contains(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    elements(headers, name).any(|element| element.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Whether `text` is a token: one character or more out of those that RFC 9110 section 5.6.2 names.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::CONNECTION};

    use super::*;

    #[test]
    fn lists_span_lines_and_skip_what_is_empty() {
        let mut headers = HeaderMap::new();
        for line in ["\tkeep-alive ,, Upgrade\t", "", " , ", "x-\u{e9}"] {
            headers.append(CONNECTION, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let elements = elements(&headers, &CONNECTION).collect::<Vec<_>>();
        assert_eq!(elements, [&b"keep-alive"[..], b"Upgrade", "x-\u{e9}".as_bytes()]);
        assert!(contains(&headers, &CONNECTION, "upgrade"));
        assert!(!contains(&headers, &CONNECTION, "up"));
    }

    #[test]
    fn tokens() {
        for good in ["chat", "chat.v2", "a_b-c!#$%&'*+^`|~", "1"] {
            assert!(is_token(good.as_bytes()), "{good:?}");
        }
        for bad in ["", "a b", "a,b", "a/b", "a=b", "\"a\"", "a\r\nb", "a\0", "é", "(a)", "a:b"] {
            assert!(!is_token(bad.as_bytes()), "{bad:?}");
        }
    }
}
