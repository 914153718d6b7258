//! The credential database of the published clients (`client.md` 7.1): opened where it exists, written in its own schema,
//! never created, never migrated. A published program may use it at the same time.
//!
//! | module | concept |
//! |---|---|
//! | `error` | what can be wrong with somebody else's file |
//! | `sql` | all its SQL, and which schemas are known |
//! | `record` | what its rows hold, decoded |
//!
//! Who spends from it moves its counter first: the file knows how many tickets of a book are used, not which, so that only
//! the index that equals the counter can be taken.

mod error;
mod record;
mod sql;

pub use error::ReferenceError;
pub(crate) use record::{HeldBook, normalised};
pub(crate) use sql::{NewReferenceBook, Reference, Stored};
