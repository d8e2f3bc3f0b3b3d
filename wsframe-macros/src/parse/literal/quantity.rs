//! Texts with a unit: `64KiB`, `25s`, `20/s`.
//!
//! The attributes read them while compiling and the server when it starts, each with this file.

use std::time::Duration;

const SIZES: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

const DURATIONS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A size in bytes.
///
/// # Errors
///
/// What is wrong with the text.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text).ok_or_else(|| {
        format!("`{text}` is not a size; write a whole number and a unit: `\"64KiB\"`")
    })?;
    scale(number, unit, &SIZES, "a size", "B`, `KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB")
}

/// A length of time.
///
/// # Errors
///
/// What is wrong with the text.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text).ok_or_else(|| {
        format!("`{text}` is not a duration; write a whole number and a unit: `\"25s\"`")
    })?;
    scale(number, unit, &DURATIONS, "a duration", "ms`, `s`, `m` or `h").map(Duration::from_millis)
}

/// So many, or so many bytes, in a second or a minute: `20/s`, `600/min`, `64KiB/s`. The amount, and the
/// seconds.
///
/// # Errors
///
/// What is wrong with the text.
pub(crate) fn rate(text: &str, bytes: bool) -> Result<(u64, u64), String> {
    let example = if bytes { "64KiB/s" } else { "20/s" };
    let wrong = || format!("`{text}` is not a rate; write `\"{example}\"`, with `/s` or `/min`");
    let (amount, unit) = text.split_once('/').ok_or_else(wrong)?;
    let seconds = match unit.trim() {
        "s" => 1,
        "min" => 60,
        _ => return Err(wrong()),
    };
    let amount = if bytes {
        size(amount)?
    } else {
        split(amount).filter(|(_, unit)| unit.is_empty()).ok_or_else(wrong)?.0
    };
    match amount {
        0 => Err(format!("a rate of zero lets nothing through; write `\"{example}\"`, or `off`")),
        amount => Ok((amount, seconds)),
    }
}

/// Digits, and what follows them.
fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if digits.starts_with('_') || unit.starts_with(['.', ',']) {
        return None;
    }
    Some((digits.replace('_', "").parse().ok()?, unit.trim_start()))
}

fn scale(
    number: u64,
    unit: &str,
    units: &[(&str, u64)],
    what: &str,
    known: &str,
) -> Result<u64, String> {
    if let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) {
        return number
            .checked_mul(*factor)
            .ok_or_else(|| format!("{what} of this length overflows"));
    }
    // `KIB` and `sec` are near enough to say what was meant.
    let meant = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit) && !name.is_empty());
    Err(match (unit, meant) {
        ("", _) => format!("{what} needs a unit: `\"{number}s\"`; known are `{known}`"),
        (_, Some((name, _))) => format!("the unit `{unit}` is written `{name}`"),
        _ => format!("`{unit}` is no unit of {what}; write `{known}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("512B", 512),
            ("64KiB", 65_536),
            ("64 KiB", 65_536),
            ("64KB", 64_000),
            ("16MiB", 16 << 20),
            ("1GiB", 1 << 30),
            ("1_000", 1_000),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn rates() {
        assert_eq!(rate("20/s", false), Ok((20, 1)));
        assert_eq!(rate("600 / min", false), Ok((600, 60)));
        assert_eq!(rate("64KiB/s", true), Ok((65_536, 1)));
        for text in ["20", "20/h", "20B/s", "/s", "0/s", "1.5/s"] {
            assert!(rate(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, millis) in [("100ms", 100), ("25s", 25_000), ("2m", 120_000), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, part) in [
            ("", "whole number"),
            ("KiB", "whole number"),
            ("1.5MiB", "whole number"),
            ("-1KiB", "whole number"),
            ("64kib", "is written `KiB`"),
            ("64k", "no unit of a size"),
            ("25s", "no unit of a size"),
            ("99999999999GiB", "overflows"),
        ] {
            let error = size(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        for (text, part) in [
            ("25", "needs a unit: `\"25s\"`"),
            ("25sec", "no unit of a duration"),
            ("25S", "is written `s`"),
            ("2min", "no unit of a duration"),
            ("1.5s", "whole number"),
            ("64KiB", "no unit of a duration"),
        ] {
            let error = duration(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
