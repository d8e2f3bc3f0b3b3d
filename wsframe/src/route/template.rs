//! Route templates: `/chat/<room>`, `/files/<rest..>`.

use std::{fmt, sync::Arc};

use super::path;

/// A route template that is known to be valid.
///
/// - It begins with `/`. A trailing slash is allowed and makes a different template.
/// - `<name>` is a parameter: a whole segment, any text but the empty one.
/// - `<name..>` takes what is left of the path, one segment or more; it stands last.
/// - Everything else is literal, written decoded: `/café`, not `/caf%C3%A9`.
///
/// Specification: Jakarta WebSocket 2.2 section 3.1.1, whose `{room}` is our `<room>`.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    text: Box<str>,
    segments: Box<[Segment]>,
    names: Arc<[Box<str>]>,
}

/// One segment of a template. A trailing slash is an empty literal at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(Box<str>),
    Param,
    Rest,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// The first mistake from the left; its `Display` says what to write instead.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let fail = |mistake| TemplateError { template: text.into(), mistake };
        let Some(path) = text.strip_prefix('/') else {
            return Err(fail(Mistake::NoSlash));
        };
        let mut segments = Vec::new();
        let mut names: Vec<Box<str>> = Vec::new();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let piece = read(part, parts.peek().is_none()).map_err(fail)?;
            segments.push(match piece {
                Piece::Literal(text) => Segment::Literal(text.into()),
                Piece::Param(_) => Segment::Param,
                Piece::Rest(_) => Segment::Rest,
            });
            if let Piece::Param(name) | Piece::Rest(name) = piece {
                if names.iter().any(|known| **known == *name) {
                    return Err(fail(Mistake::Twice(name.into())));
                }
                names.push(name.into());
            }
            if let (Piece::Rest(name), Some(_)) = (piece, parts.peek()) {
                return Err(fail(Mistake::RestNotLast(name.into())));
            }
        }
        Ok(Self { text: text.into(), segments: segments.into(), names: names.into() })
    }

    /// The same template below `prefix`: `/api` makes `/api/chat` of `/chat`, and `/api/` of `/`.
    /// The prefix may have parameters of its own; `/` changes nothing.
    ///
    /// # Errors
    ///
    /// If the prefix ends with `/`, is malformed, or names a parameter that the template has too.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Result<Self, TemplateError> {
        Self::check_prefix(prefix)?;
        if prefix == "/" {
            return Ok(self.clone());
        }
        Self::parse(&format!("{prefix}{}", self.text))
    }

    /// Whether templates can be mounted below `prefix`, as far as the prefix alone can tell.
    ///
    /// # Errors
    ///
    /// If the prefix ends with `/` or is malformed.
    pub(crate) fn check_prefix(prefix: &str) -> Result<(), TemplateError> {
        let fail = |mistake| Err(TemplateError { template: prefix.into(), mistake });
        match Self::parse(prefix)?.segments.last() {
            Some(Segment::Literal(text)) if text.is_empty() && prefix != "/" => {
                fail(Mistake::PrefixSlash)
            }
            Some(Segment::Rest) => fail(Mistake::PrefixRest),
            _ => Ok(()),
        }
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of the parameters, from the left.
    pub(super) fn names(&self) -> &Arc<[Box<str>]> {
        &self.names
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a template does wrong, with what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}`: {mistake}", template.escape_debug())]
pub(crate) struct TemplateError {
    template: Box<str>,
    mistake: Mistake,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Mistake {
    #[error("a path begins with `/`, without scheme or host")]
    NoSlash,
    #[error("a segment is empty; write one `/` where there are two")]
    EmptySegment,
    #[error("`{0}` as a segment never reaches a server; write the path it leads to")]
    DotSegment(Box<str>),
    #[error("a path has no `{0}`; a query parameter is a field marked `#[query]`")]
    NotPath(char),
    #[error("a path has no control characters")]
    Control,
    #[error("`{0}` is written decoded here: `{1}`")]
    Escaped(Box<str>, Box<str>),
    #[error("`{0}` is written `{1}` here")]
    OtherSyntax(Box<str>, Box<str>),
    #[error("a parameter takes a whole segment: `/<name>/`, not `{0}`")]
    PartOfSegment(Box<str>),
    #[error(
        "`<{0}>` does not name a parameter; write an identifier, as in `<room>` or, for all that is left of the path, `<rest..>`"
    )]
    Name(Box<str>),
    #[error("`<{0}>` occurs twice; give each parameter a name of its own")]
    Twice(Box<str>),
    #[error(
        "`<{0}..>` takes all that is left of the path, so nothing may follow it, no `/` either"
    )]
    RestNotLast(Box<str>),
    #[error("a prefix does not end with `/`; what is mounted below it begins with one")]
    PrefixSlash,
    #[error("a prefix leaves room for what is mounted below it, so it has no `<rest..>`")]
    PrefixRest,
}

#[derive(Clone, Copy)]
enum Piece<'a> {
    Literal(&'a str),
    Param(&'a str),
    Rest(&'a str),
}

/// Reads one segment.
fn read(part: &str, last: bool) -> Result<Piece<'_>, Mistake> {
    if part.is_empty() && !last {
        return Err(Mistake::EmptySegment);
    }
    if matches!(part, "." | "..") {
        return Err(Mistake::DotSegment(part.into()));
    }
    if let Some(c) = part.chars().find(|c| matches!(c, '?' | '#')) {
        return Err(Mistake::NotPath(c));
    }
    if part.chars().any(char::is_control) {
        return Err(Mistake::Control);
    }
    if let Some(inner) = part.strip_prefix('<').and_then(|part| part.strip_suffix('>')) {
        return match inner.strip_suffix("..") {
            Some(name) if is_identifier(name) => Ok(Piece::Rest(name)),
            None if is_identifier(inner) => Ok(Piece::Param(inner)),
            _ => Err(Mistake::Name(inner.into())),
        };
    }
    if part.contains(['<', '>']) {
        return Err(Mistake::PartOfSegment(part.into()));
    }
    if let Some(ours) = translate(part) {
        return Err(Mistake::OtherSyntax(part.into(), ours.into()));
    }
    if let Some(decoded) = unescape(part) {
        return Err(Mistake::Escaped(part.into(), decoded.into()));
    }
    Ok(Piece::Literal(part))
}

/// Our spelling of a parameter of other frameworks: `{room}`, `:room`, `{*rest}`, `*rest`.
fn translate(part: &str) -> Option<String> {
    let braced = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let foreign =
        braced.or_else(|| part.strip_prefix(':')).or(part.strip_prefix('*').and(Some(part)));
    let name = match foreign {
        Some(foreign) => foreign,
        None if part.contains(['{', '}']) => return Some("/<name>/".into()),
        None => return None,
    };
    let bare = name.trim_start_matches('*').trim_end_matches(['.', '*']);
    // `{room:[a-z]+}` and `{id:int}`: the name is what stands before the colon.
    let bare = bare.split(':').next().unwrap_or_default();
    match (bare, bare == name || name.contains(':')) {
        (bare, true) if is_identifier(bare) => Some(format!("<{bare}>")),
        (bare, false) if is_identifier(bare) => Some(format!("<{bare}..>")),
        // `:` or `:-)` alone is an ordinary literal, `{}` and `*` are not.
        _ if part.starts_with(':') => None,
        _ if part.starts_with('*') => Some("<rest..>".into()),
        _ => Some("<name>".into()),
    }
}

/// The decoded form of a literal that was written with escapes. It would only ever match a request
/// that was encoded twice, so it is a mistake. A `%` of other meaning, as in `/100%`, is none.
fn unescape(part: &str) -> Option<String> {
    path::decode(part).ok().filter(|decoded| decoded != part).map(String::from)
}

/// A name that a field of a struct may have.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
        && name != "_"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_templates_are_kept_as_written() {
        let table: [(&str, &[&str]); 13] = [
            ("/", &[]),
            ("/echo", &[]),
            ("/echo/", &[]),
            ("/chat/<room>", &["room"]),
            ("/chat/<room>/", &["room"]),
            ("/<a>/x/<b>", &["a", "b"]),
            ("/files/<rest..>", &["rest"]),
            ("/<dir>/<rest..>", &["dir", "rest"]),
            ("/v1.2/a b;c=1/@~!", &[]),
            ("/café/<größe>", &["größe"]),
            ("/100%/…/::", &[]),
            ("/<_x>/<r2>", &["_x", "r2"]),
            ("/...", &[]),
        ];
        for (text, names) in table {
            let template = Template::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(template.as_str(), text);
            assert_eq!(template.names().iter().map(|name| &**name).collect::<Vec<_>>(), names);
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        let table = [
            ("", "begins with `/`"),
            ("chat", "begins with `/`"),
            ("ws://host/chat", "begins with `/`"),
            ("//b", "one `/`"),
            ("/a//b", "one `/`"),
            ("/a//", "one `/`"),
            ("/./b", "`.` as a segment"),
            ("/a/../b", "`..` as a segment"),
            ("/a/..", "`..` as a segment"),
            ("/a?b=c", "`#[query]`"),
            ("/a#b", "no `#`"),
            ("/a\n", "control"),
            ("/a\0b", "control"),
            ("/<v>/<v>", "`<v>` occurs twice"),
            ("/<v>/<v..>", "`<v>` occurs twice"),
            ("/<rest..>/b", "nothing may follow"),
            ("/<rest..>/", "nothing may follow"),
            ("/a<b>", "whole segment"),
            ("/<a>-<b>", "does not name"),
            ("/<a", "whole segment"),
            ("/a>", "whole segment"),
            ("/<>", "does not name"),
            ("/<..>", "does not name"),
            ("/<_>", "does not name"),
            ("/<1a>", "does not name"),
            ("/<a-b>", "does not name"),
            ("/<room: u32>", "does not name"),
            ("/<a...>", "does not name"),
            ("/chat/{room}", "`{room}` is written `<room>`"),
            ("/chat/{room:[a-z]+}", "is written `<room>`"),
            ("/chat/:room", "`:room` is written `<room>`"),
            ("/files/{*rest}", "`{*rest}` is written `<rest..>`"),
            ("/files/{rest..}", "`{rest..}` is written `<rest..>`"),
            ("/files/*rest", "`*rest` is written `<rest..>`"),
            ("/files/*", "`*` is written `<rest..>`"),
            ("/files/**", "`**` is written `<rest..>`"),
            ("/x{room}", "is written `/<name>/`"),
            ("/{}", "is written `<name>`"),
            ("/caf%C3%A9", "decoded here: `café`"),
            ("/a%2Fb", "decoded here"),
        ];
        for (text, wanted) in table {
            let error = Template::parse(text).expect_err(text).to_string();
            assert!(error.contains(wanted), "{text:?}: {error}");
            assert!(!error.contains(char::is_control), "{text:?}: {error:?}");
        }
    }

    #[test]
    fn a_prefix_shifts() {
        let shift = |text, prefix| {
            Template::parse(text).unwrap().with_prefix(prefix).map(|template| template.to_string())
        };
        assert_eq!(shift("/chat/<room>", "/api").unwrap(), "/api/chat/<room>");
        assert_eq!(shift("/chat/<room>", "/<tenant>").unwrap(), "/<tenant>/chat/<room>");
        assert_eq!(shift("/", "/api").unwrap(), "/api/");
        assert_eq!(shift("/chat", "/").unwrap(), "/chat");
        for (prefix, wanted) in [
            ("api", "`api`: a path begins"),
            ("", "``: a path begins"),
            ("/api/", "prefix does not end"),
            ("/<room>", "`/<room>/chat/<room>`: `<room>` occurs twice"),
            ("/<all..>", "no `<rest..>`"),
        ] {
            let error = shift("/chat/<room>", prefix).expect_err(prefix).to_string();
            assert!(error.contains(wanted), "{prefix:?}: {error}");
        }
    }
}
