//! The network as a handle.

mod launch;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use cosmwasm_std::Coin;
use ecash_contract_messages::dkg::EpochState;
use ecash_requests::{
    IdentityKey,
    gateway::GatewayClient,
    http::{HttpClient, HttpOptions},
    quorum::{QuorumClient, SignerStatusBody},
};
use ecash_service::clock::{Clock as _, SystemClock};
use nyx_client::{Account, Address, Included, Msg, QueryClient};
use rand::Rng as _;
use tokio::time::{Instant, sleep};
use url::Url;

use crate::{
    dealer::{self, Recipient},
    env_file,
    home::{Accounts, Description, GatewayEntry, Home, SignerEntry},
    journal::FileJournal,
    process::Process,
    progress::Progress,
    setup::{Admin, LOOK_AGAIN, PATIENCE},
    status::gateway_status,
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
/// Accounts that are funded for a person to use.
const PEOPLE: [&str; 2] = ["alice", "bob"];
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
        let (mut description, accounts) = describe(&home, &options)?;
        progress.begins("starting the chain");
        let chain = launch::chain(&home, &options.program, &mut description, &accounts).await?;
        let rpc = description.rpc.clone().context("the chain has no URL")?;
        progress.says(&format!("chain {} at {rpc}", description.chain_id));
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
                EpochState::InProgress => break,
                EpochState::WaitingInitialisation if shown.is_some() && dealt => {
                    let reason = dkg.ceremony(Some(epoch.epoch_id)).await?.reason;
                    bail!("the ceremony failed: {}", reason.unwrap_or_default());
                }
                EpochState::WaitingInitialisation | EpochState::PublicKeySubmission { .. } => {}
                _ if dealt => {}
                _ => {
                    progress.says(
                        "keys come from a dealer inside localnet, not from a ceremony of the members",
                    );
                    let chain_id = &self.description.chain_id;
                    let dir = self.home.dealer_dir();
                    dealer::deal_epoch(&dir, chain_id, &dkg, epoch.epoch_id, recipients).await?;
                    dealt = true;
                }
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

    /// Names of the children that have ended by themselves.
    pub fn ended(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        if self.chain.as_mut().is_some_and(Process::has_ended) {
            names.push("chain".to_owned());
        }
        for (kind, children) in [
            ("signer", &mut self.signers),
            ("gateway", &mut self.gateways),
        ] {
            for (number, process) in children {
                if process.has_ended() {
                    names.push(format!("{kind} {number}"));
                }
            }
        }
        names
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

    /// A client of its chain.
    #[must_use]
    pub fn chain(&self) -> &QueryClient {
        &self.chain_client
    }

    /// The contracts.
    ///
    /// # Errors
    /// Never with a started network.
    pub fn contracts(&self) -> Result<&crate::home::Contracts> {
        self.description.contracts.as_ref().context("no contracts")
    }

    /// The network as a wallet takes it.
    ///
    /// # Errors
    /// Never with a started network.
    pub fn wallet_network(&self) -> Result<ecash_wallet::NetworkConfig> {
        let contracts = self.contracts()?;
        Ok(ecash_wallet::NetworkConfig {
            chain_id: Some(self.description.chain_id.clone()),
            rpc: self.description.rpc.iter().cloned().collect(),
            ecash_contract: contracts.ecash.to_string(),
            dkg_contract: contracts.dkg.to_string(),
            denom: FEE_DENOM.to_owned(),
        })
    }

    /// A funded account of `accounts.json`: `admin`, `alice`, `bob`, `signer-1`, `gateway-1`, …
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn account(&self, name: &str) -> Result<Account> {
        self.accounts.account(name)
    }

    /// Sends coins of [`FEE_DENOM`] from the admin's account.
    ///
    /// # Errors
    /// If the transaction fails.
    pub async fn fund(&self, to: &Address, amount: u128) -> Result<Included> {
        let coins = vec![Coin::new(amount, FEE_DENOM)];
        self.admin.send(vec![Msg::send(to, coins)]).await
    }

    /// Executes a contract message from the admin's account.
    ///
    /// # Errors
    /// If the transaction fails.
    pub async fn admin_executes(
        &self,
        contract: &Address,
        message: &impl serde::Serialize,
    ) -> Result<Included> {
        let message = Msg::execute(contract, message, Vec::new())?;
        self.admin.send(vec![message]).await
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

    /// A client of a signer.
    ///
    /// # Errors
    /// If there is no such signer.
    pub fn signer_client(&self, number: u16) -> Result<QuorumClient> {
        let url = base(self.signer(number)?.url.as_ref())?;
        Ok(QuorumClient::new(self.http.clone(), &url)?)
    }

    /// A client of a gateway's public listener.
    ///
    /// # Errors
    /// If there is no such gateway.
    pub fn gateway_client(&self, number: u16) -> Result<GatewayClient> {
        let url = base(self.gateway(number)?.url.as_ref())?;
        Ok(GatewayClient::new(self.http.clone(), &url)?)
    }

    /// A client of a gateway's loopback listener.
    ///
    /// # Errors
    /// If there is no such gateway.
    pub fn gateway_loopback_client(&self, number: u16) -> Result<GatewayClient> {
        let url = base(self.gateway(number)?.loopback_url.as_ref())?;
        Ok(GatewayClient::new(self.http.clone(), &url)?)
    }

    /// A gateway's identity key.
    ///
    /// # Errors
    /// If there is no such gateway.
    pub fn gateway_identity(&self, number: u16) -> Result<IdentityKey> {
        let gateway = self.gateway(number)?;
        let key = gateway
            .identity_key
            .as_ref()
            .context("it has not started yet")?;
        Ok(IdentityKey::from_base58(key)?)
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

    /// SIGKILL to a signer.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_signer(&mut self, number: u16) -> Result<()> {
        let process = self.signers.remove(&number);
        process
            .with_context(|| format!("signer {number} does not run"))?
            .kill()
            .await
    }

    /// Starts a killed or stopped signer again.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn restart_signer(&mut self, number: u16) -> Result<()> {
        ensure!(!self.signers.contains_key(&number), "signer {number} runs");
        self.start_signer(number).await?;
        Ok(())
    }

    /// SIGKILL to a gateway.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_gateway(&mut self, number: u16) -> Result<()> {
        let process = self.gateways.remove(&number);
        process
            .with_context(|| format!("gateway {number} does not run"))?
            .kill()
            .await
    }

    /// Ends a gateway cleanly.
    ///
    /// # Errors
    /// If it does not run, or does not end well.
    pub async fn stop_gateway(&mut self, number: u16) -> Result<()> {
        let process = self.gateways.remove(&number);
        process
            .with_context(|| format!("gateway {number} does not run"))?
            .stop()
            .await
    }

    /// Starts a killed or stopped gateway again.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn restart_gateway(&mut self, number: u16) -> Result<()> {
        ensure!(
            !self.gateways.contains_key(&number),
            "gateway {number} runs"
        );
        self.start_gateway(number).await
    }

    /// SIGKILL to the chain.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_chain(&mut self) -> Result<()> {
        self.chain
            .take()
            .context("the chain does not run")?
            .kill()
            .await
    }

    /// Starts the killed chain again, on its port.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn restart_chain(&mut self) -> Result<()> {
        ensure!(self.chain.is_none(), "the chain runs");
        let chain = launch::chain(
            &self.home,
            &self.program,
            &mut self.description,
            &self.accounts,
        )
        .await?;
        self.chain = Some(chain);
        Ok(())
    }

    /// Process id of a running signer.
    #[must_use]
    pub fn signer_process(&self, number: u16) -> Option<u32> {
        self.signers.get(&number).and_then(Process::id)
    }

    /// What a signer says of itself, signed with its identity key.
    ///
    /// # Errors
    /// If it does not answer, or the signature is not its own.
    pub async fn signer_status(&self, number: u16) -> Result<SignerStatusBody> {
        crate::status::signer_status(&self.http, self.signer(number)?).await
    }

    /// What a gateway says of itself to its operator.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn gateway_status(&self, number: u16) -> Result<nym_gateway::http::Status> {
        gateway_status(self.gateway(number)?).await
    }

    /// Waits until a signer holds a key and signs.
    ///
    /// # Errors
    /// If it does not within `patience`; says what it last said.
    pub async fn await_signer(&self, number: u16, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let status = self.signer_status(number).await;
            if status
                .as_ref()
                .is_ok_and(|status| status.has_signing_keys && !status.signer_disabled)
            {
                return Ok(());
            }
            if Instant::now() > deadline {
                let said =
                    status.map_or_else(|error| format!("{error:#}"), |body| format!("{body:?}"));
                bail!("signer {number} holds no key after {patience:?}: {said}");
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until a gateway accepts tickets.
    ///
    /// # Errors
    /// If it does not within `patience`; says what it last said.
    pub async fn await_gateway(&self, number: u16, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let status = self.gateway_status(number).await;
            if status.as_ref().is_ok_and(|status| status.accepting) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let said = status.map_or_else(
                    |error| format!("{error:#}"),
                    |status| format!("registry {:?}, epochs {:?}", status.registry, status.epochs),
                );
                bail!("gateway {number} accepts nothing after {patience:?}: {said}");
            }
            sleep(LOOK_AGAIN).await;
        }
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

/// The network that lies in `home`, or a new one.
fn describe(home: &Home, options: &Options) -> Result<(Description, Accounts)> {
    if let (Some(description), Some(accounts)) = (home.description()?, home.accounts()?) {
        for (what, asked, there) in [
            ("signers", options.signers, description.signers.len()),
            ("gateways", options.gateways, description.gateways.len()),
        ] {
            if let Some(asked) = asked
                && usize::from(asked) != there
            {
                bail!(
                    "the network in {} has {there} {what}, not {asked}; give that number or none, or another --home",
                    home.path().display()
                );
            }
        }
        return Ok((description, accounts));
    }
    let signers = options.signers.unwrap_or(DEFAULT_SIGNERS);
    let gateways = options.gateways.unwrap_or(DEFAULT_GATEWAYS);
    ensure!(
        (1..=MAX_MEMBERS).contains(&signers),
        "{signers} signers; a local network has 1 to {MAX_MEMBERS}"
    );
    ensure!(
        gateways <= MAX_MEMBERS,
        "{gateways} gateways; a local network has at most {MAX_MEMBERS}"
    );
    let names = [ADMIN]
        .into_iter()
        .chain(PEOPLE)
        .map(str::to_owned)
        .chain((1..=signers).map(launch::signer_account))
        .chain((1..=gateways).map(launch::gateway_account));
    let accounts = Accounts::generate(names)?;
    let address = |name: String| Ok::<_, anyhow::Error>(accounts.entry(&name)?.address.clone());
    let description = Description {
        chain_id: format!("zknym-local-{:08x}", rand::thread_rng().r#gen::<u32>()),
        rpc: None,
        threshold: ecash_contract_messages::dkg::threshold(signers.into()),
        contracts: None,
        signers: (1..=signers)
            .map(|number| {
                Ok(SignerEntry {
                    number,
                    address: address(launch::signer_account(number))?,
                    url: None,
                    identity_key: None,
                })
            })
            .collect::<Result<_>>()?,
        gateways: (1..=gateways)
            .map(|number| {
                Ok(GatewayEntry {
                    number,
                    address: address(launch::gateway_account(number))?,
                    url: None,
                    loopback_url: None,
                    identity_key: None,
                    roles: launch::roles(number),
                })
            })
            .collect::<Result<_>>()?,
    };
    home.save_accounts(&accounts)?;
    home.save(&description)?;
    Ok((description, accounts))
}

/// What a genesis account holds, by its name.
fn genesis_amount(name: &str) -> u128 {
    match name {
        ADMIN => 1_000_000 * NYM,
        _ => 1_000 * NYM,
    }
}

fn base(url: Option<&Url>) -> Result<String> {
    let url = url.context("it has not started yet")?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
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
