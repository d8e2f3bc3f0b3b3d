//! Options under which no connection could live.

use crate::{
    endpoint::{Source, Sourced},
    handshake::{AllowedOrigins, is_token},
};

/// An option that cannot be meant, with the level that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Impossible {
    pub(super) source: Source,
    /// What is wrong with it, as a sentence without a capital and a full stop.
    pub(super) text: String,
}

/// Everything that is wrong with a set of options, and the origins if they can be read.
pub(super) fn options(options: &Sourced) -> (Vec<Impossible>, Option<AllowedOrigins>) {
    let mut found = zeros(options);
    let mut add = |name, text| found.push(Impossible { source: source(options, name), text });
    for (i, name) in options.subprotocols.iter().enumerate() {
        if !is_token(name.as_bytes()) {
            add(
                "subprotocols",
                format!(
                    "subprotocol `{}`: a name consists of letters, digits and some of the signs `!#$%&'*+-.^_|~`",
                    name.escape_debug()
                ),
            );
        } else if options.subprotocols[..i].contains(name) {
            add("subprotocols", format!("subprotocol `{name}` is listed twice"));
        }
    }
    options.deflate.mistakes().into_iter().for_each(|text| add("deflate", text));
    match AllowedOrigins::new(&options.origins) {
        Ok(origins) => (found, Some(origins)),
        Err(mistakes) => {
            mistakes.into_iter().for_each(|text| add("origins", text));
            (found, None)
        }
    }
}

/// Zeros where zero leaves nothing to work with.
fn zeros(options: &Sourced) -> Vec<Impossible> {
    let zeros = options.settings.zeros();
    zeros
        .map(|(name, why)| Impossible {
            source: source(options, name),
            text: format!("`{name}` is zero: {why}"),
        })
        .collect()
}

/// The level that set an option.
fn source(options: &Sourced, name: &str) -> Source {
    let set = options.set.iter().find(|(set, ..)| *set == name);
    set.map_or(Source::Default, |(_, _, source)| *source)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        endpoint::{Options, resolve},
        handshake::Deflate,
        limits::Rate,
    };

    fn found(attribute: &Options) -> Vec<String> {
        let (found, _) = options(&resolve(&[(Source::Attribute, attribute)]));
        assert!(found.iter().all(|fault| fault.source == Source::Attribute), "{found:?}");
        found.into_iter().map(|fault| fault.text).collect()
    }

    #[test]
    fn the_defaults_are_possible() {
        assert_eq!(found(&Options::new()), [""; 0]);
    }

    #[test]
    fn every_impossible_option_is_found() {
        let zero = Duration::ZERO;
        let table = [
            ("max_message_size", Options::new().max_message_size(0_usize)),
            ("max_frame_size", Options::new().max_frame_size(0_usize)),
            ("max_fragments", Options::new().max_fragments(0_usize)),
            ("assembly_timeout", Options::new().assembly_timeout(zero)),
            ("outbox", Options::new().outbox(0_usize)),
            ("outbox_messages", Options::new().outbox_messages(0_usize)),
            ("inbound", Options::new().inbound(0_usize)),
            ("inbound_messages", Options::new().inbound_messages(0_usize)),
            ("ping_interval", Options::new().ping_interval(zero)),
            ("pong_timeout", Options::new().pong_timeout(zero)),
            ("idle_timeout", Options::new().idle_timeout(zero)),
            ("write_timeout", Options::new().write_timeout(zero)),
            ("message_rate", Options::new().message_rate(Rate::per_second(0))),
            ("byte_rate", Options::new().byte_rate(Rate::per_minute(9).burst(0))),
        ];
        for (name, options) in table {
            let found = found(&options);
            assert!(
                found.len() == 1 && found[0].starts_with(&format!("`{name}` is zero")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn zero_and_none_are_possible_where_they_mean_something() {
        let options = Options::new()
            .send_timeout(Duration::ZERO)
            .close_timeout(Duration::ZERO)
            .finish_within(Duration::ZERO)
            .ping_interval(None)
            .idle_timeout(None)
            .assembly_timeout(None);
        assert_eq!(found(&options), [""; 0]);
    }

    #[test]
    fn values_that_deflate_does_not_have() {
        let wrong = Deflate::new().level(0).server_max_window_bits(7).client_max_window_bits(16);
        let found = found(&Options::new().deflate(wrong));
        assert_eq!(found.len(), 3, "{found:?}");
        for (text, wanted) in found.iter().zip(["`server_max", "`client_max", "`level`"]) {
            assert!(text.starts_with(wanted), "{text}");
        }
    }

    #[test]
    fn names_and_origins_are_read() {
        let found = found(
            &Options::new()
                .subprotocols(["a", "b c", "a", "x\n", ""])
                .origins(["*", "https://ok.test"]),
        );
        assert_eq!(found.len(), 5, "{found:?}");
        for (text, wanted) in
            found.iter().zip(["`b c`", "`a` is listed twice", "`x\\n`", "``", "`*`"])
        {
            assert!(text.contains(wanted), "{text}");
        }
    }
}
