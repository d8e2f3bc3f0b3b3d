//! From a request path to the template that it belongs to.

use std::{collections::BTreeMap, iter};

use super::{
    params::Params,
    path::{InvalidPath, Path},
    template::{Segment, Template},
};

/// Templates with what they lead to, and the one place that decides which of them a path means.
///
/// Exact beats parameter beats rest, segment by segment from the left; a branch that does not
/// reach an end is given up for the next one. So `/a/<x>/c` beats `/a/<x>/<y>`, and for `/b/d`
/// `/b/<x>` beats `/<x>/d`.
///
/// The templates form a tree and each of its nodes is reached in one way only, so a search looks
/// at no node twice: no path can make it take longer than the templates allow.
#[derive(Debug)]
pub(crate) struct Router<T> {
    routes: Vec<(Template, T)>,
    nodes: Vec<Node>,
}

/// What may follow after some segments; indices go into `nodes` and `routes`.
#[derive(Debug, Default)]
struct Node {
    exact: BTreeMap<Box<str>, usize>,
    param: Option<usize>,
    rest: Option<usize>,
    end: Option<usize>,
}

impl<T> Router<T> {
    pub(crate) fn new() -> Self {
        Self { routes: Vec::new(), nodes: vec![Node::default()] }
    }

    /// Adds a template.
    ///
    /// # Errors
    ///
    /// Gives `value` back if an [equivalent](super::equivalent) template is there already.
    pub(crate) fn insert(&mut self, template: Template, value: T) -> Result<(), T> {
        let mut node = 0;
        let mut rest = false;
        for segment in template.segments() {
            node = match segment {
                Segment::Literal(text) => {
                    let fresh = self.nodes.len();
                    *self.nodes[node].exact.entry(text.clone()).or_insert(fresh)
                }
                Segment::Param => {
                    let fresh = self.nodes.len();
                    *self.nodes[node].param.get_or_insert(fresh)
                }
                // A rest is always last; it ends at the node before it.
                Segment::Rest => {
                    rest = true;
                    node
                }
            };
            if node == self.nodes.len() {
                self.nodes.push(Node::default());
            }
        }
        let node = &mut self.nodes[node];
        let end = if rest { &mut node.rest } else { &mut node.end };
        if end.is_some() {
            return Err(value);
        }
        *end = Some(self.routes.len());
        self.routes.push((template, value));
        Ok(())
    }

    /// The value whose template `path` belongs to, and the parameters; `None` if there is none.
    ///
    /// `path` is the path of the request target as it was sent, without the query.
    ///
    /// # Errors
    ///
    /// [`InvalidPath`] if `path` does not begin with `/`, has a malformed escape, a NUL, or bytes
    /// that are not UTF-8; whether any template would have matched plays no part.
    pub(crate) fn find(&self, path: &str) -> Result<Option<(&T, Params)>, InvalidPath> {
        let path = Path::parse(path)?;
        if path.has_dot_segment() {
            return Ok(None);
        }
        Ok(self.walk(0, &path, 0).map(|route| {
            let (template, value) = &self.routes[route];
            (value, capture(template, &path))
        }))
    }

    /// Templates and values, in the order in which they were added.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&Template, &T)> {
        self.routes.iter().map(|(template, value)| (template, value))
    }

    /// The best route below `node` for the segments from `at` on. Goes as deep as the longest
    /// template, however long the path is.
    fn walk(&self, node: usize, path: &Path<'_>, at: usize) -> Option<usize> {
        let node = &self.nodes[node];
        let Some(segment) = path.segments().get(at) else {
            return node.end;
        };
        let exact = || self.walk(*node.exact.get(&**segment)?, path, at + 1);
        // A parameter is never empty: not between two slashes, not after the last one.
        let param = || self.walk(node.param.filter(|_| !segment.is_empty())?, path, at + 1);
        let rest = || node.rest.filter(|_| path.rest_at(at));
        exact().or_else(param).or_else(rest)
    }
}

/// The values of the parameters of `template` in a path that matches it.
fn capture(template: &Template, path: &Path<'_>) -> Params {
    let values = iter::zip(template.segments(), 0..)
        .filter_map(|(segment, at)| match segment {
            Segment::Literal(_) => None,
            Segment::Param => Some((*path.segments()[at]).into()),
            Segment::Rest => Some(path.segments()[at..].join("/").into()),
        })
        .collect();
    Params::new(template.names(), values)
}

#[cfg(test)]
mod tests;
