//! The names of settings, and what each does.

use std::time::Duration;

use super::{
    super::Server,
    quantity::{duration, rate, size},
};
use crate::{
    handshake::{AllowedOrigins, Origins},
    limits::Rate,
};

/// A setting that there is.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) set: fn(&mut Server, &str) -> Result<(), String>,
}

/// The key of this name.
///
/// # Errors
///
/// The name that may have been meant.
pub(super) fn find(name: &str) -> Result<&'static Key, Option<&'static str>> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        KEYS.iter()
            .map(|key| (strsim::damerau_levenshtein(name, key.name), key.name))
            .min()
            .filter(|(distance, near)| *distance <= near.len().max(3) / 3)
            .map(|(_, near)| near)
    })
}

/// A key of the server as a whole.
macro_rules! server {
    ($name:literal, $($field:tt).+, $read:expr) => {
        Key {
            name: $name,
            set: |server, text| {
                server.$($field).+ = $read(text)?;
                Ok(())
            },
        }
    };
}

/// A key of connections.
macro_rules! option {
    ($name:ident, $read:expr) => {
        Key {
            name: stringify!($name),
            set: |server, text| {
                let value = $read(text)?;
                server.scan.operator = std::mem::take(&mut server.scan.operator).$name(value);
                Ok(())
            },
        }
    };
}

const KEYS: &[Key] = &[
    server!("address", address, some_text),
    server!("health_on", health.address, some_text),
    server!("log", quiet, log),
    #[cfg(feature = "tls")]
    server!("tls_certificate", pem.0, some_text),
    #[cfg(feature = "tls")]
    server!("tls_key", pem.1, some_text),
    #[cfg(feature = "http2")]
    server!("http2", limits.http2, switch),
    #[cfg(feature = "http2")]
    server!("max_http2_streams", limits.http2_streams, count),
    server!("max_connections", limits.connections, count),
    server!("max_connections_per_address", limits.per_address, |text| or_off(text, count)),
    server!("max_connections_per_principal", limits.per_principal, |text| or_off(text, count)),
    server!("connection_rate", limits.connection_rate, |text| or_off(text, |text| per(
        text, false
    ))),
    server!("shed_above_connections", limits.shed_connections, |text| or_off(text, count)),
    server!("shed_above_memory", limits.shed_memory, |text| or_off(text, size)),
    server!("outbox_total", limits.outbox_total, bytes),
    server!("head_timeout", limits.head_timeout, time),
    Key {
        name: "max_head_size",
        set: |server, text| {
            server.limits.set_head_size(bytes(text)?);
            Ok(())
        },
    },
    server!("max_headers", limits.headers, count),
    server!("admission_timeout", limits.admission_timeout, time),
    server!("shutdown_notice", limits.notice, duration),
    server!("shutdown_window", limits.window, duration),
    server!("shutdown_grace", limits.grace, duration),
    option!(max_message_size, bytes),
    option!(max_frame_size, bytes),
    option!(max_fragments, count),
    option!(assembly_timeout, maybe_time),
    option!(outbox, bytes),
    option!(outbox_messages, count),
    option!(inbound, bytes),
    option!(inbound_messages, count),
    option!(ping_interval, maybe_time),
    option!(pong_timeout, time),
    option!(idle_timeout, maybe_time),
    option!(write_timeout, time),
    option!(send_timeout, duration),
    option!(close_timeout, duration),
    option!(finish_within, duration),
    option!(message_rate, |text| or_off(text, |text| per(text, false))),
    option!(byte_rate, |text| or_off(text, |text| per(text, true))),
    option!(deflate, switch),
    option!(origins, origins),
];

/// Whether nothing is to be written to the terminal.
fn log(text: &str) -> Result<bool, String> {
    match text.trim() {
        "off" => Ok(true),
        "terminal" => Ok(false),
        _ => Err("write `off` or `terminal`".into()),
    }
}

fn some_text(text: &str) -> Result<Option<String>, String> {
    match text.trim() {
        "" => Err("it is empty; leave it out, or write what it is".into()),
        text => Ok(Some(text.to_owned())),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    match text.trim() {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err("write `on` or `off`".into()),
    }
}

const TOO_LARGE: &str = "it is more than can be counted here";

fn count<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let digits = text.trim().replace('_', "");
    let wrong = "write a whole number, such as `50_000`";
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| plain).ok_or(wrong)?;
    match number {
        0 => Err("zero lets nothing through; write 1 at least".into()),
        number => T::try_from(number).map_err(|_| TOO_LARGE.into()),
    }
}

fn bytes(text: &str) -> Result<usize, String> {
    match size(text)? {
        0 => Err("zero lets nothing through; write 1 at least".into()),
        bytes => usize::try_from(bytes).map_err(|_| TOO_LARGE.into()),
    }
}

/// A time that is not zero.
fn time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("zero leaves no time; write `1ms` at least".into()),
        time => Ok(time),
    }
}

fn maybe_time(text: &str) -> Result<Option<Duration>, String> {
    or_off(text, time)
}

fn per(text: &str, bytes: bool) -> Result<Rate, String> {
    let (amount, seconds) = rate(text, bytes)?;
    Ok(if seconds == 1 { Rate::per_second(amount) } else { Rate::per_minute(amount) })
}

fn or_off<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.trim() == "off" {
        return Ok(None);
    }
    read(text).map(Some)
}

fn origins(text: &str) -> Result<Origins, String> {
    let list: Vec<_> = text.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    let origins = match list[..] {
        [] => return Err("write origins such as `https://example.org`, with commas".into()),
        ["any"] => Origins::Any,
        ["same_host"] => Origins::SameHost,
        _ => Origins::from(list.into_iter().map(str::to_owned).collect::<Vec<_>>()),
    };
    AllowedOrigins::new(&origins).map_err(|mistakes| mistakes.join("; "))?;
    Ok(origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_of_a_server_can_be_set() {
        let server = Server::new();
        for line in server.limits.shown(&[]).lines() {
            let name = line.split(' ').next().unwrap();
            assert!(cfg!(not(feature = "http2")) || find(name).is_ok(), "{name}");
        }
        let mut names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len(), "one is there twice");
    }

    #[test]
    fn values_are_read_and_others_are_refused() {
        for (name, good, bad) in [
            ("address", "[::]:80", " "),
            ("max_connections", "50_000", "0"),
            ("max_connections", "1", "-1"),
            ("max_headers", "64", "+64"),
            ("max_connections_per_address", "off", "none"),
            ("connection_rate", "500/s", "500"),
            ("shed_above_memory", "450MiB", "90%"),
            ("outbox_total", "1GiB", "0"),
            ("head_timeout", "5s", "0s"),
            ("shutdown_grace", "0s", "5"),
            ("ping_interval", "off", "0ms"),
            ("byte_rate", "64KiB/s", "64KiB"),
            ("deflate", "on", "yes"),
            ("origins", "https://a.test, https://b.test", ","),
            ("origins", "same_host", "a.test/path"),
            ("log", "off", "debug"),
        ] {
            let key = find(name).unwrap();
            assert_eq!((key.set)(&mut Server::new(), good), Ok(()), "{name} {good}");
            assert!((key.set)(&mut Server::new(), bad).is_err(), "{name} {bad}");
        }
    }

    #[test]
    fn the_nearest_name_is_told_if_it_is_near() {
        assert_eq!(find("max_conections").unwrap_err(), Some("max_connections"));
        assert_eq!(find("pingintervall").unwrap_err(), Some("ping_interval"));
        assert_eq!(find("secret").unwrap_err(), None);
    }
}
