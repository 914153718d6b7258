//! A wallet that dies, or whose disk is full, at every single durable write and every send of its life: it pays, is refused
//! by two signers at first, recovers, spends, and takes a book in that another device handed over. Whatever happens where, there is one deposit, one complete book, one
//! request, and no index is used twice.
//!
//! One world serves all the wallets. First a wallet lives undisturbed and every moment of it is written down; then one
//! wallet per moment dies exactly there, as a process of its own that kills itself with SIGKILL, and lives on in this one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex};

use ecash_requests::gateway::AccountToken;
use ecash_ticketbook::SpendingData;
use ecash_wallet::{
    BookFile, Export, FileError, IndexRange, Moment, Parts, Spending, Wallet, WalletConfig,
    WalletError, Witness,
};
use rand::rngs::OsRng;

use crate::support::signer::Mode;
use crate::support::{TYPE, World, holder, order, seed_of};

const DIE_AT: &str = "WALLET_TEST_DIE_AT";
const WORLD: &str = "WALLET_TEST_WORLD";
/// The wallet that hands a book over.
const GIVER: usize = 9_999;
/// Runs that a wallet needs at most: two signers refuse the first time.
const RUNS: usize = 4;
/// What may come or not: signers that are not needed any more once the threshold is reached.
const MAY_NOT_COME: [&str; 2] = ["Send(\"request\")", "Write(\"share\")"];

/// The life of a wallet: a book if it has none, one ticket, and the book in the file, once.
async fn live(wallet: &Wallet, gift: &Path) -> Result<(), WalletError> {
    obtain_and_spend(wallet).await?;
    let file = BookFile::full(&std::fs::read(gift).unwrap(), None)?;
    let taken = wallet.shelf().import(&file, IndexRange::WHOLE, None).await;
    match taken {
        Err(WalletError::BookFile(FileError::AlreadyHere { .. })) => Ok(()),
        other => other.map(|_| ()),
    }
}

async fn obtain_and_spend(wallet: &Wallet) -> Result<(), WalletError> {
    for _ in 0..RUNS {
        let stock = wallet.stock().await?;
        if stock.books.iter().any(ecash_wallet::Book::is_usable) {
            break;
        }
        if stock.pending.is_empty() {
            wallet.obtain(&holder(), order(1), &()).await?;
        } else {
            wallet.recover(&()).await?;
        }
    }
    let gateway = wallet.gateways().await?.remove(0);
    let token = AccountToken::generate(&mut OsRng);
    wallet
        .spend_at(&gateway.identity, &token, Spending::of(TYPE))
        .await?;
    Ok(())
}

/// Names every moment, and which of its kind it is: `BeforeWrite("share") 2`.
#[derive(Debug, Default)]
struct Names(Mutex<HashMap<String, usize>>);

impl Names {
    fn name(&self, moment: Moment) -> String {
        let kind = format!("{moment:?}");
        let mut counts = self.0.lock().unwrap();
        let count = counts.entry(kind.clone()).or_default();
        *count += 1;
        format!("{kind} {count}")
    }
}

/// Writes all moments down.
#[derive(Debug, Default)]
struct Scribe {
    names: Names,
    seen: Mutex<Vec<String>>,
}

impl Witness for Scribe {
    fn sees(&self, moment: Moment) -> io::Result<()> {
        let name = self.names.name(moment);
        self.seen.lock().unwrap().push(name);
        Ok(())
    }
}

/// Ends the process at one moment.
#[derive(Debug)]
struct Killer {
    names: Names,
    at: String,
}

impl Witness for Killer {
    fn sees(&self, moment: Moment) -> io::Result<()> {
        if self.names.name(moment) == self.at {
            let pid = std::process::id().to_string();
            Command::new("kill").args(["-9", &pid]).status()?;
            loop {
                std::thread::park();
            }
        }
        Ok(())
    }
}

/// A disk that is full at one moment.
#[derive(Debug)]
struct FullDisk {
    names: Names,
    at: String,
}

impl Witness for FullDisk {
    fn sees(&self, moment: Moment) -> io::Result<()> {
        if self.names.name(moment) == self.at {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

async fn world() -> (World, PathBuf) {
    let world = World::start().await;
    for signer in &world.signers[..2] {
        signer.set(Mode::Reluctant);
    }
    let gift = world.home.path().join("gift.bin");
    let giver = Wallet::open(world.config_of(GIVER), &seed_of(GIVER))
        .await
        .unwrap();
    obtain_and_spend(&giver).await.unwrap();
    let handed_over = Export {
        book: giver.stock().await.unwrap().books[0].id,
        start: Some(10),
        again: false,
        parts: Parts::ALL,
    };
    let exported = giver.shelf().export(&handed_over).await.unwrap();
    std::fs::write(&gift, &*exported.bytes).unwrap();
    giver.close().await;
    (world, gift)
}

fn with(mut config: WalletConfig, witness: impl Witness + 'static) -> WalletConfig {
    config.witness = Some(Arc::new(witness));
    config
}

/// Every moment of an undisturbed life, without those that need not come.
async fn moments(world: &World, gift: &Path) -> Vec<String> {
    let scribe = Arc::new(Scribe::default());
    let mut config = world.config_of(0);
    config.witness = Some(scribe.clone());
    let wallet = Wallet::open(config, &seed_of(0)).await.unwrap();
    live(&wallet, gift).await.unwrap();
    wallet.close().await;
    let seen = scribe.seen.lock().unwrap().clone();
    for needed in [
        "deposit transaction",
        "request",
        "status question",
        "ticket",
    ] {
        assert!(
            seen.contains(&format!("BeforeSend({needed:?}) 1")),
            "{seen:?}"
        );
    }
    // All five signers are sent the same: the first and the last of such sends stand for those between.
    let last: BTreeMap<&str, usize> = seen.iter().map(|name| split(name)).collect();
    seen.iter()
        .filter(|name| {
            let (kind, count) = split(name);
            !kind.contains("Send") || count == 1 || count == last[kind]
        })
        .cloned()
        .collect()
}

fn split(name: &str) -> (&str, usize) {
    let (kind, count) = name.rsplit_once(' ').unwrap();
    (kind, count.parse().unwrap())
}

/// The wallet lives on after what happened to it; then everything must be in order.
async fn live_on(world: &World, gift: &Path, number: usize, deposits_before: usize, what: &str) {
    let requests_before = world.distinct_requests();
    let wallet = Wallet::open(world.config_of(number), &seed_of(number))
        .await
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    live(&wallet, gift)
        .await
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let stock = wallet.stock().await.unwrap();
    assert_eq!(
        stock.books.len(),
        2,
        "{what}: its own book and the one it was given"
    );
    assert_eq!(stock.books[1].tickets_left, 40, "{what}");
    assert_eq!(
        (stock.pending.len(), stock.closed.len()),
        (0, 0),
        "{what}: {stock:?}"
    );
    assert!(
        world.distinct_requests() - requests_before <= 1,
        "{what}: one request"
    );
    assert_eq!(
        world.deposits().await,
        deposits_before + 1,
        "{what}: one deposit"
    );
    wallet.close().await;
}

/// No serial number that any gateway saw came with two different payments.
fn no_index_was_used_twice(world: &World) {
    let mut by_serial: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for bytes in world.gateway.received() {
        let data = SpendingData::from_bytes(&bytes).unwrap();
        by_serial
            .entry(data.serial_numbers()[0].as_bytes().to_vec())
            .or_default()
            .insert(bytes);
    }
    assert!(by_serial.len() > 1);
    for payments in by_serial.values() {
        assert_eq!(payments.len(), 1, "two payments of one ticket");
    }
}

/// Not a test of its own: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_lives_and_dies() {
    let (Ok(at), Ok(world)) = (std::env::var(DIE_AT), std::env::var(WORLD)) else {
        return;
    };
    let world: serde_json::Value = serde_json::from_str(&world).unwrap();
    let text = |name: &str| world[name].as_str().unwrap().to_owned();
    let network = ecash_wallet::NetworkConfig {
        chain_id: None,
        rpc: vec![text("rpc").parse().unwrap()],
        ecash_contract: text("ecash"),
        dkg_contract: text("dkg"),
        denom: "unym".to_owned(),
    };
    let mut config = WalletConfig::new(text("database").into(), network);
    config.tx_poll = std::time::Duration::from_millis(50);
    let names = Names::default();
    let seed = seed_of(world["number"].as_u64().unwrap() as usize);
    let wallet = Wallet::open(with(config, Killer { names, at }), &seed)
        .await
        .unwrap();
    live(&wallet, Path::new(&text("gift"))).await.unwrap();
}

fn run_child(world: &World, gift: &Path, number: usize, die_at: &str) -> ExitStatus {
    let place = serde_json::json!({
        "rpc": world.rpc, "ecash": world.ecash.to_string(), "dkg": world.dkg.to_string(),
        "database": world.config_of(number).database, "number": number, "gift": gift,
    });
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::child_lives_and_dies", "--nocapture"])
        .env(DIE_AT, die_at)
        .env(WORLD, place.to_string())
        .output()
        .unwrap()
        .status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wallet_killed_at_any_write_or_send_of_its_life_lives_on_with_one_deposit_and_one_book() {
    let (world, gift) = world().await;
    let moments = moments(&world, &gift).await;
    assert!(moments.len() > 40, "{moments:?}");
    assert!(
        moments.contains(&"AfterWrite(\"imported book\") 1".to_owned()),
        "{moments:?}"
    );
    for (moment, number) in moments.iter().zip(1..) {
        let before = world.deposits().await;
        let status = tokio::task::block_in_place(|| run_child(&world, &gift, number, moment));
        if status.signal() != Some(9) {
            let may_not_come = MAY_NOT_COME.iter().any(|kind| moment.contains(kind));
            assert!(may_not_come && status.success(), "{moment}: {status}");
        }
        live_on(&world, &gift, number, before, moment).await;
    }
    no_index_was_used_twice(&world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_at_any_write_is_told_and_nothing_is_lost() {
    let (world, gift) = world().await;
    let moments = moments(&world, &gift).await;
    let writes = moments
        .iter()
        .filter(|name| name.starts_with("BeforeWrite"));
    for (at, number) in writes.zip(1..) {
        let before = world.deposits().await;
        let names = Names::default();
        let at = at.clone();
        let config = with(
            world.config_of(number),
            FullDisk {
                names,
                at: at.clone(),
            },
        );
        let outcome = match Wallet::open(config, &seed_of(number)).await {
            Ok(wallet) => {
                let outcome = live(&wallet, &gift).await;
                wallet.close().await;
                outcome
            }
            Err(error) => Err(error),
        };
        match outcome {
            Err(error) => {
                assert!(matches!(error, WalletError::DiskFull(_)), "{at}: {error}");
                assert_eq!(error.code(), "disk-full");
            }
            Ok(()) => assert!(at.contains("share"), "{at} was swallowed"),
        }
        live_on(&world, &gift, number, before, &at).await;
    }
    no_index_was_used_twice(&world);
}
