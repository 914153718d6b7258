//! `localnet.env` (`spec/cli.md` 4.1): what a client needs to know, and an empty value for everything that would otherwise
//! fall back to mainnet.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::{
    home::Description,
    network::{ADDRESS_PREFIX, FEE_DENOM, STAKE_DENOM},
};

/// Variables without a counterpart here. Published crates fill them with mainnet's values unless they are set.
const EMPTY: [&str; 22] = [
    "MIXNET_CONTRACT_ADDRESS",
    "VESTING_CONTRACT_ADDRESS",
    "NODE_FAMILIES_CONTRACT_ADDRESS",
    "DIRECTORY_CONTRACT_ADDRESS",
    "GEOLOCATION_CONTRACT_ADDRESS",
    "PERFORMANCE_CONTRACT_ADDRESS",
    "NETWORK_MONITORS_CONTRACT_ADDRESS",
    "REWARDING_VALIDATOR_ADDRESS",
    "NYXD_WS",
    "NYXD_LITE",
    "NYXD_WS_LITE",
    "NYM_VPN_API",
    "NYM_VPN_APIS",
    "DNS_FALLBACKS",
    "EXIT_POLICY",
    "CLIENT_STATS_COLLECTION_PROVIDER",
    "UPGRADE_MODE_ATTESTATION_URL",
    "UPGRADE_MODE_ATTESTER_ED25519_PUBKEY",
    "DIRECTORY_ATTESTATION_SOURCES",
    "DIRECTORY_CHECKPOINT",
    "NYX_TRUSTED_CHECKPOINT_URL",
    "ROOT_ATTESTER_ED25519_PUBKEY",
];

/// Name of the network in the file.
pub(crate) const NETWORK_NAME: &str = "localnet";

/// The file's text.
///
/// # Errors
/// If the network has no contracts or no URLs yet.
pub(crate) fn render(network: &Description) -> Result<String> {
    let contracts = network.contracts.as_ref().context("no contracts yet")?;
    let rpc = network.rpc.as_ref().context("no chain yet")?;
    let api = network
        .signers
        .first()
        .and_then(|signer| signer.url.as_ref())
        .context("no signer yet")?
        .as_str()
        .trim_end_matches('/');
    let rpc = rpc.as_str().trim_end_matches('/');
    let apis = json!([{"url": api, "front_hosts": null}]);
    let values = [
        ("CONFIGURED", "true".to_owned()),
        ("NETWORK_NAME", NETWORK_NAME.to_owned()),
        ("BECH32_PREFIX", ADDRESS_PREFIX.to_owned()),
        ("MIX_DENOM", FEE_DENOM.to_owned()),
        ("MIX_DENOM_DISPLAY", "nym".to_owned()),
        ("STAKE_DENOM", STAKE_DENOM.to_owned()),
        ("STAKE_DENOM_DISPLAY", "nyx".to_owned()),
        ("DENOMS_EXPONENT", "6".to_owned()),
        ("GROUP_CONTRACT_ADDRESS", contracts.group.to_string()),
        ("MULTISIG_CONTRACT_ADDRESS", contracts.multisig.to_string()),
        ("ECASH_CONTRACT_ADDRESS", contracts.ecash.to_string()),
        ("COCONUT_DKG_CONTRACT_ADDRESS", contracts.dkg.to_string()),
        ("NYXD", rpc.to_owned()),
        ("NYM_API", api.to_owned()),
        ("NYM_APIS", format!("'{apis}'")),
    ];
    let mut text = String::new();
    for (name, value) in values {
        writeln!(text, "{name}={value}")?;
    }
    for name in EMPTY {
        writeln!(text, "{name}=")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use crate::home::{Contracts, SignerEntry};
    use nyx_client::Address;

    fn network() -> Description {
        let address = |n| Address::new("n", &[n; 32]).unwrap();
        Description {
            chain_id: "zknym-local-00000000".into(),
            rpc: Some("http://127.0.0.1:1000".parse().unwrap()),
            threshold: 1,
            contracts: Some(Contracts {
                group: address(1),
                multisig: address(2),
                dkg: address(3),
                ecash: address(4),
            }),
            signers: vec![SignerEntry {
                number: 1,
                address: address(5),
                url: Some("http://127.0.0.1:1001".parse().unwrap()),
                identity_key: None,
            }],
            gateways: vec![],
        }
    }

    #[test]
    fn every_variable_that_mainnet_would_fill_is_set() {
        let text = render(&network()).unwrap();
        let filled = [
            "NETWORK_NAME",
            "BECH32_PREFIX",
            "MIX_DENOM",
            "MIX_DENOM_DISPLAY",
            "STAKE_DENOM",
            "STAKE_DENOM_DISPLAY",
            "DENOMS_EXPONENT",
            "NYXD",
            "NYM_APIS",
            "NYM_API",
            "NYM_VPN_APIS",
            "NYM_VPN_API",
            "NYXD_WS",
            "ECASH_CONTRACT_ADDRESS",
            "COCONUT_DKG_CONTRACT_ADDRESS",
            "GROUP_CONTRACT_ADDRESS",
            "MULTISIG_CONTRACT_ADDRESS",
            "MIXNET_CONTRACT_ADDRESS",
            "VESTING_CONTRACT_ADDRESS",
            "NODE_FAMILIES_CONTRACT_ADDRESS",
            "DIRECTORY_CONTRACT_ADDRESS",
            "GEOLOCATION_CONTRACT_ADDRESS",
            "REWARDING_VALIDATOR_ADDRESS",
            "EXIT_POLICY",
            "UPGRADE_MODE_ATTESTATION_URL",
            "NYXD_LITE",
            "NYXD_WS_LITE",
            "DIRECTORY_ATTESTATION_SOURCES",
            "DIRECTORY_CHECKPOINT",
            "NYX_TRUSTED_CHECKPOINT_URL",
            "ROOT_ATTESTER_ED25519_PUBKEY",
            "CONFIGURED",
        ];
        for name in filled {
            let lines = text
                .lines()
                .filter(|line| line.split('=').next() == Some(name))
                .count();
            assert_eq!(lines, 1, "{name}");
        }
    }

    #[test]
    fn the_list_of_apis_is_quoted_json_that_names_the_first_signer() {
        let text = render(&network()).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("NYM_APIS="))
            .unwrap();
        let json = line.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap();
        let apis: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(apis[0]["url"], "http://127.0.0.1:1001");
        assert!(text.contains("\nNYM_API=http://127.0.0.1:1001\n"));
    }

    /// The published crates load the checked-in file in the interoperability tests.
    #[test]
    fn the_file_is_the_one_that_published_crates_are_tested_with() {
        assert_eq!(
            render(&network()).unwrap(),
            include_str!("../tests/data/localnet.env")
        );
    }

    #[test]
    fn a_network_without_contracts_has_no_file() {
        assert!(
            render(&Description {
                contracts: None,
                ..network()
            })
            .is_err()
        );
    }
}
