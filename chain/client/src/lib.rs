//! Typed queries and transactions over CometBFT RPC.
