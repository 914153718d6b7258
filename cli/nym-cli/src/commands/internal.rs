//! `internal ecash …`: parts of obtaining a book for programs that talk to a credential proxy. Offline.

use ecash_scheme::{
    RandomNonces, UserKeyPair, UserSecretKey, WithdrawalRequest, WithdrawalSecrets,
};
use ecash_ticketbook::EcashDate;
use ecash_wallet::Seed;
use rand::rngs::OsRng;
use serde_json::{Value, json};

use super::now;
use crate::args::{GenerateKeypair, GenerateWithdrawalRequest, InternalEcashCommand};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::CommandResult;

/// How often other secrets are drawn where the base of a request comes out at infinity, which chance does not bring about.
const ATTEMPTS: u32 = 16;

pub(crate) fn run(command: InternalEcashCommand) -> Result<CommandResult, Failure> {
    let json = match command {
        InternalEcashCommand::GenerateWithdrawalRequest(args) => withdrawal_request(&args)?,
        InternalEcashCommand::GenerateKeypair(args) => key_pair(&args)?,
    };
    Ok(CommandResult {
        text: format!("{json:#}"),
        json,
    })
}

fn withdrawal_request(args: &GenerateWithdrawalRequest) -> Result<Value, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(Exit::Failed, error.to_string());
    let today = EcashDate::of(now()).map_err(|e| failed(&e))?;
    let expiration = match args.expiration_date {
        Some(date) => date,
        None => today.default_expiration().map_err(|e| failed(&e))?,
    };
    if expiration < today {
        return Err(Failure::new(
            Exit::Usage,
            format!("--expiration-date {expiration} is past; today is {today} (UTC)"),
        ));
    }
    let user = match &args.ecash_secret_key_bs58 {
        Some(text) => {
            let bytes = input::base58("--ecash-secret-key-bs58", text)?;
            let secret = UserSecretKey::from_bytes(&bytes)
                .map_err(|error| failed(&format!("--ecash-secret-key-bs58: {error}")))?;
            UserKeyPair::from(secret)
        }
        None => UserKeyPair::random(&mut OsRng),
    };
    for _ in 0..ATTEMPTS {
        let made = WithdrawalRequest::new(
            &user,
            expiration.unix(),
            args.ticketbook_type.code(),
            WithdrawalSecrets::random(&mut OsRng),
            &mut RandomNonces(&mut OsRng),
        );
        let (request, info) = match made {
            Ok(made) => made,
            Err(ecash_scheme::Error::UnusableSecrets) => continue,
            Err(error) => return Err(failed(&error)),
        };
        return Ok(json!({
            "ecash_proxy_request": {
                "withdrawalRequest": bs58::encode(request.to_bytes()).into_string(),
                "ecashPubkey": user.public_key().to_base58(),
                "expirationDate": expiration,
                "ticketbookType": args.ticketbook_type,
                "isFreepassRequest": false,
            },
            "ecash_secret": bs58::encode(user.secret_key().to_bytes().as_slice()).into_string(),
            "ecash_request_info_bs58": bs58::encode(info.to_bytes().as_slice()).into_string(),
        }));
    }
    Err(failed(&ecash_scheme::Error::UnusableSecrets))
}

fn key_pair(args: &GenerateKeypair) -> Result<Value, Failure> {
    let user = match &args.bs58_encoded_client_secret {
        Some(text) => {
            let seed = Seed::new(input::base58("--bs58-encoded-client-secret", text)?)?;
            UserKeyPair::from_seed(seed.expose())
        }
        None => UserKeyPair::random(&mut OsRng),
    };
    Ok(json!({
        "secret_key": bs58::encode(user.secret_key().to_bytes().as_slice()).into_string(),
        "public_key": user.public_key().to_base58(),
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use ecash_scheme::UserPublicKey;
    use ecash_ticketbook::TicketType;

    use super::*;

    #[test]
    fn a_request_verifies_under_the_key_that_goes_with_it() {
        let pair = key_pair(&GenerateKeypair {
            bs58_encoded_client_secret: Some(bs58::encode([9; 32]).into_string()),
        })
        .unwrap();
        let made = withdrawal_request(&GenerateWithdrawalRequest {
            ticketbook_type: TicketType::WireguardExit,
            expiration_date: None,
            ecash_secret_key_bs58: pair["secret_key"].as_str().map(str::to_owned),
        })
        .unwrap();
        let request = &made["ecash_proxy_request"];
        assert_eq!(request["ecashPubkey"], pair["public_key"]);
        assert_eq!(made["ecash_secret"], pair["secret_key"]);
        assert_eq!(request["ticketbookType"], "v1-wireguard-exit");
        assert_eq!(request["isFreepassRequest"], false);
        let bytes = bs58::decode(request["withdrawalRequest"].as_str().unwrap())
            .into_vec()
            .unwrap();
        let expiration: EcashDate = request["expirationDate"].as_str().unwrap().parse().unwrap();
        let user = UserPublicKey::from_base58(pair["public_key"].as_str().unwrap()).unwrap();
        WithdrawalRequest::from_bytes(&bytes)
            .unwrap()
            .verify(&user, expiration.unix(), TicketType::WireguardExit.code())
            .unwrap();
        let info = bs58::decode(made["ecash_request_info_bs58"].as_str().unwrap())
            .into_vec()
            .unwrap();
        assert_eq!(info.len(), 248);
    }

    #[test]
    fn one_seed_is_one_key_and_a_short_seed_is_none() {
        let of = |seed: &[u8]| {
            key_pair(&GenerateKeypair {
                bs58_encoded_client_secret: Some(bs58::encode(seed).into_string()),
            })
        };
        assert_eq!(of(&[1; 16]).unwrap(), of(&[1; 16]).unwrap());
        assert_ne!(of(&[1; 16]).unwrap(), of(&[2; 16]).unwrap());
        assert!(of(&[1; 15]).unwrap_err().message.contains("15"));
    }

    #[test]
    fn a_past_date_and_a_malformed_key_are_refused() {
        let args = |date: &str, key: Option<&str>| GenerateWithdrawalRequest {
            ticketbook_type: TicketType::MixnetEntry,
            expiration_date: Some(date.parse().unwrap()),
            ecash_secret_key_bs58: key.map(str::to_owned),
        };
        let past = withdrawal_request(&args("2020-01-01", None)).unwrap_err();
        assert_eq!(past.exit, Exit::Usage);
        assert!(past.message.contains("2020-01-01"));
        let key = withdrawal_request(&args("2100-01-01", Some("abc"))).unwrap_err();
        assert!(
            key.message.contains("--ecash-secret-key-bs58"),
            "{}",
            key.message
        );
    }
}
