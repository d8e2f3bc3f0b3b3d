//! Values of any type that the application attaches to a session.

use super::Session;

impl Session {
    /// Attaches a value to the session, one for each type; gives back the one it replaces.
    ///
    /// Data that only the handlers of one connection need belongs into the endpoint's fields.
    ///
    /// ```
    /// # use wsframe::Session;
    /// # fn example(session: &Session) {
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct Score(u32);
    ///
    /// session.insert(Score(7));
    /// assert_eq!(session.get(), Some(Score(7)));
    /// # }
    /// ```
    #[doc(alias = "getUserProperties")]
    #[doc(alias = "getAttributes")]
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        self.extra().get_or_insert_default().data.insert(value)
    }

    /// A clone of the attached value of this type; also in and after `on_close`.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extra().as_ref()?.data.get().cloned()
    }

    /// Takes the attached value of this type away.
    pub fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extra().as_mut()?.data.remove()
    }
}
