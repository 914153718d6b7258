//! Requests in the wrong place: another deposit, date, epoch, signer, time; and a deposit that serves once.

use crate::World;
use anyhow::{Context as _, Result, bail, ensure};
use e2e::holder::{clear, now, today};
use e2e::http::post_json;
use ecash_requests::bytes::Base58;
use ecash_requests::quorum::{BlindSignRequestBody, Envelope, ResponseSecret, routes};
use ecash_requests::{IdentitySecret, RequestsError};
use ecash_ticketbook::{DepositId, EpochId, NodeIndex, TicketType};
use futures::future::join_all;
use rand::rngs::OsRng;
use serde_json::json;

const TYPE: TicketType = TicketType::WireguardEntry;
/// The signer that is killed.
const KILLED: u16 = 2;
/// Copies of a request that are sent at once.
const COPIES: usize = 100;

fn refusal<T>(what: &str, answer: Result<T, RequestsError>) -> Result<String> {
    match answer {
        Ok(_) => bail!("{what}: signed"),
        Err(RequestsError::Refused {
            status: 400, text, ..
        }) if !text.is_empty() => Ok(text),
        Err(error) => bail!("{what}: {error}"),
    }
}

pub(crate) async fn wrong_places(world: &mut World) -> Result<()> {
    let holder = &world.holder;
    let deposit = holder.deposit().await?;
    let honest = holder.request(&deposit, TYPE)?;
    let unknown = DepositId(deposit.id.get() + 1_000_000);
    let stranger = IdentitySecret::generate(&mut OsRng);
    let resigned = |body: &BlindSignRequestBody, id, key: &IdentitySecret| {
        let (request, user) = (body.inner_sign_request.clone(), body.ecash_pubkey);
        BlindSignRequestBody::sign(
            request,
            id,
            key,
            user,
            body.expiration_date,
            body.ticketbook_type,
        )
    };
    for signer in &holder.signers {
        let ask = async |epoch: u64, body: &BlindSignRequestBody| {
            signer
                .client
                .blind_sign(Some(EpochId(epoch)), body)
                .await
                .map(|_| ())
        };
        let epoch = holder.epoch.get();

        let nowhere = resigned(&honest.body, unknown, &deposit.key);
        let text = refusal("unknown deposit", ask(epoch, &nowhere).await)?;
        ensure!(text.contains(&unknown.to_string()), "{text}");

        let foreign = resigned(&honest.body, deposit.id, &stranger);
        refusal("signature of another key", ask(epoch, &foreign).await)?;

        for expiration in [
            today().minus_days(1)?,
            today().plus_days(8)?,
            ecash_ticketbook::EcashDate::LAST,
        ] {
            let body = holder.request_until(&deposit, TYPE, expiration)?.body;
            let text = refusal("expiration date", ask(epoch, &body).await)?;
            ensure!(text.contains(&expiration.to_string()), "{text}");
        }
        refusal("unknown epoch", ask(epoch + 1000, &honest.body).await)?;

        let mut far = serde_json::to_value(&honest.body)?;
        far["expiration_date"] = json!("9999-12-31");
        let answered = post_json(&world.http, signer.url.join(routes::BLIND_SIGN)?, &far).await?;
        ensure!(
            answered.status == 422 && answered.text.contains("9999-12-31"),
            "year 9999: {answered:?}"
        );
    }
    holder.obtain(&honest).await?;
    Ok(())
}

pub(crate) async fn wrong_envelopes(world: &mut World) -> Result<()> {
    let holder = &world.holder;
    let deposit = holder.deposit().await?;
    let honest = holder.request(&deposit, TYPE)?;
    let hash = honest.body.request_hash(&holder.network);
    let secret = ResponseSecret::generate(&mut OsRng);
    for signer in &holder.signers {
        let sign = |at, node, key: &IdentitySecret| {
            Envelope::sign(&holder.network, &hash, at, node, None, key)
        };
        let good = sign(now(), signer.index, &deposit.key);
        let weak = |bytes: [u8; 32]| Envelope {
            response_key: Some(Base58(bytes)),
            ..good.clone()
        };
        let mut not_canonical = [0xff; 32];
        not_canonical[31] = 0x7f;
        let cases = [
            (
                "an old one",
                sign(
                    now().saturating_sub(48 * 3600 + 60),
                    signer.index,
                    &deposit.key,
                ),
            ),
            (
                "an early one",
                sign(now().saturating_add(360), signer.index, &deposit.key),
            ),
            (
                "one for another signer",
                sign(now(), NodeIndex(signer.index.get() + 1), &deposit.key),
            ),
            (
                "one of another key",
                sign(now(), signer.index, &IdentitySecret::generate(&mut OsRng)),
            ),
            ("a response key of small order", weak([0; 32])),
            ("a response key in another encoding", weak(not_canonical)),
            (
                "a response key that was not signed",
                weak(*secret.public().as_bytes()),
            ),
        ];
        for (what, envelope) in cases {
            let body = BlindSignRequestBody {
                envelope: Some(envelope),
                ..honest.body.clone()
            };
            refusal(
                what,
                signer.client.blind_sign(Some(holder.epoch), &body).await,
            )?;
        }
        let sealed = Envelope::sign(
            &holder.network,
            &hash,
            now(),
            signer.index,
            Some(&secret.public()),
            &deposit.key,
        );
        let body = BlindSignRequestBody {
            envelope: Some(sealed),
            ..honest.body.clone()
        };
        refusal(
            "a sealed answer under no epoch",
            signer.client.blind_sign(None, &body).await,
        )?;
    }
    holder.obtain(&honest).await?;
    Ok(())
}

pub(crate) async fn one_request_for_ever(world: &mut World) -> Result<()> {
    let deposit = world.holder.deposit().await?;
    let (first, second) = (
        world.holder.request(&deposit, TYPE)?,
        world.holder.request(&deposit, TYPE)?,
    );
    let epoch = Some(world.holder.epoch);
    let killed = world.network.signer(KILLED)?.url.clone();
    let position = world
        .holder
        .signers
        .iter()
        .position(|signer| Some(&signer.url) == killed.as_ref());
    let position = position.context("the signer is not among those on chain")?;

    let signer = &world.holder.signers[position];
    let answers = join_all((0..COPIES).map(|_| signer.client.blind_sign(epoch, &first.body))).await;
    let mut shares = Vec::new();
    for answer in answers {
        shares.push(clear(answer?.value)?);
    }
    ensure!(
        shares.windows(2).all(|pair| pair[0] == pair[1]),
        "a hundred copies got different shares"
    );
    refusal(
        "another request",
        signer.client.blind_sign(epoch, &second.body).await,
    )?;

    world.network.kill_signer(KILLED).await?;
    world.network.restart_signer(KILLED).await?;
    let signer = &world.holder.signers[position];
    refusal(
        "another request after a kill",
        again(signer, epoch, &second.body).await,
    )?;
    ensure!(
        clear(again(signer, epoch, &first.body).await?)? == shares[0],
        "another share after a kill"
    );
    world.holder.obtain(&first).await?;
    Ok(())
}

/// Asks until the member has read the chain again: until then it answers 503.
async fn again(
    signer: &e2e::holder::Signer,
    epoch: Option<EpochId>,
    body: &BlindSignRequestBody,
) -> Result<ecash_requests::quorum::BlindSignResponse, RequestsError> {
    let mut tries = 0;
    loop {
        match signer.client.blind_sign(epoch, body).await {
            Err(error) if error.is_transient() && tries < 120 => tries += 1,
            answer => return answer.map(|answered| answered.value),
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
}
