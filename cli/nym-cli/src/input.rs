//! Data given on the command line: base58 text, or a file of bounded size.

use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// Largest file and longest text taken, in bytes: a ticketbook with all it needs has about 20 KiB, evidence is bounded by
/// the wallet.
pub(crate) const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Longest base58 text that is decoded, which takes time with the square of its length.
const MAX_BASE58_CHARS: usize = 64 * 1024;

/// A file, whatever its mode: what was moved between devices is not made stricter by refusing it.
pub(crate) fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |reason: String| {
        Failure::new(
            Exit::Failed,
            format!("cannot read {}: {reason}", path.display()),
        )
    };
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

/// Base58 text of the option `option`; white space around it is that of a shell or an editor.
pub(crate) fn base58(option: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |reason: String| Failure::new(Exit::Failed, format!("{option}: {reason}"));
    if text.len() > MAX_BASE58_CHARS {
        return Err(failed(format!(
            "it has more than {MAX_BASE58_CHARS} characters"
        )));
    }
    bs58::decode(text.trim())
        .into_vec()
        .map(Zeroizing::new)
        .map_err(|error| failed(format!("this is no base58: {error}")))
}

/// A file that holds bytes, or base58 text of them. No record or ticket of ours consists of base58 characters only, as
/// each begins with a length or a count below them.
pub(crate) fn file_or_text(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let bytes = file(path)?;
    let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or("");
    if text.len() > MAX_BASE58_CHARS {
        return Ok(bytes);
    }
    match bs58::decode(text).into_vec() {
        Ok(decoded) if !text.is_empty() => Ok(Zeroizing::new(decoded)),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_no_base58_is_named_by_its_option_and_never_repeated() {
        let failure = base58("--credential-data", "0OIl").unwrap_err();
        assert!(failure.message.starts_with("--credential-data: "));
        assert!(!failure.message.contains("0OIl"), "it may be a secret");
        assert_eq!(base58("x", " 5Q\n").unwrap().as_slice(), &[255]);
    }

    #[test]
    fn a_file_of_base58_text_is_decoded_and_any_other_is_taken_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        for (content, bytes) in [
            (&b"5Q\n"[..], &[255][..]),
            (&[0, 1, 250], &[0, 1, 250]),
            (b"", b""),
            (b"0OIl", b"0OIl"),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(file_or_text(&path).unwrap().as_slice(), bytes);
        }
    }

    #[test]
    fn a_file_that_never_ends_is_cut_off() {
        let failure = file(Path::new("/dev/zero")).unwrap_err();
        assert!(failure.message.contains("more than"), "{}", failure.message);
    }
}
