//! A member votes only on the proposal that does exactly one thing: verify the share that it judged (`dkg.md` 10.3).

use cosmwasm_std::{CosmosMsg, Empty, WasmMsg};
use cw3::ProposalResponse;
use sha2::{Digest as _, Sha256};

/// Title of the proposals that the DKG contract makes.
pub const TITLE: &str = "Verify VK share, as ordered by Coconut DKG Contract";

/// SHA-256 of a share's base58 text, lower-case hex.
#[must_use]
pub fn share_hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// What the proposal must be about.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The DKG contract.
    pub dkg_contract: &'a str,
    /// Owner of the share.
    pub owner: &'a str,
    /// The epoch's flag.
    pub resharing: bool,
    /// The epoch.
    pub epoch_id: u64,
    /// Hash of the share that was judged.
    pub share_hash: &'a str,
}

/// Checks a proposal against what it must be; the reason if it is another.
///
/// # Errors
/// What differs.
pub fn check(proposal: &ProposalResponse<Empty>, expected: &Expected<'_>) -> Result<(), String> {
    if proposal.proposer.as_str() != expected.dkg_contract {
        return Err(format!("its proposer is {}", proposal.proposer));
    }
    if proposal.title != TITLE {
        return Err(format!("its title is {:?}", proposal.title));
    }
    let [
        CosmosMsg::Wasm(WasmMsg::Execute {
            contract_addr,
            msg,
            funds,
        }),
    ] = proposal.msgs.as_slice()
    else {
        return Err(format!(
            "it has {} messages or one that executes no contract",
            proposal.msgs.len()
        ));
    };
    if contract_addr != expected.dkg_contract {
        return Err(format!("it executes {contract_addr}"));
    }
    if !funds.is_empty() {
        return Err("it carries funds".to_owned());
    }
    let body: serde_json::Value =
        serde_json::from_slice(msg.as_slice()).map_err(|e| format!("its body is no JSON: {e}"))?;
    let wanted = serde_json::json!({
        "verify_verification_key_share": {
            "owner": expected.owner,
            "resharing": expected.resharing,
            "epoch_id": expected.epoch_id,
            "share_hash": expected.share_hash,
        }
    });
    if body != wanted {
        return Err(format!("its body is {body}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use cosmwasm_std::{Addr, BankMsg, Binary, Decimal, coins};
    use cw_utils::{Expiration, ThresholdResponse};
    use cw3::Status;

    use super::*;

    const EXPECTED: Expected<'_> = Expected {
        dkg_contract: "n1dkg",
        owner: "n1owner",
        resharing: false,
        epoch_id: 3,
        share_hash: "ab",
    };

    fn body(epoch: u64, hash: &str) -> serde_json::Value {
        serde_json::json!({"verify_verification_key_share": {"owner": "n1owner", "resharing": false, "epoch_id": epoch, "share_hash": hash}})
    }

    fn proposal(body: &serde_json::Value) -> ProposalResponse<Empty> {
        ProposalResponse {
            id: 1,
            title: TITLE.to_owned(),
            description: String::new(),
            msgs: vec![CosmosMsg::Wasm(WasmMsg::Execute {
                contract_addr: "n1dkg".to_owned(),
                msg: Binary::from(serde_json::to_vec(body).unwrap()),
                funds: vec![],
            })],
            status: Status::Open,
            expires: Expiration::Never {},
            threshold: ThresholdResponse::AbsolutePercentage {
                percentage: Decimal::percent(67),
                total_weight: 5,
            },
            proposer: Addr::unchecked("n1dkg"),
            deposit: None,
        }
    }

    #[test]
    fn the_proposal_of_the_contract_is_recognised() {
        assert_eq!(check(&proposal(&body(3, "ab")), &EXPECTED), Ok(()));
    }

    #[test]
    fn a_proposal_that_is_about_anything_else_or_does_anything_more_gets_no_vote() {
        let mut more_fields = body(3, "ab");
        more_fields["verify_verification_key_share"]["extra"] = 1.into();
        let mut wrong = vec![
            proposal(&body(4, "ab")),
            proposal(&body(3, "ac")),
            proposal(&more_fields),
        ];
        let honest = || proposal(&body(3, "ab"));
        wrong.push(ProposalResponse {
            proposer: Addr::unchecked("n1other"),
            ..honest()
        });
        wrong.push(ProposalResponse {
            title: "Verify".to_owned(),
            ..honest()
        });
        wrong.push(ProposalResponse {
            msgs: vec![],
            ..honest()
        });
        let twice = [honest().msgs, honest().msgs].concat();
        wrong.push(ProposalResponse {
            msgs: twice,
            ..honest()
        });
        let bank = CosmosMsg::Bank(BankMsg::Send {
            to_address: "n1thief".to_owned(),
            amount: coins(1, "unym"),
        });
        wrong.push(ProposalResponse {
            msgs: vec![bank],
            ..honest()
        });
        let mut paid = honest();
        if let Some(CosmosMsg::Wasm(WasmMsg::Execute { funds, .. })) = paid.msgs.first_mut() {
            *funds = coins(1, "unym");
        }
        wrong.push(paid);
        for proposal in wrong {
            assert!(check(&proposal, &EXPECTED).is_err(), "{proposal:?}");
        }
    }

    #[test]
    fn a_share_hash_is_the_hash_of_its_text() {
        assert_eq!(
            share_hash(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
