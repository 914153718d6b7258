//! `nym-api`: the Quorum member. All of it is in the library.

use clap::Parser as _;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match nym_api::cli::Cli::parse().execute().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
