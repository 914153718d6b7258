//! JSON messages, responses and events of the contracts.
