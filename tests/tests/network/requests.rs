//! Blind-sign requests with one thing wrong, bodies that are no requests, bodies without end.

use crate::World;
use anyhow::{Context as _, Result, ensure};
use e2e::http::{post, post_chunked, post_json};
use e2e::tamper;
use ecash_requests::gateway;
use ecash_requests::quorum::routes;
use ecash_ticketbook::TicketType;
use url::Url;

const TYPE: TicketType = TicketType::WireguardEntry;
/// 64 MiB in chunks of 64 KiB.
const CHUNKS: usize = 1024;
/// What may still fit into buffers after a server has stopped reading.
const CHUNKS_IN_FLIGHT: usize = 200;

/// The signer that is sent endless bodies.
const SIGNER: u16 = 1;
/// What its peak memory may grow by.
const GROWTH_KIB: u64 = 8 * 1024;

/// The URL of a route below an announced one.
fn at(base: &Url, route: &str) -> Result<Url> {
    Ok(base.join(route)?)
}

pub(crate) async fn tampered(world: &mut World) -> Result<()> {
    let deposit = world.holder.deposit().await?;
    let (honest, other) = (
        world.holder.request(&deposit, TYPE)?,
        world.holder.request(&deposit, TYPE)?,
    );
    let tampered = tamper::requests(&honest.body, &other.body, &deposit.key);
    ensure!(
        tampered.len() > 150,
        "{} kinds of tampering",
        tampered.len()
    );
    for (case, signer) in tampered.iter().zip(world.holder.signers.iter().cycle()) {
        let answered = post_json(
            &world.http,
            at(&signer.url, routes::BLIND_SIGN)?,
            &case.value,
        )
        .await?;
        ensure!(answered.is_refusal(), "{}: {answered:?}", case.what);
    }
    world.holder.obtain(&honest).await?;
    Ok(())
}

pub(crate) async fn not_requests(world: &mut World) -> Result<()> {
    let deposit = world.holder.deposit().await?;
    let honest = world.holder.request(&deposit, TYPE)?;
    let good = serde_json::to_vec(&honest.body)?;
    let gateway = world.gateway_route(gateway::routes::ACCOUNTS)?;
    let json = "application/json";
    let (no_brace, half) = (
        good[..good.len() - 1].to_vec(),
        good[..good.len() / 2].to_vec(),
    );
    let cases: [(&str, Vec<u8>, u16); 9] = [
        (json, Vec::new(), 400),
        (json, b"{".to_vec(), 400),
        (json, no_brace, 400),
        (json, half, 400),
        (json, vec![0xff; 100], 400),
        (json, b"{}".to_vec(), 422),
        (json, b"[]".to_vec(), 422),
        (
            json,
            [b"{\"deposit_id\":".to_vec(), vec![b'['; 4000]].concat(),
            400,
        ),
        ("text/plain", good.clone(), 415),
    ];
    for signer in &world.holder.signers {
        for (content_type, body, status) in &cases {
            let url = at(&signer.url, routes::BLIND_SIGN)?;
            let answered = post(&world.http, url, content_type, body.clone()).await?;
            let expected = answered.status == *status || (*status == 400 && answered.status == 422);
            ensure!(
                expected && !answered.text.is_empty(),
                "{content_type}, {} bytes: {answered:?}",
                body.len()
            );
        }
        let long = vec![b' '; 17 * 1024];
        let answered = post(
            &world.http,
            at(&signer.url, routes::BLIND_SIGN)?,
            json,
            long,
        )
        .await?;
        ensure!(answered.status == 413, "17 KiB: {answered:?}");
    }
    for (content_type, body, status) in &cases {
        let answered = post(&world.http, gateway.clone(), content_type, body.clone()).await?;
        let expected = answered.status == *status || (*status == 422 && answered.status == 400);
        ensure!(
            expected && answered.text.contains("error"),
            "gateway, {} bytes: {answered:?}",
            body.len()
        );
    }
    world.holder.obtain(&honest).await?;
    Ok(())
}

pub(crate) async fn endless_bodies(world: &mut World) -> Result<()> {
    let deposit = world.holder.deposit().await?;
    let honest = world.holder.request(&deposit, TYPE)?;
    let token = world.account().await?;
    let bearer = format!("authorization: Bearer {}\r\n", *token.to_base58());
    let signer = world
        .network
        .signer(SIGNER)?
        .url
        .clone()
        .context("its URL")?;
    let targets = [
        (
            at(&signer, routes::BLIND_SIGN)?,
            "content-type: application/json\r\n".to_owned(),
        ),
        (
            at(&signer, routes::VERIFY_ECASH_TICKET)?,
            "content-type: application/json\r\n".to_owned(),
        ),
        (
            world.gateway_route(gateway::routes::ACCOUNTS)?,
            "content-type: application/json\r\n".to_owned(),
        ),
        (
            world.gateway_route(gateway::routes::TICKETS)?,
            format!("content-type: application/octet-stream\r\n{bearer}"),
        ),
    ];
    let before = peak_memory_kib(world)?;
    for (url, headers) in &targets {
        let (line, written) = post_chunked(url, headers, CHUNKS).await?;
        ensure!(line.contains(" 413 "), "{url}: {line:?}");
        ensure!(
            written < CHUNKS_IN_FLIGHT,
            "{url}: {written} chunks of 64 KiB were taken"
        );
    }
    let grown = peak_memory_kib(world)?.saturating_sub(before);
    ensure!(
        grown < GROWTH_KIB,
        "the signer's peak memory grew by {grown} KiB"
    );
    world.holder.obtain(&honest).await?;
    Ok(())
}

/// Peak memory of the signer that is sent endless bodies.
fn peak_memory_kib(world: &World) -> Result<u64> {
    let process = world
        .network
        .signer_process(SIGNER)
        .context("its process")?;
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
