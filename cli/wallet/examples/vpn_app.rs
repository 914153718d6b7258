//! A VPN app in small: it keeps a stock of tickets, tops it up in the background, and spends them at two gateways. Started
//! again, even after it was killed, it goes on where it was.
//!
//! ```text
//! set -a; . <localnet home>/localnet.env; set +a
//! MNEMONIC="…" cargo run -p ecash-wallet --example vpn_app -- <folder> <tickets>
//! ```
//! The network and the paying account come from the environment, as `localnet up` describes them; `<folder>` keeps the
//! app's seed, its gateway accounts and the wallet.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use ecash_requests::gateway::{AccountBody, AccountToken};
use ecash_requests::{IdentitySecret, RequestsError};
use ecash_service::files;
use ecash_ticketbook::TicketType;
use ecash_wallet::{
    Advice, Fate, Gateway, NetworkConfig, Seed, Spending, StockPolicy, Wallet, WalletConfig,
    WalletError,
};
use nyx_client::Account;
use rand::RngCore as _;
use rand::rngs::OsRng;
use tokio::sync::watch;
use zeroize::Zeroizing;

/// What the app spends: tickets of the type that gateways of this role take.
const TYPE: TicketType = TicketType::WireguardEntry;
/// What a gateway answers to a registration that is no later than the last one.
const CONFLICT: u16 = 409;
/// Registrations that are tried again.
const MAX_SIGN_UP_TRIES: u32 = 3;
/// After a top-up that failed and can succeed later.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(10);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let (Some(folder), Some(tickets)) = (args.next(), args.next()) else {
        return Err("usage: vpn_app <folder> <tickets>".into());
    };
    let (folder, tickets) = (Path::new(&folder), tickets.parse::<usize>()?);
    files::create_private_dir(folder)?;

    let seed = Seed::new(secret(&folder.join("seed"))?)?;
    let config = WalletConfig::new(folder.join("app.wallet.sqlite"), network()?);
    let wallet = Wallet::open(config, &seed).await.map_err(shown)?;

    let (stocked, in_stock) = watch::channel(false);
    let background = tokio::spawn(keep_stocked(wallet.clone(), account()?, stocked));
    let outcome = browse(&wallet, folder, tickets, in_stock).await;
    background.abort();
    wallet.close().await;
    outcome
}

/// Tops the stock up by the published clients' policy, for as long as the app runs.
async fn keep_stocked(wallet: Wallet, account: Account, stocked: watch::Sender<bool>) {
    let policy = StockPolicy::of([TYPE]);
    loop {
        // A device's clock may have been set since; without an answer the last measurement stands.
        if let Err(error) = wallet.check_clock(&()).await {
            println!("{}", shown(error));
        }
        let pause = match wallet.top_up(&account, &policy, &()).await {
            Ok(reports) => {
                for report in reports {
                    println!(
                        "topped up: {} book(s), {} pending",
                        report.books.len(),
                        report.pending.len()
                    );
                }
                Duration::from_secs(policy.check_every_secs)
            }
            Err(error) => {
                println!("{}", shown(error));
                PAUSE_AFTER_FAILURE
            }
        };
        stocked.send_replace(true);
        tokio::time::sleep(pause).await;
    }
}

/// What the user does: goes online, now at one gateway, now at the other.
async fn browse(
    wallet: &Wallet,
    folder: &Path,
    tickets: usize,
    mut in_stock: watch::Receiver<bool>,
) -> Outcome<()> {
    in_stock.wait_for(|stocked| *stocked).await?;
    let gateways: Vec<Gateway> = wallet
        .gateways()
        .await
        .map_err(shown)?
        .into_iter()
        .filter(|gateway| gateway.roles.contains(&TYPE))
        .take(2)
        .collect();
    let mut accounts = Vec::new();
    for gateway in &gateways {
        accounts.push((gateway, sign_up(wallet, gateway, folder).await?));
    }
    if accounts.is_empty() {
        return Err(format!("no gateway takes tickets of type {TYPE}").into());
    }
    for (gateway, token) in accounts.iter().cycle().take(tickets) {
        let spent = wallet
            .spend_at(&gateway.identity, token, Spending::of(TYPE))
            .await
            .map_err(shown)?;
        let available = spent.answer.map_or(0, |answer| answer.available);
        println!(
            "spent ticket {} of book {} at {}: {:?}, {available} bytes available",
            spent.ticket.index, spent.ticket.book, gateway.identity, spent.fate
        );
        if spent.fate != Fate::Accepted {
            return Err("the gateway did not take the ticket".into());
        }
    }
    Ok(())
}

/// An account at a gateway: its key is random and belongs to this gateway alone, so that gateways cannot compare notes.
async fn sign_up(wallet: &Wallet, gateway: &Gateway, folder: &Path) -> Outcome<AccountToken> {
    let at = wallet
        .check_gateway(&gateway.identity)
        .await
        .map_err(shown)?;
    let key = secret(&folder.join(format!("account-{}", gateway.identity)))?;
    let key: &[u8; 32] = key.as_slice().try_into()?;
    let key = IdentitySecret::from_bytes(key);
    let mut tries = 0;
    loop {
        let body = AccountBody::sign(&key, &gateway.identity, wallet.now());
        match at.client().create_account(&body).await {
            // Registered in this very second, by a start that was cut short: the next second is a new registration.
            Err(RequestsError::Refused {
                status: CONFLICT, ..
            }) if tries < MAX_SIGN_UP_TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            answer => return Ok(answer?),
        }
    }
}

/// 32 random bytes, made at the first start.
fn secret(path: &Path) -> Outcome<Zeroizing<Vec<u8>>> {
    if !path.exists() {
        let mut bytes = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(bytes.as_mut_slice());
        files::write_private(path, bytes.as_slice())?;
    }
    Ok(files::read_private(path, 32)?)
}

fn network() -> Outcome<NetworkConfig> {
    Ok(NetworkConfig {
        chain_id: None,
        rpc: vec![variable("NYXD")?.parse()?],
        ecash_contract: variable("ECASH_CONTRACT_ADDRESS")?,
        dkg_contract: variable("COCONUT_DKG_CONTRACT_ADDRESS")?,
        denom: variable("MIX_DENOM")?,
    })
}

fn account() -> Outcome<Account> {
    let prefix = variable("BECH32_PREFIX")?;
    Ok(Account::from_mnemonic(&variable("MNEMONIC")?, &prefix)?)
}

fn variable(name: &str) -> Outcome<String> {
    std::env::var(name).map_err(|_| format!("{name} is not set; source localnet.env").into())
}

/// What the app would show: code, text, and what to do.
fn shown(error: WalletError) -> String {
    let next = match error.advice() {
        Advice::TryLater | Advice::Resume => "the app tries again by itself",
        Advice::FundAccount => "put money on the account",
        Advice::FreeDiskSpace => "free some space on the disk",
        Advice::CloseOtherProgram => "close the other app",
        Advice::CorrectClock => "set the clock of this device",
        Advice::ChangeGateway => "choose another location",
        Advice::ObtainBook => "wait for new tickets",
        _ => "ask for help",
    };
    format!("[{}] {error} – {next}", error.code())
}
