//! Accounts: number, sequence and public key of everybody who ever received or sent.

use cosmrs::proto::cosmos::auth::v1beta1::BaseAccount;
use cosmrs::proto::prost::Message;
use cosmwasm_std::Storage;

const ACCOUNT: &[u8] = b"auth/account/";
const NEXT_NUMBER: &[u8] = b"auth/next_number";

fn key(address: &str) -> Vec<u8> {
    [ACCOUNT, address.as_bytes()].concat()
}

/// The account of `address`, if it exists.
pub(crate) fn load(storage: &dyn Storage, address: &str) -> Option<BaseAccount> {
    let bytes = storage.get(&key(address))?;
    BaseAccount::decode(bytes.as_slice()).ok()
}

/// Writes `account` under its address.
pub(crate) fn save(storage: &mut dyn Storage, account: &BaseAccount) {
    storage.set(&key(&account.address), &account.encode_to_vec());
}

/// Makes the account of `address` under the next number, unless it exists.
pub(crate) fn ensure(storage: &mut dyn Storage, address: &str) {
    if storage.get(&key(address)).is_some() {
        return;
    }
    let number = storage
        .get(NEXT_NUMBER)
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u64::from_be_bytes);
    storage.set(NEXT_NUMBER, &number.saturating_add(1).to_be_bytes());
    let account = BaseAccount {
        address: address.to_owned(),
        pub_key: None,
        account_number: number,
        sequence: 0,
    };
    save(storage, &account);
}
