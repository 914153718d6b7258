//! The published holder, bandwidth fetcher and controller of version 2.0.0 as they are, against `localnet up`; and every
//! route of ours as the published types decode it. One network serves all cases, one after the other.
//!
//! Signers fail in a proxy that the published clients are told of by `HTTP_PROXY`: the signers themselves stay honest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod globals;
mod holder;
mod routes;

use ecash_requests::http::{HttpClient, HttpOptions};
use interop::cases::{self, Case};
use interop::network::LocalNetwork;
use interop::proxy::Proxy;
use nym_bandwidth_controller::BandwidthController;
use nym_bandwidth_fetcher::NyxdCredentialFetcher;
use nym_credential_storage::ephemeral_storage::EphemeralStorage;
use nym_network_defaults::{NymNetworkDetails, setup_env};
use nym_validator_client::DirectSigningHttpRpcNyxdClient;
use nyx_client::{Ecash, QueryClient, parse_address};
use std::process::ExitCode;
use std::sync::Arc;

/// 5 signers, of which 4 are the threshold.
const SIGNERS: u16 = 5;
const THRESHOLD: usize = 4;
const GATEWAYS: u16 = 2;

pub(crate) struct World {
    pub(crate) network: LocalNetwork,
    pub(crate) proxy: Proxy,
    /// The published holder's program.
    pub(crate) controller: BandwidthController<EphemeralStorage>,
    /// Its books, seen from outside.
    pub(crate) storage: EphemeralStorage,
    /// What the chain says.
    pub(crate) ecash: Ecash,
    /// A plain client of the signers' routes, past the proxy.
    pub(crate) client: reqwest::Client,
    /// The client of our gateways.
    pub(crate) gateways: HttpClient,
}

const CASES: &[(&str, Case<World>)] = &[
    (
        "the_published_holder_buys_books_of_all_four_types_and_spends_them_at_our_gateways",
        |world| Box::pin(holder::all_four_types(world)),
    ),
    ("it_works_while_a_signer_is_slow", |world| {
        Box::pin(holder::slow_signer(world))
    }),
    ("it_works_while_a_signer_fails", |world| {
        Box::pin(holder::failing_signer(world))
    }),
    (
        "it_works_while_a_signer_answers_with_a_bad_share",
        |world| Box::pin(holder::bad_share(world)),
    ),
    (
        "it_recovers_a_book_that_too_few_signers_signed_without_a_second_deposit",
        |world| Box::pin(holder::recovery(world)),
    ),
    (
        "our_global_data_are_accepted_by_the_published_verifier",
        |world| Box::pin(globals::accepted(world)),
    ),
    (
        "every_route_that_is_asked_is_decoded_by_the_published_types_in_three_forms",
        |world| Box::pin(routes::asked(world)),
    ),
    (
        "a_share_is_decoded_by_the_published_types_in_three_forms",
        |world| Box::pin(routes::shares(world)),
    ),
    (
        "verdicts_on_published_tickets_are_decoded_by_the_published_types_in_three_forms",
        |world| Box::pin(routes::verdicts(world)),
    ),
    (
        "what_we_find_of_the_signers_convinces_the_published_monitor",
        |world| Box::pin(routes::signers(world)),
    ),
    ("it_works_while_a_signer_is_down", |world| {
        Box::pin(holder::killed_signer(world))
    }),
];

fn main() -> ExitCode {
    cases::run(CASES, start)
}

async fn start() -> World {
    assert!(
        std::env::var_os("CONFIGURED").is_none(),
        "the environment is configured already, the network's file would be ignored"
    );
    let network = LocalNetwork::up(SIGNERS, GATEWAYS).await;
    let (proxy, url) = Proxy::start().await;
    let file = network.env_file(&format!("HTTP_PROXY={url}\nNO_PROXY=\n"));
    setup_env(Some(&file));
    let leaked: Vec<String> = std::env::vars()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("_MAINNET_DEFAULT"))
        .collect();
    assert!(leaked.is_empty(), "filled from mainnet: {leaked:?}");

    let client = DirectSigningHttpRpcNyxdClient::connect_with_mnemonic_and_network_details(
        network.rpc(),
        NymNetworkDetails::new_from_env(),
        network.mnemonic("alice").parse().unwrap(),
    )
    .unwrap();
    let pending = network.folder().join("pending.sqlite");
    let fetcher = NyxdCredentialFetcher::new(Arc::new(client), pending, vec![7; 32].into())
        .await
        .unwrap();
    let storage = EphemeralStorage::default();
    let controller = BandwidthController::new(storage.clone()).with_credential_fetcher(fetcher);
    let rpc = network.rpc().parse().unwrap();
    let contract = parse_address(network.text("/contracts/ecash")).unwrap();
    World {
        ecash: QueryClient::new(&[rpc]).unwrap().ecash(&contract),
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
        gateways: HttpClient::new(HttpOptions::default()).unwrap(),
        network,
        proxy,
        controller,
        storage,
    }
}
