//! What is counted, through the `metrics` facade (feature `metrics`); without it nothing is.
//!
//! Labels are few: the endpoint's path as it was declared, codes, reasons. Never a session, a user, a
//! room or a path that somebody asked for.

#[cfg(feature = "metrics")]
mod on {
    use metrics::{counter, gauge};

    pub(crate) fn opened(endpoint: &str) {
        counter!("ws_connections_opened_total", "endpoint" => endpoint.to_owned()).increment(1);
        gauge!("ws_connections", "endpoint" => endpoint.to_owned()).increment(1);
    }

    pub(crate) fn closed(endpoint: &str, code: u16, by: &'static str) {
        counter!(
            "ws_connections_closed_total",
            "endpoint" => endpoint.to_owned(), "code" => code.to_string(), "by" => by
        )
        .increment(1);
        gauge!("ws_connections", "endpoint" => endpoint.to_owned()).decrement(1);
    }

    #[cfg(feature = "server")]
    pub(crate) fn handshake(endpoint: &str, status: u16) {
        let (endpoint, status) = (endpoint.to_owned(), status.to_string());
        counter!("ws_handshakes_total", "endpoint" => endpoint, "status" => status).increment(1);
    }

    /// Also what is no handshake of an endpoint, and what is refused before it is read.
    #[cfg(feature = "server")]
    pub(crate) fn reject(reason: &'static str) {
        counter!("ws_handshake_rejects_total", "reason" => reason).increment(1);
    }

    #[cfg(feature = "server")]
    pub(crate) fn accept_error(errno: Option<i32>) {
        let errno = errno.map_or("none".to_owned(), |errno| errno.to_string());
        counter!("ws_accept_errors_total", "errno" => errno).increment(1);
    }

    #[cfg(feature = "server")]
    pub(crate) fn connection_limit(limit: usize) {
        gauge!("ws_connection_limit").set(limit as f64);
    }

    #[cfg(feature = "server")]
    pub(crate) fn shutdown_phase(phase: u8) {
        gauge!("ws_shutdown_phase").set(f64::from(phase));
    }

    pub(crate) fn protocol_error(code: u16) {
        counter!("ws_protocol_errors_total", "code" => code.to_string()).increment(1);
    }

    pub(crate) fn rate_limited() {
        counter!("ws_rate_limited_total").increment(1);
    }

    pub(crate) fn dropped() {
        counter!("ws_messages_dropped_total", "reason" => "slow").increment(1);
    }

    pub(crate) fn slow_consumer_close() {
        counter!("ws_slow_consumer_closes_total").increment(1);
    }

    pub(crate) fn write_timeout() {
        counter!("ws_write_timeouts_total").increment(1);
    }

    pub(crate) fn ping_timeout() {
        counter!("ws_ping_timeouts_total").increment(1);
    }

    pub(crate) fn handler_panic() {
        counter!("ws_handler_panics_total").increment(1);
    }

    pub(crate) fn handler_error() {
        counter!("ws_handler_errors_total").increment(1);
    }

    pub(crate) fn send_queue_bytes(bytes: usize) {
        gauge!("ws_send_queue_bytes").set(bytes as f64);
    }
}

#[cfg(not(feature = "metrics"))]
mod off {
    macro_rules! nothing {
        ($($(#[$meta:meta])* $name:ident($($type:ty),*);)*) => {
            $($(#[$meta])* #[inline(always)] pub(crate) fn $name($(_: $type),*) {})*
        };
    }

    nothing! {
        opened(&str);
        closed(&str, u16, &'static str);
        #[cfg(feature = "server")] handshake(&str, u16);
        #[cfg(feature = "server")] reject(&'static str);
        #[cfg(feature = "server")] accept_error(Option<i32>);
        #[cfg(feature = "server")] connection_limit(usize);
        #[cfg(feature = "server")] shutdown_phase(u8);
        protocol_error(u16);
        rate_limited();
        dropped();
        slow_consumer_close();
        write_timeout();
        ping_timeout();
        handler_panic();
        handler_error();
        send_queue_bytes(usize);
    }
}

#[cfg(not(feature = "metrics"))]
pub(crate) use off::*;
#[cfg(feature = "metrics")]
pub(crate) use on::*;
