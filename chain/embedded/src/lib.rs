//! A one-node chain in the process, running the contracts behind a CometBFT RPC.
