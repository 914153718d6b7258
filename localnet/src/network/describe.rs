//! What a network consists of before it runs: its name, members, accounts.

use anyhow::{Result, bail, ensure};
use rand::Rng as _;

use super::{ADMIN, DEFAULT_GATEWAYS, DEFAULT_SIGNERS, MAX_MEMBERS, NYM, Options, launch};
use crate::home::{Accounts, Description, GatewayEntry, Home, SignerEntry};

/// Accounts that are funded for a person to use.
const PEOPLE: [&str; 2] = ["alice", "bob"];

/// The network that lies in `home`, or a new one.
pub(super) fn describe(home: &Home, options: &Options) -> Result<(Description, Accounts)> {
    if let (Some(description), Some(accounts)) = (home.description()?, home.accounts()?) {
        for (what, asked, there) in [
            ("signers", options.signers, description.signers.len()),
            ("gateways", options.gateways, description.gateways.len()),
        ] {
            if let Some(asked) = asked
                && usize::from(asked) != there
            {
                bail!(
                    "the network in {} has {there} {what}, not {asked}; give that number or none, or another --home",
                    home.path().display()
                );
            }
        }
        return Ok((description, accounts));
    }
    let signers = options.signers.unwrap_or(DEFAULT_SIGNERS);
    let gateways = options.gateways.unwrap_or(DEFAULT_GATEWAYS);
    ensure!(
        (1..=MAX_MEMBERS).contains(&signers),
        "{signers} signers; a local network has 1 to {MAX_MEMBERS}"
    );
    ensure!(
        gateways <= MAX_MEMBERS,
        "{gateways} gateways; a local network has at most {MAX_MEMBERS}"
    );
    let names = [ADMIN]
        .into_iter()
        .chain(PEOPLE)
        .map(str::to_owned)
        .chain((1..=signers).map(launch::signer_account))
        .chain((1..=gateways).map(launch::gateway_account));
    let accounts = Accounts::generate(names)?;
    let address = |name: String| Ok::<_, anyhow::Error>(accounts.entry(&name)?.address.clone());
    let description = Description {
        chain_id: format!("zknym-local-{:08x}", rand::thread_rng().r#gen::<u32>()),
        rpc: None,
        threshold: ecash_contract_messages::dkg::threshold(signers.into()),
        contracts: None,
        signers: (1..=signers)
            .map(|number| {
                Ok(SignerEntry {
                    number,
                    address: address(launch::signer_account(number))?,
                    url: None,
                    identity_key: None,
                })
            })
            .collect::<Result<_>>()?,
        gateways: (1..=gateways)
            .map(|number| {
                Ok(GatewayEntry {
                    number,
                    address: address(launch::gateway_account(number))?,
                    url: None,
                    loopback_url: None,
                    identity_key: None,
                    roles: launch::roles(number),
                })
            })
            .collect::<Result<_>>()?,
    };
    home.save_accounts(&accounts)?;
    home.save(&description)?;
    Ok((description, accounts))
}

/// What a genesis account holds, by its name.
pub(super) fn genesis_amount(name: &str) -> u128 {
    match name {
        ADMIN => 1_000_000 * NYM,
        _ => 1_000 * NYM,
    }
}
