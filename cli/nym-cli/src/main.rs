//! `nym-cli`: the command line of holders.
//!
//! Results go to stdout, everything else to stderr; `--output json` prints exactly one document, also after a failure. Exit
//! codes are those of [`failure::Exit`].

#![forbid(unsafe_code)]

mod args;
mod client_config;
mod commands;
mod environment;
mod failure;
mod input;
mod outbox;
mod output;
mod progress;

use std::io::IsTerminal as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use args::Cli;
use failure::{Exit, Failure};
use output::Printer;
use tracing_subscriber::EnvFilter;

/// Log filter unless `RUST_LOG` says otherwise: progress is told by the commands themselves.
const LOG_FILTER: &str = "warn";

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let printer = Printer::new(cli.global.output);
    start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            return printer.fail(&Failure::new(
                Exit::Failed,
                format!("cannot start: {error}"),
            ));
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(commands::run(cli))));
    // What still runs on other threads has nothing to say any more.
    runtime.shutdown_background();
    match outcome {
        Ok(Ok(result)) => printer.print(&result),
        Ok(Err(failure)) => printer.fail(&failure),
        // The place was told on stderr. Whatever was stored is durable.
        Err(_) => printer.fail(&Failure::new(
            Exit::Failed,
            "this is a fault of the program; what was paid or burned is stored, `ecash status` shows it",
        )),
    }
}

/// Logs go to stderr, by `RUST_LOG`.
fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_FILTER));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        // A closed stderr is nobody's failure.
        .log_internal_errors(false)
        .init();
}

/// Help and version are answers; anything else is a usage error, as JSON where JSON was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args()
        .collect::<Vec<_>>()
        .windows(2)
        .any(|pair| pair == ["--output", "json"])
        || std::env::args().any(|arg| arg == "--output=json");
    if error.use_stderr() && wants_json {
        let text = error.to_string();
        return Printer::new(args::OutputForm::Json)
            .fail(&Failure::new(Exit::Usage, text.trim().to_owned()));
    }
    // A closed pipe is the reader's business.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        ExitCode::SUCCESS
    }
}
