//! What this node finds when it probes the signers, its own included: which follow the chain, which issue, and whether
//! that is enough of them (`quorum-api.md` 5.3, 5.4).

mod follow;
pub(crate) mod http;
mod probe;
mod survey;

pub use follow::{SurveyWatch, Surveyor, SurveyorParts};
pub use survey::{Listed, Survey};
