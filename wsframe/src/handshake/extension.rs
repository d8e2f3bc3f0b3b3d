//! The form of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).

use http::{HeaderMap, header::SEC_WEBSOCKET_EXTENSIONS};

use super::list::is_token;

/// One extension of the list: its name, and its parameters in their order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) params: Vec<(String, Option<String>)>,
}

/// The elements of the header over all its lines, in their order; `None` for one that is not in
/// the form of the RFC. Empty elements are passed over.
pub(super) fn extensions(headers: &HeaderMap) -> impl Iterator<Item = Option<Extension>> {
    let lines = headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter();
    lines
        .flat_map(|line| split(line.as_bytes(), b','))
        .filter(|element| !element.is_empty())
        .map(Extension::parse)
}

impl Extension {
    fn parse(text: &[u8]) -> Option<Self> {
        let mut parts = split(text, b';').into_iter();
        let name = token(parts.next()?)?;
        let params = parts.map(|part| {
            let at = part.iter().position(|byte| *byte == b'=');
            let Some(at) = at else { return Some((token(part)?, None)) };
            let (name, value) = (part[..at].trim_ascii(), part[at + 1..].trim_ascii());
            Some((token(name)?, Some(unquoted(value)?)))
        });
        Some(Self { name, params: params.collect::<Option<_>>()? })
    }
}

/// The pieces of `text` between separators that are not within quotes, without the blanks around
/// them.
fn split(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                pieces.push(text[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(text[start..].trim_ascii());
    pieces
}

fn token(text: &[u8]) -> Option<String> {
    is_token(text).then(|| String::from_utf8_lossy(text).into_owned())
}

/// A value, which is a token, also where it stands in quotes.
fn unquoted(value: &[u8]) -> Option<String> {
    let Some(inside) = value.strip_prefix(b"\"") else { return token(value) };
    let inside = inside.strip_suffix(b"\"")?;
    let (mut plain, mut bytes) = (Vec::new(), inside.iter());
    while let Some(&byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => *bytes.next()?,
            b'"' => return None,
            byte => byte,
        });
    }
    token(&plain)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn parsed(lines: &[&str]) -> Vec<Option<Extension>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_str(line).unwrap());
        }
        extensions(&headers).collect()
    }

    fn extension(name: &str, params: &[(&str, Option<&str>)]) -> Option<Extension> {
        let owned =
            |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(str::to_owned));
        Some(Extension { name: name.to_owned(), params: params.iter().map(owned).collect() })
    }

    #[test]
    fn lists_span_lines_and_have_parameters() {
        assert_eq!(
            parsed(&["a; x=1 ;y , , b", "c;z=\"v\\1\""]),
            [
                extension("a", &[("x", Some("1")), ("y", None)]),
                extension("b", &[]),
                extension("c", &[("z", Some("v1"))]),
            ]
        );
        assert_eq!(parsed(&["a; x=\"b,c\", d"]), [None, extension("d", &[])]);
    }

    #[test]
    fn what_has_another_form_is_none() {
        for bad in [
            "a b",
            "a;",
            ";x",
            "a; x=",
            "a; =1",
            "a; x=1=2",
            "a; x=\"",
            "a; x=\"1",
            "a; x=\"\"",
            "a; x=\"1\"2",
            "a; x=\"1\\\"",
            "a; x=\"b c\"",
            "a; x y",
            "\"a\"",
            "a; x=\u{e9}",
        ] {
            assert_eq!(parsed(&[bad]), [None], "{bad}");
        }
    }
}
