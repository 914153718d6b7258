//! The commands, one file each, and what they share.

mod account;
mod books;
mod conclude;
mod export;
mod export_evidence;
mod gateway_account;
mod generate_ticket;
mod import;
mod internal;
mod issue;
mod issue_file;
mod manual;
mod status;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ecash_requests::IdentityKey;
use ecash_service::clock::{Clock as _, SystemClock};
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::UnixTime;
use ecash_wallet::{Stock, Wallet, WalletConfig, WalletError};
use nyx_client::Account;
use serde_json::json;

use crate::args::{
    AccountCommand, Cli, Command, EcashCommand, Global, InternalCommand, OutputForm,
};
use crate::client_config::ClientConfig;
use crate::environment::Environment;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;
use crate::progress::Progress;

/// How often the fate of a transaction is asked for where the network is on this machine.
const LOCAL_TX_POLL: Duration = Duration::from_millis(200);

/// How long an interrupted command waits for the write under way.
const LAST_WRITE: Duration = Duration::from_secs(10);

/// What every command has at hand.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) environment: Environment,
    pub(crate) progress: Progress,
    /// The wallet in use, once there is one: asked for what is pending after an interruption.
    at_work: Arc<OnceLock<AtWork>>,
    /// What is under way outside a wallet and would have to be followed up.
    sent: Arc<OnceLock<String>>,
}

/// A wallet in use and the command that resumes what it began.
struct AtWork {
    wallet: Wallet,
    database: PathBuf,
    resume: String,
}

/// Runs the command until it ends, or a signal ends it. A signal never breaks a write: whatever was begun is stored, and
/// the exit code says whether something is pending.
pub(crate) async fn run(cli: Cli) -> Result<CommandResult, Failure> {
    let environment = Environment::load(&cli.global)?;
    let context = Context {
        progress: Progress::new(cli.global.quiet),
        environment,
        at_work: Arc::default(),
        sent: Arc::default(),
        global: cli.global,
    };
    let shutdown = Shutdown::on_signals()?;
    let (at_work, sent) = (context.at_work.clone(), context.sent.clone());
    tokio::select! {
        outcome = dispatch(&context, cli.command) => outcome,
        () = shutdown.requested() => Err(interrupted(at_work.get(), sent.get()).await),
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<CommandResult, Failure> {
    match command {
        Command::Account(AccountCommand::Create(args)) => account::create(context, &args),
        Command::Account(AccountCommand::Balance(args)) => account::balance(context, &args).await,
        Command::Account(AccountCommand::Send(args)) => account::send(context, &args).await,
        Command::Ecash(command) => ecash(context, command).await,
        Command::Internal(InternalCommand::Ecash(command)) => internal::run(command),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::pages(&args),
    }
}

async fn ecash(context: &Context, command: EcashCommand) -> Result<CommandResult, Failure> {
    match command {
        EcashCommand::NewClient(args) => books::new_client(&args),
        EcashCommand::IssueTicketBook(args) => issue::issue(context, &args).await,
        EcashCommand::RecoverTicketBook(args) => issue::recover(context, &args).await,
        EcashCommand::ImportTicketBook(args) => {
            args.check()?;
            import::ticket_book(context, &args).await
        }
        EcashCommand::GenerateTicket(args) => generate_ticket::run(context, &args).await,
        EcashCommand::ImportCoinIndexSignatures(args) => {
            import::coin_index_signatures(context, &args).await
        }
        EcashCommand::ImportExpirationDateSignatures(args) => {
            import::expiration_date_signatures(context, &args).await
        }
        EcashCommand::ImportMasterVerificationKey(args) => {
            import::master_verification_key(context, &args).await
        }
        EcashCommand::GatewayAccount(args) => gateway_account::run(context, &args).await,
        EcashCommand::List(args) => books::list(&args).await,
        EcashCommand::Status(args) => status::run(context, &args).await,
        EcashCommand::Verify(args) => verify::run(context, &args).await,
        EcashCommand::ExportTicketBook(args) => export::ticket_book(context, &args).await,
        EcashCommand::ExportEvidence(args) => export_evidence::run(context, &args).await,
    }
}

async fn interrupted(at_work: Option<&AtWork>, sent: Option<&String>) -> Failure {
    if let Some(what) = sent {
        return Failure::new(Exit::Pending, format!("interrupted: {what}"))
            .next("the same command again settles it before it sends anything");
    }
    if let Some(at_work) = at_work
        && let Ok(stock) = at_rest(at_work).await
        && !stock.pending.is_empty()
    {
        return Failure::new(
            Exit::Pending,
            format!(
                "interrupted: {} issuance(s) are paid for or under way, and stored",
                stock.pending.len()
            ),
        )
        .next(&at_work.resume)
        .details(
            json!({"pending": stock.pending.iter().map(books::issuance_json).collect::<Vec<_>>()}),
        );
    }
    Failure::new(Exit::Interrupted, "interrupted; nothing is pending")
}

/// What the wallet holds once the write under way is over.
async fn at_rest(at_work: &AtWork) -> Result<Stock, WalletError> {
    if tokio::time::timeout(LAST_WRITE, at_work.wallet.close())
        .await
        .is_err()
    {
        tracing::warn!("the wallet does not come to rest; what it holds is read beside it");
    }
    Wallet::peek(&at_work.database, now()).await
}

/// The clock of the machine.
pub(crate) fn now() -> UnixTime {
    UnixTime(SystemClock::new().now().as_secs())
}

impl Context {
    /// Opens a client's wallet.
    pub(crate) async fn wallet(&self, client: &ClientConfig) -> Result<Wallet, Failure> {
        let seed = client.seed()?;
        let database = client.wallet_database();
        let mut config = self.wallet_config(database.clone())?;
        config.credentials = Some(client.credentials_database.clone());
        let wallet = Wallet::open(config, &seed).await?;
        self.mark_at_work(&wallet, database, self.resume(client));
        Ok(wallet)
    }

    /// How the wallet of this process works.
    pub(crate) fn wallet_config(&self, database: PathBuf) -> Result<WalletConfig, Failure> {
        let network = self.environment.network()?;
        let local = network
            .rpc
            .iter()
            .all(|url| url.host_str().is_some_and(|host| host.starts_with("127.")));
        let mut config = WalletConfig::new(database, network);
        config.wait = Duration::from_secs(self.global.wait);
        if local {
            config.tx_poll = LOCAL_TX_POLL;
        }
        Ok(config)
    }

    /// Remembers the wallet that is to be asked for what is pending after an interruption.
    pub(crate) fn mark_at_work(&self, wallet: &Wallet, database: PathBuf, resume: String) {
        // The first wallet of a process is the only one.
        let _ = self.at_work.set(AtWork {
            wallet: wallet.clone(),
            database,
            resume,
        });
    }

    /// The command that goes on with what a client has paid for.
    pub(crate) fn resume(&self, client: &ClientConfig) -> String {
        self.command_line(&format!(
            "ecash recover-ticket-book --client-config {}",
            quoted(&client.path)
        ))
    }

    /// A command line of this program for the network that this one was given.
    pub(crate) fn command_line(&self, command: &str) -> String {
        let network = self
            .global
            .config_env_file
            .as_deref()
            .map_or(String::new(), |path| format!("-c {} ", quoted(path)));
        format!("nym-cli {network}{command}")
    }

    /// What the reference prints while it works: a result in table form, a note otherwise.
    pub(crate) fn say(&self, text: &str) {
        match self.global.output {
            OutputForm::Table => {
                // A pipe closed by the reader is its decision.
                let _ = writeln!(std::io::stdout(), "{text}");
            }
            OutputForm::Json => self.progress.note(text),
        }
    }

    /// The account of the mnemonic.
    pub(crate) fn account(&self) -> Result<Account, Failure> {
        let mnemonic = self.environment.mnemonic(&self.global).ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                "this command signs a transaction: set MNEMONIC, or give --mnemonic",
            )
        })?;
        Ok(Account::from_mnemonic(
            &mnemonic,
            self.environment.prefix(),
        )?)
    }

    /// Remembers that something left the machine and would have to be followed up.
    pub(crate) fn mark_sent(&self, what: String) {
        let _ = self.sent.set(what);
    }
}

/// A path as a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%:=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A provider key: base58 of 32 canonical bytes of large order.
pub(crate) fn provider_key(text: &str) -> Result<IdentityKey, Failure> {
    IdentityKey::from_base58(text)
        .map_err(|error| Failure::new(Exit::Failed, format!("--provider: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted(Path::new("net/a-b_c.toml")), "net/a-b_c.toml");
        assert_eq!(quoted(Path::new("my client/a.toml")), "'my client/a.toml'");
        assert_eq!(quoted(Path::new("it's")), "'it'\\''s'");
        assert_eq!(quoted(Path::new("$(x)")), "'$(x)'");
    }
}
