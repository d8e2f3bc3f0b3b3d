//! The guide: what to know beyond the documentation of single items, a chapter for each question.
//!
//! | chapter | |
//! |---|---|
//! | [`first_steps`] | a program, and the few rules to know before the second one |
//! | [`attributes`] | the reference: every attribute, every source of a field, every option |
//! | [`rooms_and_users`] | reaching others; ticks, told values, tasks |
//! | [`errors_and_closing`] | who gets which status and which close code |
//! | [`back_pressure`] | slow peers, busy handlers, signs of life |
//! | [`http`] | pages and an API beside the endpoints; inside another server |
//! | [`large_messages`] | in parts, read while they arrive, sent in pieces; streams of replies |
//! | [`compression`] | permessage-deflate: when it pays, what it costs, what it tells strangers |
//! | [`client`] | dialling a server: bots, services that talk to services |
//! | [`testing`] | a method, a server in memory, one on a free port, the shared registry |
//! | [`deployment`] | limits, a proxy in front, origins, shutdown, health, counters, logs |
//! | [`authentication`] | who may connect: tokens, cookies, tickets, expiry |
//! | [`security`] | what strangers can do, what holds them, which test says so |
//! | [`jakarta`] | for people from Tomcat, Spring and Socket.IO |

#[doc = include_str!("../docs/guide/first_steps.md")]
pub mod first_steps {}

#[doc = include_str!("../docs/guide/attributes.md")]
pub mod attributes {}

#[doc = include_str!("../docs/guide/rooms_and_users.md")]
pub mod rooms_and_users {}

#[doc = include_str!("../docs/guide/errors_and_closing.md")]
pub mod errors_and_closing {}

#[doc = include_str!("../docs/guide/back_pressure.md")]
pub mod back_pressure {}

#[doc = include_str!("../docs/guide/http.md")]
pub mod http {}

#[doc = include_str!("../docs/guide/large_messages.md")]
pub mod large_messages {}

#[doc = include_str!("../docs/guide/compression.md")]
pub mod compression {}

/// Dialling a server: bots, services that talk to services (feature `client`).
#[cfg_attr(feature = "client", doc = "")]
#[cfg_attr(feature = "client", doc = include_str!("../docs/guide/client.md"))]
pub mod client {}

#[doc = include_str!("../docs/guide/testing.md")]
#[cfg_attr(feature = "testing", doc = include_str!("../docs/guide/in_memory.md"))]
pub mod testing {}

#[doc = include_str!("../docs/guide/deployment.md")]
pub mod deployment {}

#[doc = include_str!("../docs/guide/authentication.md")]
pub mod authentication {}

#[doc = include_str!("../docs/guide/security.md")]
pub mod security {}

#[doc = include_str!("../docs/jakarta.md")]
pub mod jakarta {}
