//! `ecash export-evidence`: the evidence rows as a file for `verify --evidence`.

use ecash_service::files;
use ecash_wallet::Wallet;
use serde_json::json;

use super::Context;
use super::books::database_of;
use crate::args::ExportEvidence;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn run(_: &Context, args: &ExportEvidence) -> Result<CommandResult, Failure> {
    let rows = Wallet::peek_evidence(&database_of(&args.place)?).await?;
    let bytes = serde_json::to_vec_pretty(&rows)
        .map_err(|error| Failure::new(Exit::Failed, format!("evidence: {error}")))?;
    files::create_private(&args.output_file, &bytes)?;
    Ok(CommandResult {
        text: format!(
            "{} row(s) of evidence are in {}",
            rows.len(),
            args.output_file.display()
        ),
        json: json!({"evidence": rows.len(), "output_file": args.output_file.display().to_string()}),
    })
}
