//! Where a wallet touches the disk and the network, seen from outside: just before and just after every durable write and
//! every send. A test kills the process at each of these moments, or lets a write fail as a full disk would; production
//! has no witness.

use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;

/// A moment at which a crash leaves something behind. The text names the write or the send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Everything is said to the database, nothing is durable yet.
    BeforeWrite(&'static str),
    /// The commit has returned: it is durable.
    AfterWrite(&'static str),
    /// No byte has left the device.
    BeforeSend(&'static str),
    /// The bytes may have left; the answer is here, or will not come.
    AfterSend(&'static str),
}

/// Sees every [`Moment`] of a wallet ([`crate::WalletConfig::witness`]).
pub trait Witness: Send + Sync + fmt::Debug {
    /// A moment has come. Before a write, an error is what the disk answers, and the write does not happen; at every
    /// other moment there is nothing left that could fail, so the result is ignored.
    ///
    /// # Errors
    /// Whatever the witness wants the write to fail with.
    fn sees(&self, moment: Moment) -> io::Result<()>;
}

/// The witness of a wallet, if it has one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Option<Arc<dyn Witness>>);

impl Watch {
    pub(crate) fn by(witness: Option<Arc<dyn Witness>>) -> Self {
        Self(witness)
    }

    pub(crate) fn before_write(&self, what: &'static str) -> Result<(), sqlx::Error> {
        match &self.0 {
            Some(witness) => witness
                .sees(Moment::BeforeWrite(what))
                .map_err(sqlx::Error::Io),
            None => Ok(()),
        }
    }

    pub(crate) fn after_write(&self, what: &'static str) {
        self.tell(Moment::AfterWrite(what));
    }

    /// Runs one send between its two moments.
    pub(crate) async fn send<T>(&self, what: &'static str, sending: impl Future<Output = T>) -> T {
        self.tell(Moment::BeforeSend(what));
        let answer = sending.await;
        self.tell(Moment::AfterSend(what));
        answer
    }

    fn tell(&self, moment: Moment) {
        if let Some(witness) = &self.0 {
            // total: only the moment before a write can be refused
            let _ = witness.sees(moment);
        }
    }
}
