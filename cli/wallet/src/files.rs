//! Ticketbooks and public data as files (`client.md` 6, 7.5; `cli.md` 2.3, 2.5): read, verified, taken in, handed over.
//!
//! | module | concept |
//! |---|---|
//! | `error` | what can be wrong with a file |
//! | `object` | the five kinds of files, read from bytes or base58 |
//! | `examine` | every check of a ticketbook file |
//! | `import` | taking a file in: all of it or nothing |
//! | `export` | handing the tail of a book over to another device |

mod error;
pub(crate) mod examine;
mod export;
mod import;
mod object;

pub use error::FileError;
pub use examine::Check;
pub use export::{Export, Exported, Parts};
pub use import::{ImportedBook, IndexRange, KeyTrust};
pub use object::{
    BookFile, FileKind, MAX_FILE_BYTES, from_base58, read_coin_signatures, read_date_signatures,
    read_master_key,
};
