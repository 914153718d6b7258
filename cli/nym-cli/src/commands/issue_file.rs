//! `ecash issue-ticket-book --output-file` and its recovery: one book whose home is a file.

use std::path::Path;

use ecash_wallet::{FileForm, FileWallet, Report, Seed, WalletError, database_beside};
use serde_json::Value;

use super::conclude::{beside_pending, conclude, report_json};
use super::{Context, quoted};
use crate::args::{IssueTicketBook, RecoverTicketBook};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::CommandResult;

/// Option that holds the seed of the ecash key.
const SECRET: &str = "--bs58-encoded-client-secret";

pub(crate) async fn issue(
    context: &Context,
    args: &IssueTicketBook,
) -> Result<CommandResult, Failure> {
    let (Some(output), Some(secret)) = (&args.output_file, &args.bs58_encoded_client_secret) else {
        return Err(Failure::new(
            Exit::Usage,
            format!("--output-file needs {SECRET}"),
        ));
    };
    if args.count != 1 {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "--count {}: a file holds one ticketbook; call once for each file",
                args.count
            ),
        ));
    }
    let client = Seed::new(input::base58(SECRET, secret)?)
        .map_err(|error| Failure::new(Exit::Failed, format!("{SECRET}: {error}")))?;
    let account = context.account()?;
    let form = FileForm {
        base58: args.bs58_output,
        dates: args.include.include_expiration_date_signatures,
        coins: args.include.include_coin_index_signatures,
        key: args.include.include_master_verification_key,
    };
    let state = database_beside(output);
    let resume = resume(context, output);
    let config = context.wallet_config(state.clone())?;
    let order = FileWallet::start(config, output, &client, args.ticketbook_type, form)
        .await
        .map_err(|error| exists(error, &state, &resume))?;
    context.mark_at_work(order.wallet(), state, resume.clone());
    let outcome = order.obtain(&account, &context.progress).await;
    ended(context, order, outcome, "obtained", &resume).await
}

pub(crate) async fn recover(
    context: &Context,
    args: &RecoverTicketBook,
) -> Result<CommandResult, Failure> {
    let output = args
        .output_file
        .as_deref()
        .ok_or_else(|| Failure::new(Exit::Usage, "give --client-config or --output-file"))?;
    let state = database_beside(output);
    if !state.exists() {
        return Err(Failure::new(
            Exit::Failed,
            format!(
                "nothing is unfinished for {}: there is no state file {}",
                output.display(),
                state.display()
            ),
        ));
    }
    context.say(&state.display().to_string());
    let resume = resume(context, output);
    let config = context.wallet_config(state.clone())?;
    let order = FileWallet::resume(config, output).await?;
    context.mark_at_work(order.wallet(), state, resume.clone());
    let outcome = order.recover(&context.progress).await;
    ended(context, order, outcome, "recovered", &resume).await
}

/// Writes the file where the book is complete; keeps the state file where anything else is true.
async fn ended(
    context: &Context,
    order: FileWallet,
    outcome: Result<Report, WalletError>,
    verb: &str,
    resume: &str,
) -> Result<CommandResult, Failure> {
    let output = order.output().to_path_buf();
    let report = match outcome {
        Ok(report) => report,
        Err(error) => {
            let failure = match order.wallet().stock().await {
                Ok(stock) => beside_pending(error, &stock, resume),
                Err(_) => error.into(),
            };
            order.leave().await?;
            return Err(failure);
        }
    };
    let found = format!("{verb} {} ticketbooks", report.books.len());
    if report.books.is_empty() {
        let ended = conclude(&report, found, resume);
        order.leave().await?;
        return ended;
    }
    context
        .progress
        .step(&format!("writing {}", output.display()));
    if let Err(error) = order.finish().await {
        let details = with_output(report_json(&report), &output);
        return Err(Failure::new(
            Exit::Pending,
            format!("the ticketbook is complete, stored, and not yet in its file: {error}"),
        )
        .next(resume)
        .details(details));
    }
    let ended = conclude(
        &report,
        format!(
            "{found}\nthe ticketbook is in {}: whoever holds the file can spend it",
            output.display()
        ),
        resume,
    )?;
    Ok(CommandResult {
        json: with_output(ended.json, &output),
        ..ended
    })
}

/// The documented report, with where the book is.
fn with_output(mut report: Value, output: &Path) -> Value {
    if let Some(fields) = report.as_object_mut() {
        fields.insert(
            "output_file".to_owned(),
            output.display().to_string().into(),
        );
    }
    report
}

/// A file that is there already may be the end of an interrupted call.
fn exists(error: WalletError, state: &Path, resume: &str) -> Failure {
    let unfinished = matches!(error, WalletError::OutputExists { .. }) && state.exists();
    let failure = Failure::from(error);
    if unfinished {
        failure.next(resume)
    } else {
        failure
    }
}

fn resume(context: &Context, output: &Path) -> String {
    context.command_line(&format!(
        "ecash recover-ticket-book --output-file {}",
        quoted(output)
    ))
}
