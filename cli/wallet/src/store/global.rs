//! Keys and public signatures of epochs, verified before they come here; revision-2 records of `client.md` 6.

use ecash_ticketbook::{EcashDate, EpochId};

use super::Store;
use super::row::to_i64;
use crate::error::WalletError;

impl Store {
    pub(crate) async fn master_key(&self, epoch: EpochId) -> Result<Option<Vec<u8>>, WalletError> {
        Ok(
            sqlx::query_scalar("SELECT data FROM master_key WHERE epoch_id = ?")
                .bind(to_i64("epoch", epoch.get())?)
                .fetch_optional(&self.pool)
                .await?,
        )
    }

    pub(crate) async fn put_master_key(
        &self,
        epoch: EpochId,
        data: &[u8],
    ) -> Result<(), WalletError> {
        let mut db = self.write("master key").await?;
        sqlx::query("INSERT INTO master_key (epoch_id, data) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(to_i64("epoch", epoch.get())?)
            .bind(data)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    pub(crate) async fn coin_signatures(
        &self,
        epoch: EpochId,
    ) -> Result<Option<Vec<u8>>, WalletError> {
        Ok(
            sqlx::query_scalar("SELECT data FROM coin_signatures WHERE epoch_id = ?")
                .bind(to_i64("epoch", epoch.get())?)
                .fetch_optional(&self.pool)
                .await?,
        )
    }

    pub(crate) async fn put_coin_signatures(
        &self,
        epoch: EpochId,
        data: &[u8],
    ) -> Result<(), WalletError> {
        let mut db = self.write("coin signatures").await?;
        sqlx::query(
            "INSERT INTO coin_signatures (epoch_id, data) VALUES (?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(to_i64("epoch", epoch.get())?)
        .bind(data)
        .execute(&mut *db)
        .await?;
        db.commit().await
    }

    pub(crate) async fn date_signatures(
        &self,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> Result<Option<Vec<u8>>, WalletError> {
        Ok(sqlx::query_scalar(
            "SELECT data FROM date_signatures WHERE epoch_id = ? AND expiration = ?",
        )
        .bind(to_i64("epoch", epoch.get())?)
        .bind(i64::from(expiration.unix()))
        .fetch_optional(&self.pool)
        .await?)
    }

    pub(crate) async fn put_date_signatures(
        &self,
        epoch: EpochId,
        expiration: EcashDate,
        data: &[u8],
    ) -> Result<(), WalletError> {
        let mut db = self.write("date signatures").await?;
        sqlx::query(
            "INSERT INTO date_signatures (epoch_id, expiration, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(to_i64("epoch", epoch.get())?)
        .bind(i64::from(expiration.unix()))
        .bind(data)
        .execute(&mut *db)
        .await?;
        db.commit().await
    }
}
