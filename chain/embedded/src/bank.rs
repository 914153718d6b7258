//! Balances.

/// Whether `text` is a denomination: 3 to 128 characters, a letter first, then letters, digits and `/ : . _ -`.
pub(crate) fn is_denom(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let rest = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/:._-".contains(&b));
    (3..=128).contains(&text.len()) && first && rest
}
