//! When two templates are the same template in different words.

use super::template::{Segment, Template};

/// Whether two templates answer exactly the same paths with the same rank, so that no rule could
/// decide between them: the same shape, with parameters of other names.
///
/// Anything less is no conflict: of `/a/b` and `/a/<x>` the exact one wins.
///
/// Specification: Jakarta WebSocket 2.2, assertions 3.1.1-2 and 4.1.1-4.
pub(crate) fn equivalent(one: &Template, other: &Template) -> bool {
    one.segments().len() == other.segments().len()
        && one.segments().iter().zip(other.segments()).all(|pair| match pair {
            (Segment::Literal(one), Segment::Literal(other)) => one == other,
            (Segment::Param, Segment::Param) | (Segment::Rest, Segment::Rest) => true,
            (Segment::Literal(_) | Segment::Param | Segment::Rest, _) => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_decides() {
        let table = [
            ("/a", "/a", true),
            ("/a/<x>", "/a/<y>", true),
            ("/a/<x>/b", "/a/<y>/b", true),
            ("/<x>/<y>", "/<y>/<x>", true),
            ("/<x..>", "/<y..>", true),
            ("/a/<x>/", "/a/<y>/", true),
            ("/", "/", true),
            ("/a", "/A", false),
            ("/a", "/a/", false),
            ("/a/b", "/a/<x>", false),
            ("/a/<x>", "/a/<x>/", false),
            ("/a/<x>", "/b/<x>", false),
            ("/a/<x>", "/a/<x..>", false),
            ("/<x>/b", "/a/<x>", false),
            ("/<x>", "/<x>/<y>", false),
        ];
        for (one, other, wanted) in table {
            let (a, b) = (Template::parse(one).unwrap(), Template::parse(other).unwrap());
            assert_eq!(equivalent(&a, &b), wanted, "{one} {other}");
            assert_eq!(equivalent(&b, &a), wanted, "{other} {one}");
        }
    }
}
