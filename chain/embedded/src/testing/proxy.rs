//! A proxy in front of an RPC that loses, delays and garbles on demand.

use std::time::Duration;

/// What the proxy does with one JSON-RPC request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The node gets the request; the connection closes without an answer.
    LoseAnswer,
    /// The node never gets the request; the connection closes without an answer.
    LoseRequest,
    /// The node does not get the request, the caller is told that it was accepted (code 0). The request is kept until
    /// [`FaultyProxy::deliver_held`], so that a transaction lands late, or never.
    Hold,
    /// The request is passed on after this long.
    Delay(Duration),
    /// Neither passed on nor ever answered.
    Stall,
    /// Answered with status 200 and these bytes.
    Answer(Vec<u8>),
    /// Answered with this HTTP status and no body.
    Status(u16),
}

/// A proxy on a loopback port of its own. Ends when dropped.
pub struct FaultyProxy {}

impl FaultyProxy {
    /// Starts in front of `upstream` (`http://127.0.0.1:port`), passing everything on.
    ///
    /// # Errors
    /// The operating system's when no port can be had.
    pub async fn start(upstream: impl Into<String>) -> std::io::Result<Self> {
        let _ = upstream.into();
        todo!()
    }

    /// Its own URL, `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        todo!()
    }

    /// From now on every request of `method` (`"*"`: of any) meets `fault`; `None` ends that.
    pub fn set(&self, method: &str, fault: Option<Fault>) {
        let _ = (method, fault);
        todo!()
    }

    /// The next request of `method` meets `fault`; several are taken in order.
    pub fn once(&self, method: &str, fault: Fault) {
        let _ = (method, fault);
        todo!()
    }

    /// How many requests of `method` have come in.
    pub fn seen(&self, method: &str) -> usize {
        let _ = method;
        todo!()
    }

    /// Passes on what [`Fault::Hold`] kept, in order, and returns the node's answers.
    ///
    /// # Errors
    /// The first request that the node did not answer.
    pub async fn deliver_held(&self) -> Result<Vec<String>, String> {
        todo!()
    }
}
