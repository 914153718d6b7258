//! This member's part in making distributed keys (`dkg.md` 13). In this version the key material comes from a dealer
//! that writes each member's share file into its key directory; registering, submitting, judging, voting and executing
//! are the member's own.
//!
//! | module | concept |
//! |---|---|
//! | [`follow`] | the loop that reads epochs and confirms keys |
//! | [`judge`] | verdicts on others' key shares, pure |
//! | [`proposal`] | is a proposal exactly the one that verifies a share?, pure |
//! | [`controller`] | the loop that acts |

pub mod controller;
pub mod follow;
pub mod judge;
pub mod proposal;

pub use controller::{Controller, ControllerParts};
pub use follow::Follower;
