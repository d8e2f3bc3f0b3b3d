//! The text of a route template. The rules are those of the runtime, which reads templates of
//! hand-written endpoints; here a mistake is shown at compile time, with a caret under it.

use std::ops::Range;

/// A parameter of a template: `<room>`, or `<rest..>` with `rest` set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) rest: bool,
}

/// A mistake in a template.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The bytes that are wrong.
    range: Range<usize>,
    text: String,
}

impl Fault {
    /// The message: what is wrong, and where. An error inside a literal can only point at the whole
    /// literal, so the place is drawn.
    pub(crate) fn message(&self, template: &str) -> String {
        if template.is_empty() {
            return self.text.clone();
        }
        let width = |text: &str| text.escape_debug().count();
        let before = " ".repeat(width(&template[..self.range.start]));
        let carets = "^".repeat(width(&template[self.range.clone()]).max(1));
        format!("{}\n\n    {}\n    {before}{carets}\n", self.text, template.escape_debug())
    }
}

/// Reads a template and returns its parameters, from the left.
///
/// # Errors
///
/// All mistakes, from the left.
pub(crate) fn parse(template: &str) -> Result<Vec<Param>, Vec<Fault>> {
    let fault = |range, text: &str| Fault { range, text: text.to_owned() };
    if template.is_empty() {
        return Err(vec![fault(0..0, "the path is empty; the root is written `/`")]);
    }
    if !template.starts_with('/') {
        // `ws://host/chat` is wrong up to the path.
        let (end, path) = match template.split_once("://") {
            Some((scheme, rest)) => {
                let host = rest.find('/').unwrap_or(rest.len());
                (scheme.len() + 3 + host, rest[host..].trim_start_matches('/'))
            }
            None => (template.chars().next().map_or(0, char::len_utf8), template),
        };
        let text = format!("a path begins with `/`, without scheme or host: write `/{path}`");
        return Err(vec![fault(0..end, &text)]);
    }
    let mut params: Vec<Param> = Vec::new();
    let mut faults = Vec::new();
    let mut start = 1;
    while start <= template.len() {
        let end = template[start..].find('/').map_or(template.len(), |at| start + at);
        let last = end == template.len();
        let range = start..end;
        match segment(&template[range.clone()], last) {
            Ok(None) => {}
            Ok(Some(param)) if params.iter().any(|known| known.name == param.name) => {
                let text =
                    format!("`<{}>` occurs twice; give each parameter its own name", param.name);
                faults.push(fault(range, &text));
            }
            Ok(Some(param)) if param.rest && !last => {
                let text = format!(
                    "`<{}..>` takes all that is left of the path, so nothing may follow it, no `/` either",
                    param.name
                );
                faults.push(fault(range, &text));
                params.push(param);
            }
            Ok(Some(param)) => params.push(param),
            Err(text) => faults.push(fault(range, &text)),
        }
        start = end + 1;
    }
    if faults.is_empty() { Ok(params) } else { Err(faults) }
}

/// Reads one segment: a parameter or a literal.
fn segment(text: &str, last: bool) -> Result<Option<Param>, String> {
    if text.is_empty() {
        // After the last slash it is the trailing slash.
        return if last { Ok(None) } else { Err("a segment is empty; write one `/`".into()) };
    }
    if matches!(text, "." | "..") {
        return Err(format!(
            "`{text}` as a segment never reaches a server; write the path it leads to"
        ));
    }
    if let Some(c) = text.chars().find(|c| matches!(c, '?' | '#')) {
        return Err(match c {
            '?' => "a path has no `?`; a query parameter is a field marked `#[query]`".into(),
            _ => "a path has no `#`; what stands behind it never reaches a server".into(),
        });
    }
    if text.chars().any(char::is_control) {
        return Err("a path has no control characters".into());
    }
    if let Some(inner) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
        return match inner.strip_suffix("..") {
            Some(name) if is_identifier(name) => Ok(Some(Param { name: name.into(), rest: true })),
            None if is_identifier(inner) => Ok(Some(Param { name: inner.into(), rest: false })),
            _ => Err(bad_name(inner)),
        };
    }
    if text.contains(['<', '>']) {
        return Err(format!("a parameter takes a whole segment: `/<name>/`, not `{text}`"));
    }
    if let Some(ours) = translate(text) {
        return Err(format!("`{text}` is how others spell it; write `{ours}`"));
    }
    if has_escape(text) {
        return Err(format!("`{text}` is written decoded here, without `%`"));
    }
    Ok(None)
}

fn bad_name(inner: &str) -> String {
    match inner.split_once(':') {
        Some((name, _)) if is_identifier(name.trim()) => format!(
            "write `<{0}>`: the type of a parameter is the type of the field `{0}`",
            name.trim()
        ),
        _ => format!(
            "`<{inner}>` does not name a parameter; write an identifier, as in `<room>` or, for \
             all that is left of the path, `<rest..>`"
        ),
    }
}

/// Our spelling of a parameter of other frameworks: `{room}`, `:room`, `{*rest}`, `*rest`.
fn translate(text: &str) -> Option<String> {
    let braced = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let starred = text.strip_prefix('*').map(|_| text);
    let Some(name) = braced.or_else(|| text.strip_prefix(':')).or(starred) else {
        return text.contains(['{', '}']).then(|| "/<name>/".into());
    };
    let bare = name.trim_start_matches('*').trim_end_matches(['.', '*']);
    let rest = bare != name && !name.contains(':');
    // `{room:[a-z]+}` and `{id:int}`: the name is what stands before the colon.
    let bare = bare.split(':').next().unwrap_or_default();
    match (is_identifier(bare), rest) {
        (true, false) => Some(format!("<{bare}>")),
        (true, true) => Some(format!("<{bare}..>")),
        // `:` or `:-)` alone is an ordinary literal; `{}` and `*` are not.
        _ if text.starts_with(':') => None,
        _ if text.starts_with('*') => Some("<rest..>".into()),
        _ => Some("<name>".into()),
    }
}

/// Whether there is a `%2F`. A `%` of other meaning, as in `/100%`, is a literal.
fn has_escape(text: &str) -> bool {
    text.as_bytes()
        .windows(3)
        .any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit())
}

/// A name that a field of a struct may have, `r#` left aside.
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
    fn parameters_are_found() {
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
            ("/<_x>/<type>", &["_x", "type"]),
            ("/...", &[]),
        ];
        for (text, names) in table {
            let params = parse(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
            assert_eq!(
                params.iter().map(|param| &*param.name).collect::<Vec<_>>(),
                names,
                "{text}"
            );
        }
        assert!(parse("/<a>/<b..>").unwrap()[1].rest);
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, part) in [
            ("", "root is written `/`"),
            ("chat", "begins with `/`"),
            ("ws://host/chat", "begins with `/`"),
            ("//b", "one `/`"),
            ("/a//b", "one `/`"),
            ("/a//", "one `/`"),
            ("/./b", "`.` as a segment"),
            ("/a/../b", "`..` as a segment"),
            ("/a?b=c", "`#[query]`"),
            ("/a#b", "no `#`"),
            ("/a\n", "control"),
            ("/<v>/<v>", "`<v>` occurs twice"),
            ("/<v>/<v..>", "`<v>` occurs twice"),
            ("/<rest..>/b", "nothing may follow"),
            ("/<rest..>/", "nothing may follow"),
            ("/a<b>", "whole segment"),
            ("/<a>-<b>", "does not name"),
            ("/<a", "whole segment"),
            ("/<>", "does not name"),
            ("/<..>", "does not name"),
            ("/<_>", "does not name"),
            ("/<1a>", "does not name"),
            ("/<a-b>", "does not name"),
            ("/<room: u32>", "type of the field `room`"),
            ("/<a...>", "does not name"),
            ("/chat/{room}", "write `<room>`"),
            ("/chat/{room:[a-z]+}", "write `<room>`"),
            ("/chat/:room", "write `<room>`"),
            ("/files/{*rest}", "write `<rest..>`"),
            ("/files/*rest", "write `<rest..>`"),
            ("/files/*", "write `<rest..>`"),
            ("/caf%C3%A9", "without `%`"),
        ] {
            let faults = parse(text).unwrap_err();
            assert!(faults.iter().any(|f| f.text.contains(part)), "{text}: {faults:?}");
        }
    }

    #[test]
    fn the_place_is_drawn() {
        let faults = parse("/café/{room}/x").unwrap_err();
        let message = faults[0].message("/café/{room}/x");
        assert_eq!(message.lines().nth(2), Some("    /café/{room}/x"));
        assert_eq!(message.lines().nth(3), Some("          ^^^^^^"));
        assert_eq!(parse("/{a}/:b/../c").unwrap_err().len(), 3);
    }
}
