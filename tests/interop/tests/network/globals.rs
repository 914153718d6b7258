//! What a member of ours serves for everybody, judged by the published scheme.

use crate::World;
use crate::routes::Route;
use nym_api_requests::ecash::models::MasterVerificationKeyResponse;
use nym_api_requests::ecash::models::{
    AggregatedCoinIndicesSignatureResponse, AggregatedExpirationDateSignatureResponse,
};
use nym_compact_ecash::scheme::coin_indices_signatures::{
    CoinIndexSignature, verify_coin_indices_signatures,
};
use nym_compact_ecash::scheme::expiration_date_signatures::{
    ExpirationDateSignature, verify_valid_dates_signatures,
};
use nym_ecash_time::EcashTime;

pub(crate) async fn accepted(world: &mut World) {
    for signer in world.network.signers() {
        let get = |path| Route::get(&world.client, signer, path);
        let key: MasterVerificationKeyResponse =
            get("/v1/ecash/master-verification-key").json().await;
        let dates: AggregatedExpirationDateSignatureResponse =
            get("/v1/ecash/aggregated-expiration-date-signatures")
                .json()
                .await;
        let coins: AggregatedCoinIndicesSignatureResponse =
            get("/v1/ecash/aggregated-coin-indices-signatures")
                .json()
                .await;
        let key = key.key;

        let expiration = dates.expiration_date.ecash_unix_timestamp();
        assert!(
            dates
                .signatures
                .iter()
                .all(|date| date.expiration_timestamp == expiration)
        );
        let mut signatures: Vec<ExpirationDateSignature> =
            dates.signatures.iter().map(|date| date.signature).collect();
        verify_valid_dates_signatures(&key, &signatures, expiration).unwrap();
        signatures.swap(0, 1);
        assert!(verify_valid_dates_signatures(&key, &signatures, expiration).is_err());

        let mut signatures: Vec<CoinIndexSignature> =
            coins.signatures.iter().map(|coin| coin.signature).collect();
        verify_coin_indices_signatures(&key, &key, &signatures).unwrap();
        signatures.swap(0, 49);
        assert!(verify_coin_indices_signatures(&key, &key, &signatures).is_err());
    }
}
