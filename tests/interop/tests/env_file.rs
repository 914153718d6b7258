//! `localnet.env` as the published crates read it. Loading sets the variables of this process, hence one test and a file of
//! its own.
#![allow(clippy::unwrap_used)]

use nym_network_defaults::{NymNetworkDetails, setup_env};

/// The checked-in example, which a test of `localnet` compares with what it writes.
const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../localnet/tests/data/localnet.env"
);

#[test]
fn published_crates_read_a_local_network_and_nothing_of_mainnet() {
    assert!(
        std::env::var_os("CONFIGURED").is_none(),
        "the environment is configured already, the file would be ignored"
    );
    setup_env(Some(FILE));
    let leaked: Vec<String> = std::env::vars()
        .map(|(name, _)| name)
        .filter(|name| name.ends_with("_MAINNET_DEFAULT"))
        .collect();
    assert!(leaked.is_empty(), "filled from mainnet: {leaked:?}");

    let network = NymNetworkDetails::new_from_env();
    let read = |name: &str| std::env::var(name).ok();
    assert_eq!(network.network_name, "localnet");
    assert_eq!(network.chain_details.bech32_account_prefix, "n");
    assert_eq!(network.chain_details.mix_denom.base, "unym");
    assert_eq!(
        network.contracts.ecash_contract_address,
        read("ECASH_CONTRACT_ADDRESS")
    );
    assert_eq!(
        network.contracts.coconut_dkg_contract_address,
        read("COCONUT_DKG_CONTRACT_ADDRESS")
    );
    assert!(network.contracts.mixnet_contract_address.is_none());
    let endpoint = network.endpoints.first().unwrap();
    assert_eq!(endpoint.nyxd_url, "http://127.0.0.1:1000");
    assert_eq!(endpoint.api_url.as_deref(), Some("http://127.0.0.1:1001"));
}
