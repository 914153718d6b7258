//! Bad input against a running network: chain, five Quorum members and two gateways, each in a process of its own. Every
//! refusal says why, changes nothing, and the same server serves an honest request afterwards.
//!
//! One network serves all tests of this program, one after the other; an argument picks those whose name contains it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod app;
mod chain;
mod deposits;
mod requests;
mod tickets;
mod wallet;

use anyhow::{Context as _, Result};
use e2e::holder::{Holder, now};
use ecash_requests::NetworkIds;
use ecash_requests::gateway::{AccountBody, AccountToken, GatewayClient};
use ecash_requests::{IdentityKey, IdentitySecret};
use ecash_ticketbook::TicketType;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use localnet::{Network, Options, Quiet};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;
use url::Url;

/// Given to the holder: some dozens of books.
const FUNDS_UNYM: u128 = 10_000_000_000;
/// The gateway that the tests use.
pub(crate) const GATEWAY: u16 = 1;
/// The gateway for what is spent twice.
pub(crate) const OTHER_GATEWAY: u16 = 2;

/// What every test gets.
pub(crate) struct World {
    /// The processes.
    pub(crate) network: Network,
    /// A funded holder.
    pub(crate) holder: Holder,
    /// A plain HTTP client.
    pub(crate) http: reqwest::Client,
}

type Test = for<'a> fn(&'a mut World) -> LocalBoxFuture<'a, Result<()>>;

/// Names and bodies of the tests.
const TESTS: &[(&str, Test)] = &[
    (
        "tampered_requests_are_refused_by_every_signer_and_the_honest_one_is_signed",
        |world| Box::pin(requests::tampered(world)),
    ),
    ("bodies_that_are_no_requests_are_told_apart", |world| {
        Box::pin(requests::not_requests(world))
    }),
    (
        "a_body_of_64_mib_sent_in_chunks_is_cut_off_and_the_server_goes_on",
        |world| Box::pin(requests::endless_bodies(world)),
    ),
    (
        "requests_in_the_wrong_place_are_refused_with_a_reason",
        |world| Box::pin(deposits::wrong_places(world)),
    ),
    (
        "envelopes_that_are_old_early_or_for_another_are_refused",
        |world| Box::pin(deposits::wrong_envelopes(world)),
    ),
    (
        "a_deposit_serves_one_request_for_ever_through_a_hundred_copies_and_a_kill",
        |world| Box::pin(deposits::one_request_for_ever(world)),
    ),
    (
        "tampered_tickets_grant_nothing_and_the_honest_ones_are_accepted",
        |world| Box::pin(tickets::tampered(world)),
    ),
    (
        "a_gateway_killed_while_it_takes_tickets_grants_each_exactly_once",
        |world| Box::pin(tickets::through_kills(world)),
    ),
    (
        "a_ticket_spent_at_two_gateways_is_refused_by_every_member_the_second_time",
        |world| Box::pin(tickets::at_two_gateways(world)),
    ),
    (
        "accounts_of_weak_keys_foreign_tokens_and_old_times_are_refused",
        |world| Box::pin(tickets::wrong_accounts(world)),
    ),
    (
        "an_app_that_is_killed_and_started_again_goes_on_with_the_next_ticket_of_the_same_book",
        |world| Box::pin(app::survives_a_restart(world)),
    ),
    (
        "a_deposit_that_the_members_recorded_with_another_request_ends_as_used_with_their_records",
        |world| Box::pin(wallet::used_elsewhere(world)),
    ),
    ("transactions_that_are_wrong_change_nothing", |world| {
        Box::pin(chain::wrong_transactions(world))
    }),
    (
        "deposits_under_texts_that_are_no_keys_are_refused_by_the_chain",
        |world| Box::pin(chain::wrong_keys(world)),
    ),
];

fn main() -> ExitCode {
    if std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "child")
    {
        return localnet::main(); // this binary is what the network's processes run
    }
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| {
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    };
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| wanted(name)).collect();
    println!("\nrunning {} tests", tests.len());
    if tests.is_empty() {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(run(&tests)) {
        Ok(0) => {
            println!("\ntest result: ok. {} passed\n", tests.len());
            ExitCode::SUCCESS
        }
        Ok(failed) => {
            println!("\ntest result: FAILED. {failed} of {} failed", tests.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("\nthe network could not be started: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(tests: &[&(&str, Test)]) -> Result<usize> {
    let home = tempfile::tempdir()?;
    let network = Network::start(Options::new(&home.path().join("net"))?, &Quiet).await?;
    let description = network.description();
    let contracts = network.contracts()?;
    let ids = NetworkIds::new(
        &description.chain_id,
        contracts.ecash.as_ref(),
        contracts.dkg.as_ref(),
    )?;
    let rpc = description.rpc.as_ref().context("the chain's URL")?;
    let holder = Holder::new(rpc, ids).await?;
    network.fund(holder.account.address(), FUNDS_UNYM).await?;
    let mut world = World {
        network,
        holder,
        http: e2e::http::client()?,
    };
    let mut failed = 0;
    for (name, test) in tests {
        let started = Instant::now();
        let outcome = AssertUnwindSafe(test(&mut world)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| Err(anyhow::anyhow!("it panicked")));
        let secs = started.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => println!("test {name} ... ok ({secs:.1} s)"),
            Err(error) => {
                println!("test {name} ... FAILED ({secs:.1} s)\n    {error:#}");
                failed += 1;
            }
        }
    }
    world.network.stop().await?;
    Ok(failed)
}

impl World {
    /// A route of the first gateway.
    pub(crate) fn gateway_route(&self, route: &str) -> Result<Url> {
        let url = self
            .network
            .gateway(GATEWAY)?
            .url
            .as_ref()
            .context("the gateway's URL")?;
        Ok(url.join(route)?)
    }

    /// A ticket type that the first gateway takes.
    pub(crate) fn gateway_role(&self) -> Result<TicketType> {
        self.network
            .gateway(GATEWAY)?
            .roles
            .first()
            .copied()
            .context("a role")
    }

    /// A client of the first gateway, and its identity key.
    pub(crate) fn at_gateway(&self) -> Result<(GatewayClient, IdentityKey)> {
        self.at(GATEWAY)
    }

    /// A client of a gateway, and its identity key.
    pub(crate) fn at(&self, gateway: u16) -> Result<(GatewayClient, IdentityKey)> {
        Ok((
            self.network.gateway_client(gateway)?,
            self.network.gateway_identity(gateway)?,
        ))
    }

    /// A fresh account at the first gateway.
    pub(crate) async fn account(&self) -> Result<AccountToken> {
        self.account_at(GATEWAY).await
    }

    /// A fresh account at a gateway.
    pub(crate) async fn account_at(&self, gateway: u16) -> Result<AccountToken> {
        let (client, gateway) = self.at(gateway)?;
        let key = IdentitySecret::generate(&mut rand::rngs::OsRng);
        Ok(client
            .create_account(&AccountBody::sign(&key, &gateway, now()))
            .await?)
    }
}
