use http::header::SEC_WEBSOCKET_EXTENSIONS;
use proptest::prelude::*;

use super::*;

fn headers(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_str(line).unwrap());
    }
    headers
}

/// Keeps all that can be kept.
const OPEN: Deflate =
    Deflate::new().server_no_context_takeover(false).client_no_context_takeover(false);

/// What a server answers.
fn answer(lines: &[&str], deflate: &Deflate) -> Option<String> {
    accept(&headers(lines), deflate).map(|agreed| agreed.to_string())
}

#[test]
fn offers_and_what_a_server_answers() {
    for (offer, open, usual) in [
        ("", "", "; server_no_context_takeover; client_no_context_takeover"),
        (
            "; server_no_context_takeover",
            "; server_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_no_context_takeover",
            "; client_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; client_max_window_bits",
            "",
            "; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "; server_max_window_bits=15; client_max_window_bits=15",
            "; server_max_window_bits=15",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15",
        ),
        (
            "; client_max_window_bits=\"10\"; server_max_window_bits=\"8\"",
            "; server_max_window_bits=8; client_max_window_bits=10",
            "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; \
             client_max_window_bits=10",
        ),
    ] {
        let offer = format!("permessage-deflate{offer}");
        assert_eq!(answer(&[&offer], &OPEN), Some(format!("permessage-deflate{open}")), "{offer}");
        let new = Deflate::new();
        assert_eq!(answer(&[&offer], &new), Some(format!("permessage-deflate{usual}")), "{offer}");
    }
}

#[test]
fn a_server_has_its_own_windows() {
    let small = OPEN.server_max_window_bits(11).client_max_window_bits(9);
    for (offer, wanted) in [
        // Who does not name its window cannot be told.
        ("", "; server_max_window_bits=11"),
        ("; client_max_window_bits", "; server_max_window_bits=11; client_max_window_bits=9"),
        (
            "; client_max_window_bits=8; server_max_window_bits=10",
            "; server_max_window_bits=10; client_max_window_bits=8",
        ),
    ] {
        let offer = format!("permessage-deflate{offer}");
        let wanted = format!("permessage-deflate{wanted}");
        assert_eq!(answer(&[&offer], &small), Some(wanted), "{offer}");
    }
    let agreed = accept(&headers(&["permessage-deflate"]), &small).unwrap();
    assert_eq!((agreed.server.bits, agreed.client.bits), (11, 15));
}

#[test]
fn bad_offers_are_declined() {
    for offer in [
        "",
        "x-webkit-deflate-frame",
        "Permessage-Deflate",
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; server_max_window_bits=15x",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=\"\"",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits",
        "permessage-deflate;",
        "permessage-deflate; ;",
    ] {
        assert_eq!(answer(&[offer], &OPEN), None, "{offer}");
    }
    assert_eq!(answer(&[], &OPEN), None);
}

#[test]
fn the_first_offer_that_is_right_is_accepted() {
    let lines = [
        "bzip2, permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; what, permessage-deflate; server_max_window_bits=12, \
         permessage-deflate",
    ];
    let wanted = "permessage-deflate; server_max_window_bits=12";
    assert_eq!(answer(&lines, &OPEN).as_deref(), Some(wanted));
}

#[cfg(feature = "client")]
mod client {
    use super::*;

    fn check(answer: &str, offered: Deflate) -> Result<Option<Agreed>, NotOffered> {
        verify(&headers(&[answer]), Some(&offered))
    }

    #[test]
    fn what_is_offered() {
        let offered = |deflate| offer(&deflate).unwrap();
        assert_eq!(offered(OPEN), "permessage-deflate; client_max_window_bits");
        assert_eq!(
            offered(Deflate::new().server_max_window_bits(9).client_max_window_bits(10)),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=9; client_max_window_bits=10"
        );
    }

    #[test]
    fn answers_that_agree() {
        assert_eq!(verify(&headers(&[]), Some(&OPEN)), Ok(None));
        assert_eq!(verify(&headers(&[]), None), Ok(None));
        let agreed = check("permessage-deflate", OPEN).unwrap().unwrap();
        assert!(agreed.server.takeover && agreed.client.takeover);
        let full = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                    server_max_window_bits=9; client_max_window_bits=10";
        let agreed = check(full, OPEN).unwrap().unwrap();
        assert_eq!(agreed.server, Direction { takeover: false, bits: 9 });
        assert_eq!(agreed.client, Direction { takeover: false, bits: 10 });
        // We may do more than we were asked for.
        let answer = "permessage-deflate; server_no_context_takeover";
        let agreed = check(answer, Deflate::new().client_max_window_bits(12)).unwrap().unwrap();
        assert_eq!(agreed.client, Direction { takeover: false, bits: 12 });
    }

    #[test]
    fn answers_that_do_not() {
        let small = OPEN.server_max_window_bits(10).client_max_window_bits(10);
        for (answer, offered) in [
            ("", OPEN),
            ("bzip2", OPEN),
            ("permessage-deflate, permessage-deflate", OPEN),
            ("permessage-deflate, bzip2", OPEN),
            ("permessage-deflate; unknown", OPEN),
            ("permessage-deflate; server_max_window_bits", OPEN),
            ("permessage-deflate; client_max_window_bits", OPEN),
            ("permessage-deflate; client_max_window_bits=16", OPEN),
            ("permessage-deflate; client_no_context_takeover", Deflate::new()),
            ("permessage-deflate; server_max_window_bits=11", small),
            ("permessage-deflate", small),
            ("permessage-deflate; server_max_window_bits=9; client_max_window_bits=11", small),
        ] {
            assert_eq!(check(answer, offered), Err(NotOffered), "{answer}");
            assert_eq!(verify(&headers(&[answer]), None), Err(NotOffered), "{answer}");
        }
    }

    proptest! {
        /// Whatever a client of ours offers, a server of ours answers, and the client agrees; both
        /// mean the same.
        #[test]
        fn both_sides_of_ours_agree(ours in any_deflate(), theirs in any_deflate()) {
            let mut asked = HeaderMap::new();
            asked.insert(SEC_WEBSOCKET_EXTENSIONS, offer(&ours).unwrap());
            let server = accept(&asked, &theirs).unwrap();
            let mut answer = HeaderMap::new();
            answer.insert(SEC_WEBSOCKET_EXTENSIONS, server.header().unwrap());
            let client = verify(&answer, Some(&ours)).unwrap().unwrap();
            prop_assert_eq!((client.server, client.client), (server.server, server.client));
        }
    }

    fn any_deflate() -> impl Strategy<Value = Deflate> {
        (any::<bool>(), any::<bool>(), 8u8..=15, 8u8..=15).prop_map(|(server, client, s, c)| {
            Deflate::new()
                .server_no_context_takeover(server)
                .client_no_context_takeover(client)
                .server_max_window_bits(s)
                .client_max_window_bits(c)
        })
    }
}

proptest! {
    /// No header does harm, and what is accepted is within what was offered.
    #[test]
    fn any_header_is_read(
        words in prop::collection::vec(prop_oneof![
            3 => Just("permessage-deflate"),
            1 => Just("server_no_context_takeover"),
            1 => Just("client_no_context_takeover"),
            1 => Just("server_max_window_bits"),
            1 => Just("client_max_window_bits"),
            2 => prop::sample::select(vec!["x", "10", "8", "16"]),
        ], 0..12),
        signs in prop::collection::vec(
            prop::sample::select(vec!["; ", "; ", "; ", "=", "=", ", ", "\"", "\\", "=\""]), 12,
        ),
    ) {
        let text: String = words.iter().zip(&signs).flat_map(|(word, sign)| [*word, *sign]).collect();
        if let Some(agreed) = accept(&headers(&[&text]), &OPEN) {
            prop_assert!((8..=15).contains(&agreed.server.bits));
            prop_assert!((8..=15).contains(&agreed.client.bits));
            prop_assert!(agreed.header().is_some());
        }
    }
}
