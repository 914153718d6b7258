//! Results: a table for people or one JSON document, on stdout; messages on stderr.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

use crate::args::OutputForm;
use crate::failure::{Exit, Failure};

/// A table as wide as the terminal, or as its content where there is none.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}

/// What a command found.
#[derive(Clone, Debug)]
pub(crate) struct CommandResult {
    /// For people.
    pub(crate) text: String,
    /// For programs.
    pub(crate) json: Value,
}

/// Prints in the form asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer(OutputForm);

impl Printer {
    pub(crate) const fn new(form: OutputForm) -> Self {
        Self(form)
    }

    pub(crate) fn print(self, result: &CommandResult) -> ExitCode {
        let text = match self.0 {
            OutputForm::Table => result.text.clone(),
            OutputForm::Json => result.json.to_string(),
        };
        written(&text, Exit::Done)
    }

    pub(crate) fn fail(self, failure: &Failure) -> ExitCode {
        match self.0 {
            OutputForm::Json => written(&failure.to_json().to_string(), failure.exit),
            OutputForm::Table => {
                if let Some(found) = &failure.found {
                    let _ = written(found, failure.exit);
                }
                let next = failure
                    .next
                    .as_ref()
                    .map_or(String::new(), |next| format!("\nNext: {next}"));
                // Where stderr is closed nobody reads it.
                let _ = writeln!(std::io::stderr(), "Error: {}{next}", failure.message);
                failure.exit.into()
            }
        }
    }
}

/// A pipe closed by the reader is its decision, not a failure.
fn written(text: &str, exit: Exit) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
    {
        Ok(()) => exit.into(),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "Error: cannot write the result: {error}");
            Exit::Failed.into()
        }
    }
}
