//! Tickets with one thing wrong, and accounts that are none.

use crate::{GATEWAY, OTHER_GATEWAY, World};
use anyhow::{Context as _, Result, bail, ensure};
use e2e::holder::now;
use e2e::http::post_json;
use e2e::tamper;
use ecash_requests::bytes::Base58;
use ecash_requests::gateway::{AccountBody, AccountToken, GatewayClient, Verdict, routes};
use ecash_requests::{IdentitySecret, RequestsError};
use ecash_ticketbook::ticket::TICKET_BYTES;
use rand::rngs::OsRng;
use std::time::Duration;

/// Invalid tickets that one account sends; the gateway closes it for a minute at 16.
const PER_ACCOUNT: usize = 12;
/// Times the gateway is killed while it takes a ticket.
const KILLS: u64 = 6;
/// Each time so much later.
const KILL_STEP_MS: u64 = 3;
/// Times a ticket is sent again.
const RESENDS: u32 = 600;
/// Times it is looked whether everything is delivered.
const LOOKS: u32 = 600;

pub(crate) async fn tampered(world: &mut World) -> Result<()> {
    let ticket_type = world.gateway_role()?;
    let deposit = world.holder.deposit().await?;
    let request = world.holder.request(&deposit, ticket_type)?;
    let book = world.holder.obtain(&request).await?;
    let (client, gateway) = world.at_gateway()?;
    let ticket = |index| -> Result<[u8; TICKET_BYTES]> {
        let bytes = book.spend(index, *gateway.as_bytes())?.to_bytes();
        bytes
            .try_into()
            .map_err(|bytes: Vec<u8>| anyhow::anyhow!("a ticket of {} bytes", bytes.len()))
    };
    let (honest, other) = (ticket(0)?, ticket(1)?);
    let cases = tamper::tickets(&honest, &other);
    ensure!(cases.len() > 300, "{} kinds of tampering", cases.len());
    for cases in cases.chunks(PER_ACCOUNT) {
        let token = world.account().await?;
        for case in cases {
            let answer = client
                .send_ticket_bytes(&token, case.value.clone())
                .await
                .context(case.what.clone())?
                .value
                .answer;
            ensure!(
                !answer.verdict.is_granted(),
                "{}: {}",
                case.what,
                answer.verdict
            );
            ensure!(
                answer.available == 0,
                "{}: {} bytes granted",
                case.what,
                answer.available
            );
        }
    }
    let token = world.account().await?;
    for honest in [honest, other] {
        let answer = client.send_ticket(&token, &honest).await?.value.answer;
        ensure!(
            answer.verdict == Verdict::Accepted,
            "an honest ticket: {}",
            answer.verdict
        );
    }
    let expected = i64::try_from(2 * ticket_type.bandwidth_bytes())?;
    ensure!(
        client.bandwidth(&token).await?.value.available == expected,
        "two tickets grant {expected} bytes"
    );
    Ok(())
}

pub(crate) async fn through_kills(world: &mut World) -> Result<()> {
    let ticket_type = world.gateway_role()?;
    let deposit = world.holder.deposit().await?;
    let request = world.holder.request(&deposit, ticket_type)?;
    let book = world.holder.obtain(&request).await?;
    let (client, gateway) = world.at_gateway()?;
    let token = world.account().await?;
    let mut granted = 0;
    for kill in 0..KILLS {
        let ticket = book.spend(kill, *gateway.as_bytes())?.to_bytes();
        let sent = client.send_ticket_bytes(&token, ticket.clone());
        let (_, killed) = tokio::join!(sent, async {
            tokio::time::sleep(Duration::from_millis(kill * KILL_STEP_MS)).await;
            world.network.kill_gateway(GATEWAY).await
        });
        killed?;
        world.network.restart_gateway(GATEWAY).await?;
        let verdict = until_verdict(&client, &token, &ticket).await?;
        ensure!(verdict.is_granted(), "ticket {kill}: {verdict}");
        granted += i64::try_from(ticket_type.bandwidth_bytes())?;
        let available = client.bandwidth(&token).await?.value.available;
        ensure!(
            available == granted,
            "after kill {kill}: {available} bytes, {granted} were paid for"
        );
    }
    Ok(())
}

/// Sends the same bytes until the gateway says something definite.
async fn until_verdict(
    client: &GatewayClient,
    token: &AccountToken,
    ticket: &[u8],
) -> Result<Verdict> {
    for _ in 0..RESENDS {
        match client.send_ticket_bytes(token, ticket.to_vec()).await {
            Ok(answered) if !answered.value.answer.verdict.is_retryable() => {
                return Ok(answered.value.answer.verdict);
            }
            Err(error) if !error.is_transient() => return Err(error.into()),
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    bail!("no verdict after {RESENDS} tries")
}

pub(crate) async fn at_two_gateways(world: &mut World) -> Result<()> {
    let ticket_type = world.gateway_role()?;
    let deposit = world.holder.deposit().await?;
    let request = world.holder.request(&deposit, ticket_type)?;
    let book = world.holder.obtain(&request).await?;
    let before = [
        delivered(world, GATEWAY).await?,
        delivered(world, OTHER_GATEWAY).await?,
    ];
    for (gateway, refused_before) in [(GATEWAY, before[0]), (OTHER_GATEWAY, before[1])] {
        let (client, key) = world.at(gateway)?;
        let token = world.account_at(gateway).await?;
        let ticket = book.spend(0, *key.as_bytes())?.to_bytes();
        let answer = client.send_ticket_bytes(&token, ticket).await?.value.answer;
        ensure!(
            answer.verdict == Verdict::Accepted,
            "gateway {gateway}: {}",
            answer.verdict
        );
        let refused = delivered(world, gateway).await? - refused_before;
        let members = u64::try_from(world.holder.signers.len())?;
        let expected = if gateway == GATEWAY { 0 } else { members };
        ensure!(
            refused == expected,
            "gateway {gateway}: {refused} members refused the ticket, not {expected}"
        );
    }
    let status = world.network.gateway_status(OTHER_GATEWAY).await?;
    let reasons: Vec<_> = status
        .outbox
        .refusals
        .iter()
        .map(|refusal| refusal.status.as_str())
        .collect();
    ensure!(
        reasons.contains(&"DoubleSpend"),
        "the refusals shown are {reasons:?}"
    );
    Ok(())
}

/// Waits until every member has answered for everything that the gateway took; gives the number of refusals.
async fn delivered(world: &World, gateway: u16) -> Result<u64> {
    for _ in 0..LOOKS {
        let members = world.network.gateway_status(gateway).await?.outbox.members;
        if members.len() == world.holder.signers.len()
            && members.iter().all(|member| member.at_head)
        {
            return Ok(members.iter().map(|member| member.refused).sum());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("gateway {gateway} has not delivered everything to every member")
}

pub(crate) async fn wrong_accounts(world: &mut World) -> Result<()> {
    let (client, gateway) = world.at_gateway()?;
    let url = world.gateway_route(routes::ACCOUNTS)?;
    let key = IdentitySecret::generate(&mut OsRng);
    let good = AccountBody::sign(&key, &gateway, now());
    let with_key = |bytes: [u8; 32]| AccountBody {
        client_key: Base58(bytes),
        ..good.clone()
    };
    let (mut order_one, mut above, mut negative) = ([0; 32], [0xff; 32], [0; 32]);
    order_one[0] = 1;
    (above[0], above[31]) = (0xee, 0x7f);
    (negative[0], negative[31]) = (1, 0x80);
    let cases = [
        ("zero", with_key([0; 32])),
        ("order one", with_key(order_one)),
        ("y above the modulus", with_key(above)),
        ("negative zero", with_key(negative)),
        (
            "signature of another key",
            AccountBody {
                signature: key.sign(b"else"),
                ..good.clone()
            },
        ),
        (
            "for another gateway",
            AccountBody::sign(&key, &IdentitySecret::generate(&mut OsRng).public(), now()),
        ),
        (
            "121 s old",
            AccountBody::sign(&key, &gateway, now().saturating_sub(125)),
        ),
        (
            "121 s early",
            AccountBody::sign(&key, &gateway, now().saturating_add(130)),
        ),
    ];
    for (what, body) in cases {
        let answered = post_json(&world.http, url.clone(), &body).await?;
        ensure!(
            [400, 401].contains(&answered.status),
            "{what}: {answered:?}"
        );
        ensure!(answered.text.contains("error"), "{what}: {answered:?}");
    }
    let token = client.create_account(&good).await?;
    let copied = post_json(&world.http, url, &good).await?;
    ensure!(copied.status == 409, "a copied registration: {copied:?}");
    ensure!(
        client.bandwidth(&token).await?.value.available == 0,
        "a new account has nothing"
    );
    match client.bandwidth(&AccountToken::generate(&mut OsRng)).await {
        Err(RequestsError::Refused { status: 401, .. }) => Ok(()),
        other => bail!("a token of nobody: {other:?}"),
    }
}
