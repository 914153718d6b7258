//! `completions` and `man`: generated from the definition of the command line.

use clap::CommandFactory as _;
use serde_json::json;

use crate::args::{Cli, Completions, Man};
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) fn completions(args: &Completions) -> Result<CommandResult, Failure> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    let script = String::from_utf8(script).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("the completions are no text: {error}"),
        )
    })?;
    Ok(CommandResult {
        json: json!({"shell": args.shell.to_string(), "script": script}),
        text: script.trim_end().to_owned(),
    })
}

pub(crate) fn pages(args: &Man) -> Result<CommandResult, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            Exit::Failed,
            format!(
                "cannot write manual pages to {}: {error}",
                args.directory.display()
            ),
        )
    };
    std::fs::create_dir_all(&args.directory).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), &args.directory).map_err(failed)?;
    Ok(CommandResult {
        text: format!("manual pages are in {}", args.directory.display()),
        json: json!({"directory": args.directory.display().to_string()}),
    })
}
