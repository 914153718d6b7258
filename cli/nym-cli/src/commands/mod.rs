//! The commands, one file each, and what they share.

mod account;
mod books;
mod export;
mod export_evidence;
mod gateway_account;
mod generate_ticket;
mod import;
mod internal;
mod issue;
mod manual;
mod status;
mod verify;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ecash_requests::IdentityKey;
use ecash_service::clock::{Clock as _, SystemClock};
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::UnixTime;
use ecash_wallet::{Wallet, WalletConfig};
use nyx_client::Account;

use crate::args::{AccountCommand, Cli, Command, EcashCommand, Global, InternalCommand};
use crate::client_config::ClientConfig;
use crate::environment::Environment;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;
use crate::progress::Progress;

/// How often the fate of a transaction is asked for where the network is on this machine.
const LOCAL_TX_POLL: Duration = Duration::from_millis(200);

/// What every command has at hand.
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) environment: Environment,
    pub(crate) progress: Progress,
    /// The database of the wallet in use, once there is one: asked for what is pending after an interruption.
    wallet_database: Arc<OnceLock<PathBuf>>,
    /// What is under way outside a wallet and would have to be followed up.
    sent: Arc<OnceLock<String>>,
}

/// Runs the command until it ends, or a signal ends it. A signal never breaks a write: whatever was begun is stored, and
/// the exit code says whether something is pending.
pub(crate) async fn run(cli: Cli) -> Result<CommandResult, Failure> {
    let environment = Environment::load(&cli.global)?;
    let context = Context {
        progress: Progress::new(cli.global.quiet),
        environment,
        wallet_database: Arc::default(),
        sent: Arc::default(),
        global: cli.global,
    };
    let shutdown = Shutdown::on_signals()?;
    let (database, sent) = (context.wallet_database.clone(), context.sent.clone());
    tokio::select! {
        outcome = dispatch(&context, cli.command) => outcome,
        () = shutdown.requested() => Err(interrupted(database.get(), sent.get()).await),
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
        EcashCommand::ImportTicketBook(args) => import::ticket_book(context, &args).await,
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

async fn interrupted(database: Option<&PathBuf>, sent: Option<&String>) -> Failure {
    if let Some(what) = sent {
        return Failure::new(Exit::Pending, format!("interrupted: {what}"))
            .next("the same command again settles it before it sends anything");
    }
    if let Some(path) = database
        && let Ok(stock) = Wallet::peek(path, now()).await
        && !stock.pending.is_empty()
    {
        return Failure::new(
            Exit::Pending,
            format!(
                "interrupted: {} issuance(s) are paid for or under way, and stored",
                stock.pending.len()
            ),
        )
        .next("nym-cli ecash recover-ticket-book --client-config <TOML>");
    }
    Failure::new(Exit::Interrupted, "interrupted; nothing is pending")
}

/// The clock of the machine.
pub(crate) fn now() -> UnixTime {
    UnixTime(SystemClock::new().now().as_secs())
}

impl Context {
    /// Opens a client's wallet.
    pub(crate) async fn wallet(&self, client: &ClientConfig) -> Result<Wallet, Failure> {
        let network = self.environment.network()?;
        let local = network
            .rpc
            .iter()
            .all(|url| url.host_str().is_some_and(|host| host.starts_with("127.")));
        let mut config = WalletConfig::new(client.wallet_database(), network);
        config.wait = Duration::from_secs(self.global.wait);
        if local {
            config.tx_poll = LOCAL_TX_POLL;
        }
        let wallet = Wallet::open(config, &client.seed()?).await?;
        // The first wallet of a process is the only one.
        let _ = self.wallet_database.set(client.wallet_database());
        Ok(wallet)
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

/// A provider key: base58 of 32 canonical bytes of large order.
pub(crate) fn provider_key(text: &str) -> Result<IdentityKey, Failure> {
    IdentityKey::from_base58(text)
        .map_err(|error| Failure::new(Exit::Failed, format!("--provider: {error}")))
}
