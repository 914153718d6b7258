//! The network as a handle.

mod describe;
mod faults;
mod launch;
mod reach;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use ecash_contract_messages::dkg::EpochState;
use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_service::clock::{Clock as _, SystemClock};
use nyx_client::{Address, QueryClient};
use tokio::time::{Instant, sleep};

use crate::{
    dealer::{self, Recipient},
    env_file,
    home::{Accounts, Description, GatewayEntry, Home, SignerEntry},
    journal::FileJournal,
    process::Process,
    progress::Progress,
    setup::{Admin, LOOK_AGAIN, PATIENCE},
};

/// Prefix of addresses.
pub const ADDRESS_PREFIX: &str = nyx_embedded::ADDRESS_PREFIX;
/// Denomination of fees and deposits.
pub const FEE_DENOM: &str = nyx_embedded::FEE_DENOM;
/// Denomination of stake.
pub const STAKE_DENOM: &str = nyx_embedded::STAKE_DENOM;
/// Signers of a network unless said otherwise.
pub const DEFAULT_SIGNERS: u16 = 5;
/// Gateways of a network unless said otherwise.
pub const DEFAULT_GATEWAYS: u16 = 2;
/// Most signers, and most gateways: each is a process.
pub const MAX_MEMBERS: u16 = 20;
/// Name of the account that deploys, admits and funds.
pub const ADMIN: &str = "admin";
/// One NYM in base units.
const NYM: u128 = 1_000_000;

/// What a network is started from.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder. A network that was there before comes up again as it was.
    pub home: PathBuf,
    /// Quorum members, 1 … 20; `None`: as before, or 5.
    pub signers: Option<u16>,
    /// Gateways, 0 … 20; `None`: as before, or 2.
    pub gateways: Option<u16>,
    /// The binary that children run: one whose `main` is [`crate::main()`].
    pub program: PathBuf,
}

impl Options {
    /// A network in `home` with the usual numbers, its children running this very binary.
    ///
    /// # Errors
    /// If the path of this binary is not known.
    pub fn new(home: &Path) -> Result<Self> {
        Ok(Self {
            home: home.to_path_buf(),
            signers: None,
            gateways: None,
            program: std::env::current_exe().context("the path of this program is not known")?,
        })
    }
}

/// A child that has ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The chain.
    Chain,
    /// The signer of this number.
    Signer(u16),
    /// The gateway of this number.
    Gateway(u16),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain => f.write_str("the chain"),
            Self::Signer(number) => write!(f, "signer {number}"),
            Self::Gateway(number) => write!(f, "gateway {number}"),
        }
    }
}

/// A running network. Dropped, its children are killed; [`Network::stop`] ends them cleanly.
pub struct Network {
    home: Home,
    program: PathBuf,
    description: Description,
    accounts: Accounts,
    chain_client: QueryClient,
    http: HttpClient,
    admin: Admin,
    chain: Option<Process>,
    signers: BTreeMap<u16, Process>,
    gateways: BTreeMap<u16, Process>,
}

impl Network {
    /// Brings a network up, whole: chain, contracts, Quorum with keys, gateways admitted and accepting.
    ///
    /// # Errors
    /// If a child does not come up (its error is told, a taken port by name), or the ceremony fails.
    pub async fn start(options: Options, progress: &dyn Progress) -> Result<Self> {
        let mut network = Self::start_quorum(options, progress).await?;
        network.start_gateways(progress).await?;
        Ok(network)
    }

    /// Brings chain, contracts and Quorum up; gateways follow with [`Self::start_gateways`].
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_quorum(options: Options, progress: &dyn Progress) -> Result<Self> {
        let home = Home::take(&options.home)?;
        let (mut description, accounts) = describe::describe(&home, &options)?;
        progress.says("the Quorum's keys come from a dealer inside localnet, not from a ceremony of its members");
        progress.begins("starting the chain");
        let chain = launch::chain(&home, &options.program, &mut description, &accounts).await?;
        let rpc = description.rpc.clone().context("the chain has no URL")?;
        progress.says(&format!(
            "chain {} at {}",
            description.chain_id,
            rpc.as_str().trim_end_matches('/')
        ));
        let chain_client = QueryClient::new(std::slice::from_ref(&rpc))?;
        let journal = FileJournal::open(&home.setup_dir())?;
        let admin = Admin::start(chain_client.clone(), accounts.account(ADMIN)?, journal).await?;
        progress.begins("deploying the contracts");
        let members: Vec<Address> = description
            .signers
            .iter()
            .map(|signer| signer.address.clone())
            .collect();
        description.contracts = Some(admin.deploy(&members).await?);
        home.save(&description)?;
        let mut network = Self {
            home,
            program: options.program,
            description,
            accounts,
            chain_client,
            http: HttpClient::new(HttpOptions::default())?,
            admin,
            chain: Some(chain),
            signers: BTreeMap::new(),
            gateways: BTreeMap::new(),
        };
        let recipients = network.start_signers(progress).await?;
        network.hold_ceremony(&recipients, progress).await?;
        network.write_env_file()?;
        Ok(network)
    }

    async fn start_signers(&mut self, progress: &dyn Progress) -> Result<Vec<Recipient>> {
        let mut recipients = Vec::new();
        for number in self.signer_numbers() {
            progress.begins(&format!("starting signer {number}"));
            recipients.push(self.start_signer(number).await?);
        }
        Ok(recipients)
    }

    /// Waits until the Quorum's keys are in service, dealing them when the exchange opens.
    async fn hold_ceremony(&self, recipients: &[Recipient], progress: &dyn Progress) -> Result<()> {
        let dkg = self.chain_client.dkg(&self.contracts()?.dkg);
        self.admin.initiate_ceremony(dkg.address()).await?;
        let deadline = Instant::now() + PATIENCE;
        let mut shown = None;
        let mut dealt = false;
        loop {
            let epoch = dkg.current_epoch().await?;
            if shown != Some(epoch.state) {
                progress.begins(&format!(
                    "ceremony {}: {}",
                    epoch.epoch_id,
                    phase(epoch.state)
                ));
                shown = Some(epoch.state);
            }
            match epoch.state {
                EpochState::WaitingInitialisation if dealt => {
                    let reason = dkg.ceremony(Some(epoch.epoch_id)).await?.reason;
                    bail!("the ceremony failed: {}", reason.unwrap_or_default());
                }
                EpochState::WaitingInitialisation | EpochState::PublicKeySubmission { .. } => {}
                // Also where the keys are in service already: a dealer that was killed may owe somebody a share.
                _ if !dealt => {
                    let chain_id = &self.description.chain_id;
                    let dir = self.home.dealer_dir();
                    dealer::deal_epoch(&dir, chain_id, &dkg, epoch.epoch_id, recipients).await?;
                    dealt = true;
                    continue;
                }
                EpochState::InProgress => break,
                _ => {}
            }
            ensure!(
                Instant::now() < deadline,
                "the ceremony does not end ({} after {PATIENCE:?}); see the signers' logs",
                phase(epoch.state)
            );
            sleep(LOOK_AGAIN).await;
        }
        progress.begins("waiting for the signers to hold their keys");
        for number in self.signer_numbers() {
            self.await_signer(number, PATIENCE).await?;
        }
        Ok(())
    }

    /// Starts the gateways that do not run, admits those that are not admitted, and waits until all accept tickets.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_gateways(&mut self, progress: &dyn Progress) -> Result<()> {
        let ecash = self.contracts()?.ecash.clone();
        for number in self.gateway_numbers() {
            if !self.gateways.contains_key(&number) {
                progress.begins(&format!("starting gateway {number}"));
                self.start_gateway(number).await?;
            }
        }
        for number in self.gateway_numbers() {
            progress.begins(&format!("admitting gateway {number}"));
            let address = self.gateway(number)?.address.clone();
            self.admin.admit(&ecash, &address).await?;
        }
        for number in self.gateway_numbers() {
            progress.begins(&format!("waiting for gateway {number} to accept tickets"));
            self.await_gateway(number, PATIENCE).await?;
        }
        Ok(())
    }

    /// Ends all children cleanly, gateways first, the chain last.
    ///
    /// # Errors
    /// The first child that did not end well; all are over in any case.
    pub async fn stop(mut self) -> Result<()> {
        let mut first = Ok(());
        for wave in [
            std::mem::take(&mut self.gateways)
                .into_values()
                .collect::<Vec<_>>(),
            std::mem::take(&mut self.signers).into_values().collect(),
            self.chain.take().into_iter().collect(),
        ] {
            let stopping: Vec<_> = wave
                .into_iter()
                .map(|process| tokio::spawn(process.stop()))
                .collect();
            for stopped in stopping {
                let outcome = stopped
                    .await
                    .context("a child's task failed")
                    .and_then(|ended| ended);
                first = first.and(outcome);
            }
        }
        first
    }

    /// Takes the children that have ended by themselves out of the network and names them; they can be started again.
    pub fn reap(&mut self) -> Vec<Ended> {
        let mut ended = Vec::new();
        if self.chain.as_mut().is_some_and(Process::has_ended) {
            self.chain = None;
            ended.push(Ended::Chain);
        }
        self.signers.retain(|number, process| {
            let over = process.has_ended();
            if over {
                ended.push(Ended::Signer(*number));
            }
            !over
        });
        self.gateways.retain(|number, process| {
            let over = process.has_ended();
            if over {
                ended.push(Ended::Gateway(*number));
            }
            !over
        });
        ended
    }

    /// What is known of the network.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Its folder.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The signers' numbers.
    #[must_use]
    pub fn signer_numbers(&self) -> Vec<u16> {
        self.description
            .signers
            .iter()
            .map(|signer| signer.number)
            .collect()
    }

    /// The gateways' numbers.
    #[must_use]
    pub fn gateway_numbers(&self) -> Vec<u16> {
        self.description
            .gateways
            .iter()
            .map(|gateway| gateway.number)
            .collect()
    }

    /// A signer by its number.
    ///
    /// # Errors
    /// If there is none.
    pub fn signer(&self, number: u16) -> Result<&SignerEntry> {
        self.description
            .signers
            .iter()
            .find(|signer| signer.number == number)
            .with_context(|| format!("this network has no signer {number}"))
    }

    /// A gateway by its number.
    ///
    /// # Errors
    /// If there is none.
    pub fn gateway(&self, number: u16) -> Result<&GatewayEntry> {
        self.description
            .gateways
            .iter()
            .find(|gateway| gateway.number == number)
            .with_context(|| format!("this network has no gateway {number}"))
    }

    /// Starts a signer that does not run.
    pub(crate) async fn start_signer(&mut self, number: u16) -> Result<Recipient> {
        let (process, recipient) = launch::signer(
            &self.home,
            &self.program,
            &mut self.description,
            &self.accounts,
            number,
        )
        .await?;
        self.signers.insert(number, process);
        Ok(recipient)
    }

    /// Starts a gateway that does not run.
    async fn start_gateway(&mut self, number: u16) -> Result<()> {
        let process = launch::gateway(
            &self.home,
            &self.program,
            &mut self.description,
            &self.accounts,
            number,
        )
        .await?;
        self.gateways.insert(number, process);
        Ok(())
    }

    fn write_env_file(&self) -> Result<()> {
        let text = env_file::render(&self.description)?;
        ecash_service::files::write_atomic(&self.home.env_file(), text.as_bytes(), 0o644)?;
        Ok(())
    }

    /// The time, as this machine has it.
    pub(crate) fn now() -> ecash_ticketbook::UnixTime {
        ecash_ticketbook::UnixTime(SystemClock::new().now().as_secs())
    }
}

fn phase(state: EpochState) -> &'static str {
    match state {
        EpochState::WaitingInitialisation => "waiting to begin",
        EpochState::PublicKeySubmission { .. } => "members register",
        EpochState::DealingExchange { .. } => "exchange of dealings",
        EpochState::VerificationKeySubmission { .. } => "members submit their key shares",
        EpochState::VerificationKeyValidation { .. } => "members vote on the shares",
        EpochState::VerificationKeyFinalization { .. } => "passed votes are executed",
        EpochState::InProgress => "keys in service",
    }
}
