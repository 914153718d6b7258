use cosmrs::tendermint::{abci::response::Info, block};
use tendermint_rpc::endpoint;

use super::QueryClient;
use crate::error::Error;

/// What a node says of its application and of the newest block that this has committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The application.
    pub info: Info,
    /// Identity of the block.
    pub block_id: block::Id,
    /// Its header.
    pub header: block::Header,
}

impl QueryClient {
    /// The newest block, and the application that committed it.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn head(&self) -> Result<ChainHead, Error> {
        let info = self
            .call("abci_info", endpoint::abci_info::Request)
            .await?
            .response;
        let request = endpoint::block::Request::new(info.last_block_height);
        let found = self.call("block", request).await?;
        Ok(ChainHead {
            info,
            block_id: found.block_id,
            header: found.block.header,
        })
    }
}
