//! PEM blocks (RFC 7468) around raw key bytes, as node identity files use them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::Error;

/// Characters of base64 per line (RFC 7468, section 2).
const LINE_CHARS: usize = 64;

/// `bytes` as one PEM block labelled `label`, ending in a line feed.
#[must_use]
pub fn encode(label: &'static str, bytes: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(bytes));
    let mut text = Zeroizing::new(String::with_capacity(body.len() * 2 + 80 + label.len() * 2));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for (position, character) in body.chars().enumerate() {
        if position > 0 && position % LINE_CHARS == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// The bytes of the only PEM block in `text`, which must be labelled `label`.
///
/// # Errors
/// [`Error::Pem`] when the first line is not the header of that label, the footer is missing or followed by more, or
/// the body is not base64.
pub fn decode(label: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let fail = |reason| Error::Pem { label, reason };
    let body = text
        .trim()
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.strip_prefix(label))
        .and_then(|rest| rest.strip_prefix("-----"))
        .ok_or_else(|| fail("it does not begin with the header of that label"))?
        .strip_suffix("-----")
        .and_then(|rest| rest.strip_suffix(label))
        .and_then(|rest| rest.strip_suffix("-----END "))
        .ok_or_else(|| fail("it does not end with the footer of that label"))?;
    let mut packed = Zeroizing::new(String::with_capacity(body.len()));
    packed.extend(
        body.chars()
            .filter(|character| !character.is_ascii_whitespace()),
    );
    STANDARD
        .decode(packed.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| fail("its body is not base64"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_block_whatever_its_length() {
        for length in [0_usize, 1, 32, 48, 49, 200] {
            let bytes = vec![7; length];
            let text = encode("ED25519 PRIVATE KEY", &bytes);
            assert!(text.lines().all(|line| line.len() <= LINE_CHARS));
            assert_eq!(*decode("ED25519 PRIVATE KEY", &text).unwrap(), bytes);
        }
    }

    #[test]
    fn another_label_a_missing_footer_and_a_broken_body_are_refused() {
        let text = encode("ED25519 PUBLIC KEY", &[1; 32]);
        assert!(decode("ED25519 PRIVATE KEY", &text).is_err());
        let cut: String = text.chars().take(text.len() - 12).collect();
        assert!(decode("ED25519 PUBLIC KEY", &cut).is_err());
        assert!(decode("ED25519 PUBLIC KEY", &text.replace("AQEB", "A$EB")).is_err());
    }
}
