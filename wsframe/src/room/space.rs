//! All groups of one kind, by name.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::group::{Cast, Delivered, Group, Member};
use crate::outbox::Frame;

/// Names and their groups. A group exists as long as it has members.
pub(crate) struct Space<M>(Mutex<HashMap<Arc<str>, Arc<Group<M>>>>);

impl<M: Member> Space<M> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Group<M>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The group of this name, if it has members.
    pub(crate) fn group(&self, name: &str) -> Option<Arc<Group<M>>> {
        self.groups().get(name).cloned()
    }

    /// The member is in the group when this returns. It must not be in it already. Answers how many
    /// there are then.
    pub(crate) fn join(&self, name: &Arc<str>, member: M) -> usize {
        // Under the lock of the space, so that the group cannot be given up meanwhile.
        let mut groups = self.groups();
        let group = groups.entry(name.clone()).or_insert_with(|| Arc::new(Group::new()));
        group.add(member);
        group.members().len()
    }

    /// Joins between two fan-outs, and answers what is kept for the new member. `group` is the one
    /// whose turn the caller holds, if there is one; answers `None` if it is another one by now.
    pub(crate) fn join_in_turn(
        &self,
        name: &Arc<str>,
        member: M,
        group: Option<&Arc<Group<M>>>,
    ) -> Option<Vec<Frame>> {
        let mut groups = self.groups();
        match (groups.get(name), group) {
            (Some(current), Some(group)) if Arc::ptr_eq(current, group) => {
                group.add(member);
                Some(group.kept())
            }
            (None, _) => {
                let group = Group::new();
                group.add(member);
                groups.insert(name.clone(), Arc::new(group));
                Some(Vec::new())
            }
            _ => None,
        }
    }

    /// The member is no longer in the group; a fan-out that runs may still reach it.
    pub(crate) fn leave(&self, name: &str, member: &M) {
        let mut groups = self.groups();
        if groups.get(name).is_some_and(|group| group.remove(member)) {
            groups.remove(name);
        }
    }

    /// Waits until no fan-out that began before reaches anybody any more.
    pub(crate) async fn settle(&self, name: &str) {
        if let Some(group) = self.group(name) {
            drop(group.turn().await);
        }
    }

    /// The members of a group as they are now.
    pub(crate) fn members(&self, name: &str) -> Arc<Vec<M>> {
        self.group(name).map(|group| group.members()).unwrap_or_default()
    }

    /// Offers a frame to every member, as `cast` says; see [`Member::offer`].
    pub(crate) async fn fan_out(&self, name: &str, frame: &Frame, cast: Cast<'_, M>) -> Delivered {
        match self.group(name) {
            Some(group) => group.fan_out(frame, cast).await,
            None => Delivered::default(),
        }
    }

    /// How many groups there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.groups().len()
    }
}

impl<M> fmt::Debug for Space<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{message::Message, outbox::Offered};

    /// A member that writes down what it is offered.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<Message>>>);

    impl Log {
        fn texts(&self) -> Vec<Message> {
            self.0.lock().unwrap().clone()
        }
    }

    impl Member for Log {
        fn is(&self, other: &Self) -> bool {
            Arc::ptr_eq(&self.0, &other.0)
        }

        fn offer(&self, frame: &Frame, _: Option<&Arc<str>>) -> Offered {
            self.0.lock().unwrap().push(frame.message().clone());
            Offered::Queued
        }
    }

    #[tokio::test]
    async fn a_group_is_there_as_long_as_it_has_members() {
        let space = Space::new();
        let (name, a, b) = (Arc::from("room"), Log::default(), Log::default());
        space.join(&name, a.clone());
        space.join(&name, b.clone());
        assert_eq!(space.members("room").len(), 2);
        space.leave("room", &a);
        space.leave("room", &a);
        assert_eq!(space.fan_out("room", &Frame::new("x".into()), Cast::default()).await.queued, 1);
        space.leave("room", &b);
        assert_eq!(space.len(), 0);
        assert_eq!(space.fan_out("room", &Frame::new("y".into()), Cast::default()).await.queued, 0);
        assert_eq!((a.texts().len(), b.texts().len()), (0, 1));
    }

    /// Large fan-outs let others run in between, and still every member sees the same order.
    #[tokio::test]
    async fn all_members_see_one_order() {
        let space = Arc::new(Space::new());
        let name = Arc::from("room");
        let members: Vec<Log> = (0..300).map(|_| Log::default()).collect();
        for member in &members {
            space.join(&name, member.clone());
        }
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let space = space.clone();
                tokio::spawn(async move {
                    for i in 0..20 {
                        let frame = Frame::new(format!("{sender} {i}").into());
                        assert_eq!(
                            space.fan_out("room", &frame, Cast::default()).await.queued,
                            300
                        );
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        for sender in senders {
            sender.await.unwrap();
        }
        let first = members[0].texts();
        assert_eq!(first.len(), 80);
        assert!(members.iter().all(|member| member.texts() == first));
    }

    /// Whoever has left and waited is not reached, even by a fan-out that had begun.
    #[tokio::test]
    async fn after_leaving_nothing_comes() {
        let space = Arc::new(Space::new());
        let name = Arc::from("room");
        let members: Vec<Log> = (0..1000).map(|_| Log::default()).collect();
        for member in &members {
            space.join(&name, member.clone());
        }
        let last = members.last().unwrap();
        let running = tokio::spawn({
            let space = space.clone();
            async move { space.fan_out("room", &Frame::new("x".into()), Cast::default()).await }
        });
        tokio::task::yield_now().await;
        space.leave("room", last);
        space.settle("room").await;
        let before = last.texts().len();
        running.await.unwrap();
        assert_eq!(last.texts().len(), before);
    }
}
