//! Transactions that are wrong.

use crate::World;
use anyhow::{Result, ensure};
use e2e::holder::{DENOM, Holder};
use nyx_client::{Account, GasPrice, Msg, SenderConfig};
use rand::RngCore as _;
use rand::rngs::OsRng;

/// Longest identity key that is tried.
const LONG_KEY_BYTES: usize = 1024 * 1024;

async fn balance(holder: &Holder) -> Result<u128> {
    Ok(holder
        .chain
        .balance(holder.account.address(), DENOM)
        .await?
        .amount
        .u128())
}

pub(crate) async fn wrong_transactions(world: &mut World) -> Result<()> {
    let holder = &world.holder;
    let before = balance(holder).await?;
    let to_itself = |amount: u128| {
        let coin = serde_json::from_value(
            serde_json::json!({"denom": DENOM, "amount": amount.to_string()}),
        )?;
        anyhow::Ok(Msg::send(holder.account.address(), vec![coin]))
    };
    let config = SenderConfig::new(DENOM);
    let (good, _) = config
        .sign(&holder.chain, &holder.account, &[to_itself(1)?], "")
        .await?;

    let mut bad_signature = good.raw().to_vec();
    let last = bad_signature.len() - 1;
    bad_signature[last] ^= 1;
    let mut garbage = vec![0; 300];
    OsRng.fill_bytes(&mut garbage);
    let free = SenderConfig {
        gas_price: GasPrice { milli: 0 },
        ..config.clone()
    };
    let (unpaid, _) = free
        .sign(&holder.chain, &holder.account, &[to_itself(1)?], "")
        .await?;
    let stranger = Account::from_mnemonic(&Account::generate_mnemonic()?, "n")?;
    let cases = [
        ("a bad signature", bad_signature),
        ("garbage", garbage),
        ("nothing", Vec::new()),
        ("cut in half", good.raw()[..last / 2].to_vec()),
        ("no fee", unpaid.raw().to_vec()),
    ];
    for (what, raw) in cases {
        if let Ok(answer) = holder.chain.broadcast(&raw).await {
            ensure!(
                answer.code != 0 && !answer.log.is_empty(),
                "{what}: {answer:?}"
            );
        }
    }
    let unknown = config
        .sign(&holder.chain, &stranger, &[to_itself(1)?], "")
        .await;
    ensure!(
        unknown.is_err(),
        "an account that does not exist signed a transaction"
    );
    ensure!(
        balance(holder).await? == before,
        "a refused transaction changed the balance"
    );

    let answer = holder.chain.broadcast(good.raw()).await?;
    ensure!(answer.code == 0, "an honest transaction: {answer:?}");
    let mut tries = 0;
    while holder.chain.transaction(good.hash()).await?.is_none() {
        tries += 1;
        ensure!(tries < 200, "an honest transaction is not in a block");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    match holder.chain.broadcast(good.raw()).await {
        Ok(answer) => ensure!(
            answer.code != 0,
            "a sequence number served twice: {answer:?}"
        ),
        Err(error) => ensure!(!error.to_string().is_empty(), "an error without a text"),
    }
    Ok(())
}

pub(crate) async fn wrong_keys(world: &mut World) -> Result<()> {
    let holder = &world.holder;
    let before = balance(holder).await?;
    let config = SenderConfig::new(DENOM);
    let texts = [
        String::new(),
        "1".repeat(31),
        "1".repeat(32),
        "1".repeat(33),
        "0OIl".to_owned(),
        "z".repeat(44),
        "1".repeat(LONG_KEY_BYTES),
    ];
    for text in texts {
        let message = holder.deposit_message(text.clone()).await?;
        let signed = config
            .sign(&holder.chain, &holder.account, &[message], "")
            .await;
        let Err(error) = signed else {
            anyhow::bail!("a deposit under {text:.20?} passed its simulation")
        };
        ensure!(!error.to_string().is_empty(), "an error without a text");
    }
    ensure!(
        balance(holder).await? == before,
        "a refused deposit changed the balance"
    );
    holder.deposit().await?;
    Ok(())
}
