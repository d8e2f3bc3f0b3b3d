//! A request path, split and decoded. No other place decodes one.

use std::borrow::Cow;

/// A path that is no path: a bad escape, bytes that are not UTF-8, a NUL, no leading `/`. 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path is not a valid one")]
pub(crate) struct InvalidPath;

/// The segments of a request path, each decoded once.
///
/// A trailing slash is an empty last segment, so `/a/` is `["a", ""]` and `/` is `[""]`.
#[derive(Debug)]
pub(super) struct Path<'a> {
    segments: Vec<Cow<'a, str>>,
    /// From here on every segment may be part of a `<rest..>`.
    rest_from: usize,
}

impl<'a> Path<'a> {
    pub(super) fn parse(path: &'a str) -> Result<Self, InvalidPath> {
        let path = path.strip_prefix('/').ok_or(InvalidPath)?;
        // Splitting comes before decoding: an encoded `/` stays inside its segment.
        let segments = path.split('/').map(decode).collect::<Result<Vec<_>, _>>()?;
        // In `<rest..>` the segments are joined by `/`. One that contains a `/` could not be told
        // from two after that (`..%2F..` would come out as a walk to the parent), and an empty one
        // between two slashes is no segment; the last may be empty, which is a trailing slash.
        let last = segments.len() - 1;
        let rest_from = segments
            .iter()
            .enumerate()
            .rposition(|(i, s)| s.contains('/') || (s.is_empty() && i != last))
            .map_or(0, |i| i + 1);
        Ok(Self { segments, rest_from })
    }

    pub(super) fn segments(&self) -> &[Cow<'a, str>] {
        &self.segments
    }

    /// Whether the path walks: `.` or `..` as a segment, encoded or not. Clients resolve these
    /// before they send; what still has them was made by hand, and matches nothing.
    pub(super) fn has_dot_segment(&self) -> bool {
        self.segments.iter().any(|segment| matches!(&**segment, "." | ".."))
    }

    /// Whether a `<rest..>` may begin at this segment.
    pub(super) fn rest_at(&self, at: usize) -> bool {
        at >= self.rest_from && self.segments.get(at).is_some_and(|first| !first.is_empty())
    }
}

/// Percent-decodes one segment; what has no escape is not copied.
pub(crate) fn decode(segment: &str) -> Result<Cow<'_, str>, InvalidPath> {
    if segment.contains('\0') {
        return Err(InvalidPath);
    }
    if !segment.contains('%') {
        return Ok(Cow::Borrowed(segment));
    }
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                // A NUL ends a string in too many places behind us.
                (Some(0), Some(0)) => return Err(InvalidPath),
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(InvalidPath),
            },
            other => other,
        });
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| InvalidPath)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_happens_once_and_strictly() {
        let table = [
            ("plain", Some("plain")),
            ("%41%62", Some("Ab")),
            ("caf%C3%A9", Some("café")),
            ("caf%c3%a9", Some("café")),
            ("a%2Fb", Some("a/b")),
            ("%252e", Some("%2e")),
            ("a+b", Some("a+b")),
            (";x=1", Some(";x=1")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%+1", None),
            ("%%41", None),
            ("%00", None),
            ("a\0", None),
            ("%ff", None),
            ("%c0%af", None),
            ("%ed%a0%80", None),
        ];
        for (text, wanted) in table {
            assert_eq!(decode(text).ok().as_deref(), wanted, "{text:?}");
        }
    }

    #[test]
    fn splitting_comes_before_decoding() {
        let path = Path::parse("/a%2Fb//c/").unwrap();
        assert_eq!(path.segments(), ["a/b", "", "c", ""]);
        assert_eq!(Path::parse("/").unwrap().segments(), [""]);
        assert_eq!(Path::parse("").unwrap_err(), InvalidPath);
        assert_eq!(Path::parse("*").unwrap_err(), InvalidPath);
    }

    #[test]
    fn a_rest_takes_whole_segments_only() {
        let path = Path::parse("/a/b%2Fc/d//e/f/").unwrap();
        let fits = (0..7).map(|at| path.rest_at(at)).collect::<Vec<_>>();
        assert_eq!(fits, [false, false, false, false, true, true, false]);
    }
}
