//! Configuration in layers: TOML file, then environment, then flags; the later layer wins, key by key.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::Error;

/// The largest configuration file that is read, in bytes.
pub const MAX_CONFIG_BYTES: u64 = 1024 * 1024;

/// Separates the levels of a key in the name of an environment variable.
const LEVEL_SEPARATOR: &str = "__";

/// Collects the layers of a configuration and reads a typed value from them.
///
/// ```text
/// Layers::new().file(path)?.env("NYMAPI", std::env::vars())?.set("http.bind", Some(bind))?.read::<Config>()
/// ```
#[derive(Debug, Default)]
pub struct Layers {
    table: Table,
    origins: Vec<String>,
}

impl Layers {
    /// No layer yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a TOML file.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::TooLarge`], [`Error::NotText`], [`Error::ConfigSyntax`].
    pub fn file(self, path: &Path) -> Result<Self, Error> {
        let size_bytes = std::fs::metadata(path)
            .map_err(Error::io("read configuration", path))?
            .len();
        if size_bytes > MAX_CONFIG_BYTES {
            return Err(Error::TooLarge {
                path: path.to_path_buf(),
                size_bytes,
                limit_bytes: MAX_CONFIG_BYTES,
            });
        }
        let bytes = std::fs::read(path).map_err(Error::io("read configuration", path))?;
        let text = String::from_utf8(bytes).map_err(|_| Error::NotText {
            path: path.to_path_buf(),
        })?;
        let mut layers = self.text(&text, path)?;
        layers.origins.push(path.display().to_string());
        Ok(layers)
    }

    fn text(mut self, text: &str, path: &Path) -> Result<Self, Error> {
        let table = text
            .parse::<Table>()
            .map_err(|source| Error::ConfigSyntax {
                path: path.to_path_buf(),
                message: source.to_string(),
            })?;
        merge(&mut self.table, table);
        Ok(self)
    }

    /// Adds the variables that begin with `prefix` and two underscores: `PREFIX__HTTP__BIND` is the key `http.bind`.
    /// A value that is a TOML boolean, number, array or quoted string counts as that, everything else as text.
    ///
    /// # Errors
    /// [`Error::Config`] when a variable names a key below one that is not a table.
    pub fn env(
        mut self,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let mut used = false;
        for (name, text) in variables {
            let Some(key) = name
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix(LEVEL_SEPARATOR))
            else {
                continue;
            };
            let key = key.to_ascii_lowercase().replace(LEVEL_SEPARATOR, ".");
            self.put(&key, value_of(&text), &name)?;
            used = true;
        }
        if used {
            self.origins
                .push(format!("environment {prefix}{LEVEL_SEPARATOR}*"));
        }
        Ok(self)
    }

    /// Sets one dotted key, as a flag does; `None` leaves it.
    ///
    /// # Errors
    /// [`Error::Config`] when `key` is below one that is not a table.
    pub fn set(mut self, key: &str, value: Option<impl Into<Value>>) -> Result<Self, Error> {
        if let Some(value) = value {
            self.put(key, value.into(), "flag")?;
            self.origins.push(format!("flag for {key}"));
        }
        Ok(self)
    }

    /// The typed configuration. Give `T` `#[serde(deny_unknown_fields)]`, so that a misspelt key is named.
    ///
    /// # Errors
    /// [`Error::Config`] with the key that is missing, unknown or of another type.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        let origin = if self.origins.is_empty() {
            "defaults only".to_owned()
        } else {
            self.origins.join(", ")
        };
        Value::Table(self.table)
            .try_into()
            .map_err(|source: toml::de::Error| Error::Config {
                origin,
                message: source.to_string().trim().replace('\n', " "),
            })
    }

    fn put(&mut self, key: &str, value: Value, origin: &str) -> Result<(), Error> {
        let mut table = &mut self.table;
        let mut levels = key.split('.').peekable();
        while let Some(level) = levels.next() {
            if levels.peek().is_none() {
                table.insert(level.to_owned(), value);
                return Ok(());
            }
            table = match table
                .entry(level.to_owned())
                .or_insert_with(|| Value::Table(Table::new()))
            {
                Value::Table(inner) => inner,
                _ => {
                    return Err(Error::Config {
                        origin: origin.to_owned(),
                        message: format!("`{key}`: `{level}` is a value, not a section"),
                    });
                }
            };
        }
        Ok(())
    }
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(more)) => merge(inner, more),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn value_of(text: &str) -> Value {
    format!("v = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| (table.len() == 1).then(|| table.remove("v")).flatten())
        .filter(|value| !matches!(value, Value::Datetime(_)))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        name: String,
        http: Http,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Http {
        bind: String,
        workers: u16,
    }

    const FILE: &str = "name = \"file\"\n[http]\nbind = \"127.0.0.1:1\"\nworkers = 1\n";

    fn layers() -> Layers {
        Layers::new().text(FILE, Path::new("example.toml")).unwrap()
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn the_environment_overrides_the_file_and_a_flag_overrides_both() {
        let example: Example = layers()
            .env(
                "EX",
                variables(&[
                    ("EX__HTTP__WORKERS", "7"),
                    ("EX__NAME", "env"),
                    ("OTHER__NAME", "no"),
                ]),
            )
            .unwrap()
            .set("name", Some("flag"))
            .unwrap()
            .set("http.bind", None::<&str>)
            .unwrap()
            .read()
            .unwrap();
        let http = Http {
            bind: "127.0.0.1:1".to_owned(),
            workers: 7,
        };
        assert_eq!(
            example,
            Example {
                name: "flag".to_owned(),
                http
            }
        );
    }

    #[test]
    fn text_in_the_environment_needs_no_quotes() {
        let read = |text: &str| value_of(text);
        assert_eq!(read("127.0.0.1:0"), Value::String("127.0.0.1:0".to_owned()));
        assert_eq!(read("2026-11-25"), Value::String("2026-11-25".to_owned()));
        assert_eq!(read("\"12\""), Value::String("12".to_owned()));
        assert_eq!(read("12"), Value::Integer(12));
        assert_eq!(read("1\nx = 2"), Value::String("1\nx = 2".to_owned()));
    }

    #[test]
    fn an_unknown_key_a_missing_key_and_a_wrong_type_are_named() {
        let unknown = layers()
            .set("http.bnid", Some("x"))
            .unwrap()
            .read::<Example>()
            .unwrap_err();
        assert!(unknown.to_string().contains("bnid"), "{unknown}");
        let missing = Layers::new()
            .set("name", Some("x"))
            .unwrap()
            .read::<Example>()
            .unwrap_err();
        assert!(missing.to_string().contains("http"), "{missing}");
        let wrong = layers()
            .set("http.workers", Some("many"))
            .unwrap()
            .read::<Example>()
            .unwrap_err();
        assert!(wrong.to_string().contains("workers"), "{wrong}");
    }

    #[test]
    fn a_key_below_a_value_is_refused() {
        assert!(layers().set("name.first", Some("x")).is_err());
    }

    #[test]
    fn a_file_that_is_not_toml_is_named_with_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broken.toml");
        std::fs::write(&path, "name = \"x\"\n[http\n").unwrap();
        let error = Layers::new().file(&path).unwrap_err().to_string();
        assert!(
            error.contains("broken.toml") && error.contains("line 2"),
            "{error}"
        );
    }
}
