//! Errors that are collected, and the place where generated code is reported.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Type;

/// All errors of one attribute.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds an error at one token.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.add(syn::Error::new(span, message));
    }

    /// Adds an error that underlines all of `tokens`.
    pub(crate) fn over(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// The value, or its error added.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn into_result(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }

    #[cfg(test)]
    pub(crate) fn messages(self) -> Vec<String> {
        self.0.into_iter().flatten().map(|error| error.to_string()).collect()
    }

    /// One `compile_error!` for each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.map(|error| error.to_compile_error()).unwrap_or_default()
    }
}

/// The span of generated tokens that rustc reports at `span`.
///
/// The tokens still count as generated: lints of the user's crate, clippy's too, pass them over,
/// and their local variables never meet the user's.
pub(crate) fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A type as one writes it, between backticks. Tokens alone would print `Vec < u8 >`.
pub(crate) fn quoted(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for sign in ["<", ">", "::", ",", ";"] {
        text = text.replace(&format!(" {sign}"), sign);
    }
    for sign in ["<", "::", "&"] {
        text = text.replace(&format!("{sign} "), sign);
    }
    format!("`{text}`")
}

/// ", did you mean `…`?" if one of the known words is close enough to be meant, else ";".
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    known
        .into_iter()
        .map(|known| (if is_start(word, known) { 1 } else { distance(word, known) }, known))
        .min()
        .filter(|(distance, known)| *distance <= known.len().max(3) / 3)
        .map_or_else(|| ";".into(), |(_, known)| format!(", did you mean `{known}`?"))
}

/// `max_frame` is nearer to `max_frame_size` than to `max_fragments`.
fn is_start(word: &str, known: &str) -> bool {
    word.len() > 3 && known.starts_with(word)
}

/// The number of letters to insert, remove or replace to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.chars().enumerate() {
            let substitute = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_if_it_is_near() {
        let known = ["ping_interval", "pong_timeout", "outbox"];
        assert_eq!(did_you_mean("ping_intervall", known), ", did you mean `ping_interval`?");
        assert_eq!(did_you_mean("pingInterval", known), ", did you mean `ping_interval`?");
        assert_eq!(did_you_mean("outbx", known), ", did you mean `outbox`?");
        assert_eq!(did_you_mean("ping", known), ", did you mean `ping_interval`?");
        assert_eq!(did_you_mean("compression", known), ";");
    }

    #[test]
    fn a_type_is_printed_as_one_writes_it() {
        let ty = syn::parse_quote!(&Vec<std::collections::HashMap<u8, (String, [u8; 4])>>);
        assert_eq!(quoted(&ty), "`&Vec<std::collections::HashMap<u8, (String, [u8; 4])>>`");
    }

    #[test]
    fn distance_counts_edits() {
        for (a, b, edits) in [("", "", 0), ("", "abc", 3), ("abc", "abd", 1), ("abc", "bc", 1)] {
            assert_eq!(distance(a, b), edits, "{a} {b}");
        }
    }
}
