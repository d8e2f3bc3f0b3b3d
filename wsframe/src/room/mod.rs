//! Groups of members, and one message for all of a group.
//!
//! This floor knows outboxes and frames. What a member is besides, a session for example, is the
//! business of the floor above.

mod group;
mod space;

pub use self::group::Delivered;
pub(crate) use self::{
    group::{Cast, Group, Member, fan_out},
    space::Space,
};
