//! The wallet library against the running network, where the harness of the wallet itself has signers of its own making.

use crate::{FUNDS_UNYM, World};
use anyhow::{Context as _, Result, ensure};
use e2e::holder::Deposit;
use ecash_requests::IdentitySecret;
use ecash_ticketbook::TicketType;
use ecash_wallet::derive::Context;
use ecash_wallet::{Event, Order, Seed, State, Wallet, WalletConfig};
use nyx_client::Account;
use std::sync::Mutex;
use std::time::Duration;

/// The wallet's own account.
const MNEMONIC: &str = "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong";
const TYPE: TicketType = TicketType::MixnetExit;

pub(crate) async fn used_elsewhere(world: &mut World) -> Result<()> {
    let account = Account::from_mnemonic(MNEMONIC, localnet::network::ADDRESS_PREFIX)?;
    world.network.fund(account.address(), FUNDS_UNYM).await?;
    let home = tempfile::tempdir()?;
    let seed = Seed::new(vec![0x51; 32].into())?;
    let network = world.network.wallet_network()?;
    let config = WalletConfig {
        tx_poll: Duration::from_millis(200),
        ..WalletConfig::new(home.path().join("w.wallet.sqlite"), network)
    };
    let wallet = Wallet::open(config, &seed).await?;

    // It pays, and is gone before it made its request.
    let paid = Mutex::new(None);
    let observer = |event: &Event| {
        if let Event::Deposited { deposit_id } = event {
            *paid.lock().unwrap() = Some(*deposit_id);
        }
    };
    let order = Order {
        ticket_type: TYPE,
        count: 1,
        new_deposit: false,
    };
    tokio::select! {
        biased;
        () = until(|| paid.lock().unwrap().is_some()) => {}
        outcome = wallet.obtain(&account, order, &observer) => {
            ensure!(false, "not stopped in time: {outcome:?}");
        }
    }
    let id = paid.lock().unwrap().context("a deposit")?;

    // Another device with the seed is faster, with a request of its own.
    let context = Context {
        chain_id: world.network.description().chain_id.clone(),
        ecash_contract: world.network.contracts()?.ecash.to_string(),
    };
    let key = seed.root().deposit_key(&context, 0);
    let deposit = Deposit {
        id,
        key: IdentitySecret::from_bytes(&key.to_bytes()),
    };
    let request = world.holder.request(&deposit, TYPE)?;
    world.holder.obtain(&request).await?;

    let report = wallet.recover(&()).await?;
    let closed = wallet.stock().await?.closed;
    ensure!(
        report.books.is_empty() && report.pending.is_empty(),
        "{report:?}"
    );
    ensure!(
        closed.len() == 1 && closed[0].state == State::Used,
        "{closed:?}"
    );
    let reason = closed[0].reason.as_deref().unwrap_or_default();
    ensure!(reason.contains("holds request"), "{reason}");
    Ok(())
}

async fn until(come: impl Fn() -> bool) {
    while !come() {
        tokio::task::yield_now().await;
    }
}
