//! Secrets are named in configuration, never written there: `env:NAME` or `file:/path`.

use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::{Error, files};

/// The largest file that is read as a secret, in bytes.
pub const MAX_SECRET_BYTES: u64 = 16 * 1024;

/// Where a secret is to be found. Printing it shows the place, not the secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A private file (see [`files::read_private`]); a trailing line break does not belong to the secret.
    File(PathBuf),
}

impl SecretRef {
    /// Reads the secret.
    ///
    /// # Errors
    /// [`Error::SecretMissing`], [`Error::SecretEmpty`], [`Error::NotText`], and what [`files::read_private`] returns.
    pub fn load(&self) -> Result<Secret, Error> {
        match self {
            Self::Env(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(Secret(Zeroizing::new(value))),
                _ => Err(Error::SecretMissing { name: name.clone() }),
            },
            Self::File(path) => {
                let bytes = files::read_private(path, MAX_SECRET_BYTES)?;
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| Error::NotText { path: path.clone() })?
                    .trim_end_matches(['\r', '\n']);
                if text.is_empty() {
                    return Err(Error::SecretEmpty { path: path.clone() });
                }
                Ok(Secret(Zeroizing::new(text.to_owned())))
            }
        }
    }
}

impl FromStr for SecretRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            _ => Err(Error::SecretReference { length: text.len() }),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Zeroizing::new(text).parse()
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

impl std::fmt::Display for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

/// A secret text: zeroized when dropped, never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over a secret that came from elsewhere.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_secret_written_in_place_is_refused_and_not_repeated_in_the_message() {
        let error = "abandon abandon about".parse::<SecretRef>().unwrap_err();
        assert!(!error.to_string().contains("abandon"));
        assert!("env:".parse::<SecretRef>().is_err());
        assert!("file:".parse::<SecretRef>().is_err());
    }

    #[test]
    fn a_secret_file_is_read_without_its_line_break_and_refused_when_others_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        files::write_private(&path, b"correct horse\n").unwrap();
        let reference = SecretRef::File(path.clone());
        assert_eq!(
            reference.load().unwrap_or_else(|e| panic!("{e}")).expose(),
            "correct horse"
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            reference.load(),
            Err(Error::TooWide { mode: 0o640, .. })
        ));
    }

    #[test]
    fn an_empty_secret_file_and_an_unset_variable_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        files::write_private(&path, b"\n").unwrap();
        assert!(matches!(
            SecretRef::File(path).load(),
            Err(Error::SecretEmpty { .. })
        ));
        let unset = SecretRef::Env("ZKNYM_A_VARIABLE_THAT_NOBODY_SETS".to_owned());
        assert!(matches!(unset.load(), Err(Error::SecretMissing { .. })));
    }
}
