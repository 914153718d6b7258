//! The published holder buys, spends and recovers.

use crate::{SIGNERS, THRESHOLD, World};
use ecash_requests::gateway::{AccountBody, GatewayClient, Verdict};
use ecash_requests::{IdentityKey, IdentitySecret};
use ecash_ticketbook::UnixTime;
use interop::proxy::{Fault, Whom};
use nym_bandwidth_controller::{PreparedCredential, TicketType};
use nym_credential_storage::storage::Storage;
use std::time::Duration;
use time::OffsetDateTime;

/// How long a slow signer takes.
const SLOW: Duration = Duration::from_secs(2);
/// Longest time for one book; the holder itself waits for ever for a key to be issued under.
const PATIENCE: Duration = Duration::from_secs(60);

const TYPES: [TicketType; 4] = [
    TicketType::V1MixnetEntry,
    TicketType::V1MixnetExit,
    TicketType::V1WireguardEntry,
    TicketType::V1WireguardExit,
];

impl World {
    /// Deposits on chain.
    async fn deposits(&self) -> u32 {
        let latest = self.ecash.latest_deposit().await.unwrap();
        latest.map_or(0, |deposit| deposit.id + 1)
    }

    async fn books(&self) -> usize {
        self.storage.get_ticketbooks_info().await.unwrap().len()
    }

    async fn fetch(&self, ticket_type: TicketType) -> Result<(), String> {
        tokio::time::timeout(PATIENCE, self.controller.fetch_ticketbook(ticket_type))
            .await
            .expect("a book, or why there is none")
            .map_err(|error| error.to_string())
    }

    /// One book for one deposit, whatever fails meanwhile.
    async fn buy(&self, ticket_type: TicketType) {
        let before = (self.deposits().await, self.books().await);
        self.fetch(ticket_type).await.unwrap();
        let after = (self.deposits().await, self.books().await);
        assert_eq!(after, (before.0 + 1, before.1 + 1));
    }

    /// A ticket for the gateway with this base58 key, made by the published prover and passed by the published verifier.
    pub(crate) async fn ticket(
        &self,
        ticket_type: TicketType,
        gateway: &str,
    ) -> PreparedCredential {
        let key = *IdentityKey::from_base58(gateway).unwrap().as_bytes();
        let now = OffsetDateTime::now_utc();
        let ticket = self
            .controller
            .prepare_ecash_ticket(ticket_type, key, 1, now);
        let ticket = ticket.await.unwrap().expect("a book of that type");
        let master = self.storage.get_master_verification_key(ticket.epoch_id);
        let master = master.await.unwrap().unwrap();
        ticket.data.verify(&master).unwrap();
        ticket
    }

    /// Spends a ticket at one of our gateways.
    async fn spend(&self, ticket_type: TicketType) {
        let (url, key) = self.network.gateway_for(&ticket_type.to_string());
        let bytes = self.ticket(ticket_type, key).await.data.to_bytes();
        let gateway = GatewayClient::new(self.gateways.clone(), url).unwrap();
        let account = IdentitySecret::generate(&mut rand::rngs::OsRng);
        let gateway_key = IdentityKey::from_base58(key).unwrap();
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let body = AccountBody::sign(&account, &gateway_key, UnixTime(now.cast_unsigned()));
        let token = gateway.create_account(&body).await.unwrap();
        for verdict in [Verdict::Accepted, Verdict::AlreadyAccepted] {
            let answer = gateway.send_ticket_bytes(&token, bytes.clone()).await;
            assert_eq!(answer.unwrap().value.answer.verdict, verdict);
        }
    }
}

pub(crate) async fn all_four_types(world: &mut World) {
    for ticket_type in TYPES {
        world.buy(ticket_type).await;
        for _ in 0..2 {
            world.spend(ticket_type).await;
        }
    }
    let (asked, failed) = world.proxy.counts();
    assert_eq!(failed, 0);
    assert!(asked >= THRESHOLD, "the holder goes through the proxy");
}

pub(crate) async fn slow_signer(world: &mut World) {
    world.proxy.fail(Whom::First, Fault::Slow(SLOW));
    world.buy(TicketType::V1MixnetEntry).await;
    assert_eq!(world.proxy.counts(), (THRESHOLD, 1));
    world.proxy.heal();
    world.spend(TicketType::V1MixnetEntry).await;
}

pub(crate) async fn failing_signer(world: &mut World) {
    world.proxy.fail(Whom::First, Fault::Failing);
    world.buy(TicketType::V1MixnetEntry).await;
    assert_eq!(world.proxy.counts(), (usize::from(SIGNERS), 1));
    world.proxy.heal();
}

pub(crate) async fn bad_share(world: &mut World) {
    world.proxy.fail(Whom::First, Fault::BadShare);
    world.buy(TicketType::V1WireguardEntry).await;
    assert_eq!(world.proxy.counts(), (usize::from(SIGNERS), 1));
    world.proxy.heal();
    world.spend(TicketType::V1WireguardEntry).await;
}

/// The holder recovers with a new request, which the signer that recorded the first one refuses: the other four sign it.
pub(crate) async fn recovery(world: &mut World) {
    let before = (world.deposits().await, world.books().await);
    world.proxy.fail(Whom::AllButFirst, Fault::Failing);
    let refused = world.fetch(TicketType::V1WireguardExit).await;
    assert!(refused.is_err(), "one share is no book");
    assert_eq!(
        world.proxy.counts(),
        (usize::from(SIGNERS), usize::from(SIGNERS) - 1)
    );
    assert_eq!(world.deposits().await, before.0 + 1);
    assert_eq!(world.books().await, before.1);

    world.proxy.heal();
    world.fetch(TicketType::V1WireguardExit).await.unwrap();
    assert_eq!(world.deposits().await, before.0 + 1, "no second deposit");
    assert_eq!(world.books().await, before.1 + 1);
    world.spend(TicketType::V1WireguardExit).await;
}

pub(crate) async fn killed_signer(world: &mut World) {
    world.proxy.heal();
    world.network.kill_signer(1);
    world.buy(TicketType::V1MixnetExit).await;
    world.spend(TicketType::V1MixnetExit).await;
}
