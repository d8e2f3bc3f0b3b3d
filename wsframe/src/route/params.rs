//! Captured values.

use std::{fmt, sync::Arc};

/// The parameters of one matched path, decoded.
///
/// The path is split at `/` first and each segment is percent-decoded once, so a value may contain
/// a `/` that was sent as `%2F`. Values are valid UTF-8 and never empty; that of `<rest..>` is
/// several segments with `/` between them. Nothing else is checked: treat them as what they are,
/// text from a stranger.
///
/// ```
/// use wsframe::Params;
///
/// // What `/chat/rust%20lang` gives on `/chat/<room>`: room = "rust lang".
/// fn room(params: &Params) -> &str {
///     params.get("room").unwrap_or("lobby")
/// }
///
/// assert_eq!(room(&Params::default()), "lobby");
/// assert!(Params::default().is_empty());
/// ```
///
/// Specification: Jakarta WebSocket 2.2 section 4.3, RFC 6570 level 1, RFC 3986 section 2.1.
#[derive(Clone, Default, PartialEq, Eq)]
#[doc(alias = "PathParam")]
#[doc(alias = "getPathParameters")]
pub struct Params {
    /// Shared with the template: a connection pays for its values only.
    names: Arc<[Box<str>]>,
    values: Box<[Box<str>]>,
}

impl Params {
    /// One value for each name.
    pub(super) fn new(names: &Arc<[Box<str>]>, values: Vec<Box<str>>) -> Self {
        debug_assert_eq!(names.len(), values.len(), "one value for each name");
        Self { names: Arc::clone(names), values: values.into() }
    }

    /// What somebody else found in a path.
    pub(crate) fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let (names, values): (Vec<Box<str>>, Vec<Box<str>>) = pairs
            .into_iter()
            .map(|(name, value)| (name.into().into_boxed_str(), value.into().into_boxed_str()))
            .unzip();
        Self { names: names.into(), values: values.into() }
    }

    /// The value of a parameter; `None` if the template has none of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and values, in the order of the template.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.names.iter().zip(&self.values).map(|(name, value)| (&**name, &**value))
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the template has no parameters.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Params {
        let names: Arc<[Box<str>]> = Arc::new(["room".into(), "user".into()]);
        Params::new(&names, vec!["rust".into(), "ann".into()])
    }

    #[test]
    fn values_are_found_by_name() {
        let params = two();
        assert_eq!(params.get("room"), Some("rust"));
        assert_eq!(params.get("user"), Some("ann"));
        assert_eq!(params.get("Room"), None);
        assert_eq!(params.len(), 2);
        assert!(!params.is_empty());
    }

    #[test]
    fn iteration_keeps_the_order_of_the_template() {
        assert_eq!(two().iter().collect::<Vec<_>>(), [("room", "rust"), ("user", "ann")]);
    }

    #[test]
    fn pairs_from_elsewhere_are_the_same() {
        assert_eq!(Params::from_pairs([("room", "rust"), ("user", "ann")]), two());
        assert!(Params::from_pairs::<String, String>([]).is_empty());
    }

    #[test]
    fn debug_shows_names_and_values() {
        assert_eq!(format!("{:?}", two()), r#"{"room": "rust", "user": "ann"}"#);
    }

    #[test]
    fn clones_share_the_names() {
        let params = two();
        assert!(Arc::ptr_eq(&params.names, &params.clone().names));
    }
}
