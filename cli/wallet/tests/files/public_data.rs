//! The three kinds of public data as files.

use ecash_scheme::codec::Encode as _;
use ecash_ticketbook::{EpochId, EpochVerificationKey, Record as _, TicketbookError};
use ecash_wallet::{
    FileError, FileKind, KeyTrust, WalletError, read_coin_signatures, read_date_signatures,
    read_master_key,
};

use crate::support::{Device, EPOCH, Schema, count, mint, other_mint, standalone};

fn file_error<T>(outcome: Result<T, WalletError>) -> FileError {
    match outcome.err().unwrap() {
        WalletError::BookFile(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_was_written_is_read_and_taken_in_any_number_of_times() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let key = read_master_key(mint().key().to_record().data(), Some(2)).unwrap();
    let coins = read_coin_signatures(mint().coins.to_record().data(), None).unwrap();
    let dates = read_date_signatures(mint().dates.to_record().data(), None).unwrap();
    for trust in [KeyTrust::FileOnly, KeyTrust::Stored] {
        assert_eq!(shelf.import_master_key(&key, None).await.unwrap(), trust);
        shelf.import_coin_signatures(&coins, None).await.unwrap();
        shelf.import_date_signatures(&dates, None).await.unwrap();
    }
    let chain = Some(mint().master.clone());
    assert_eq!(
        shelf.import_master_key(&key, chain).await.unwrap(),
        KeyTrust::Chain
    );
}

#[tokio::test]
async fn a_second_key_for_an_epoch_or_one_that_is_not_the_chains_is_refused() {
    let device = Device::new();
    let shelf = device.shelf().await;
    let chain = Some(other_mint().master.clone());
    assert!(matches!(
        file_error(shelf.import_master_key(&mint().key(), chain).await),
        FileError::KeyDiffers {
            place: "on chain",
            ..
        }
    ));
    shelf.import_master_key(&mint().key(), None).await.unwrap();
    assert!(matches!(
        file_error(shelf.import_master_key(&other_mint().key(), None).await),
        FileError::KeyDiffers {
            place: "stored here",
            ..
        }
    ));
    let other_epoch = EpochVerificationKey {
        epoch_id: EpochId(4),
        key: other_mint().master.clone(),
    };
    shelf.import_master_key(&other_epoch, None).await.unwrap();
    let chain = Some(other_mint().master.clone());
    assert!(matches!(
        file_error(shelf.import_coin_signatures(&mint().coins, chain).await),
        FileError::StoredKeyDiffers { epoch: EPOCH }
    ));
}

#[tokio::test]
async fn signatures_need_their_key_and_must_verify_under_it() {
    let device = Device::new();
    let shelf = device.shelf().await;
    assert!(matches!(
        file_error(shelf.import_coin_signatures(&mint().coins, None).await),
        FileError::Missing { .. }
    ));
    let chain = || Some(mint().master.clone());
    for refused in [
        shelf
            .import_coin_signatures(&other_mint().coins, chain())
            .await,
        shelf
            .import_date_signatures(&other_mint().dates, chain())
            .await,
    ] {
        assert!(matches!(
            file_error(refused),
            FileError::BadPublicData { .. }
        ));
    }
    shelf
        .import_coin_signatures(&mint().coins, chain())
        .await
        .unwrap();
}

#[test]
fn files_cut_anywhere_or_of_an_old_or_unknown_revision_are_refused() {
    let key = mint().key().to_record();
    let coins = mint().coins.to_record();
    let dates = mint().dates.to_record();
    for end in 0..key.data().len() {
        assert!(read_master_key(&key.data()[..end], None).is_err());
    }
    for end in 0..coins.data().len() {
        assert!(read_coin_signatures(&coins.data()[..end], None).is_err());
    }
    for end in 0..dates.data().len() {
        assert!(read_date_signatures(&dates.data()[..end], None).is_err());
    }
    for revision in [0, 1, 3] {
        let errors = [
            read_master_key(key.data(), Some(revision)).unwrap_err(),
            read_coin_signatures(coins.data(), Some(revision)).unwrap_err(),
            read_date_signatures(dates.data(), Some(revision)).unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(
                    error,
                    FileError::Malformed {
                        source: TicketbookError::Revision { .. },
                        ..
                    }
                ),
                "{error}"
            );
        }
    }
    let bare = mint().coins.signatures.to_bin();
    assert!(
        read_coin_signatures(&bare, None).is_err(),
        "the form before revision 2"
    );
}

#[test]
fn each_file_is_refused_where_another_is_expected() {
    let coins = mint().coins.to_record();
    let error = read_date_signatures(coins.data(), None).unwrap_err();
    assert!(matches!(
        error,
        FileError::WrongKind {
            expected: FileKind::DateSignatures,
            found: FileKind::CoinSignatures
        }
    ));
    let error = read_master_key(&standalone(&crate::support::book()), None).unwrap_err();
    assert!(error.to_string().contains("--standalone"), "{error}");
}

#[tokio::test]
async fn public_data_goes_to_the_published_database_too() {
    let device = Device::with_published(Schema::May).await;
    let shelf = device.shelf().await;
    shelf.import_master_key(&mint().key(), None).await.unwrap();
    shelf
        .import_coin_signatures(&mint().coins, None)
        .await
        .unwrap();
    shelf
        .import_date_signatures(&mint().dates, None)
        .await
        .unwrap();
    let rows = count(
        &device.credentials(),
        "SELECT (SELECT count(*) FROM master_verification_key WHERE serialization_revision = 2)
              + (SELECT count(*) FROM coin_indices_signatures WHERE serialization_revision = 2)
              + (SELECT count(*) FROM expiration_date_signatures WHERE serialization_revision = 2)",
    )
    .await;
    assert_eq!(rows, 3);
}
