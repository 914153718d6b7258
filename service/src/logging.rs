//! The log: to standard error, filtered, as text or JSON lines.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::Error;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One line of text per event.
    #[default]
    Text,
    /// One JSON object per event.
    Json,
}

/// `[log]` of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// Which events are written, in the syntax of `RUST_LOG`.
    pub filter: String,
    /// How they look.
    pub format: Format,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: Format::Text,
        }
    }
}

/// Installs the log of this process. `filter` is in the syntax of `RUST_LOG` (`info`, `nym_api=debug,warn`);
/// the variable `RUST_LOG`, when set, overrides it.
///
/// # Errors
/// [`Error::Setup`] when the filter does not parse or a log is installed already.
pub fn init(filter: &str, format: Format) -> Result<(), Error> {
    let failed = |reason: String| Error::Setup {
        what: "the log",
        reason,
    };
    let text = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_else(|_| filter.to_owned());
    let filter = EnvFilter::try_new(&text)
        .map_err(|source| failed(format!("`{text}` is not a filter: {source}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().try_init(),
    }
    .map_err(|source| failed(source.to_string()))
}
