//! Progress: a spinner where stderr is a terminal, otherwise one line per step; nothing with `--quiet`.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use ecash_wallet::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(100);

/// Shows what the wallet does.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Nothing.
    Quiet,
    /// One line per step on stderr.
    Lines,
    /// A spinner on a terminal; lines above it stay.
    Spinner(ProgressBar),
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self::Spinner(bar)
    }

    /// A step has begun.
    pub(crate) fn step(&self, text: &str) {
        match self {
            Self::Quiet => {}
            Self::Lines => line(text),
            Self::Spinner(bar) => bar.set_message(text.to_owned()),
        }
    }

    /// Something that should stay visible.
    pub(crate) fn note(&self, text: &str) {
        match self {
            Self::Quiet => {}
            Self::Lines => line(text),
            Self::Spinner(bar) => bar.println(text),
        }
    }
}

/// One line on stderr; where that is closed, nobody reads it.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Spinner(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event) {
        match event {
            Event::Resuming { deposit_id: None } => {
                self.step("resuming a deposit transaction of an earlier run")
            }
            Event::Resuming {
                deposit_id: Some(id),
            } => self.step(&format!("resuming deposit {id}")),
            Event::Signers {
                epoch,
                usable,
                threshold,
            } => {
                self.step(&format!(
                    "epoch {epoch}: {usable} signers, {threshold} needed"
                ));
            }
            Event::ShareDropped { owner, reason } => {
                self.note(&format!("signer {owner} is left out: {reason}"))
            }
            Event::ClockCorrected { offset_secs } => {
                self.note(&format!(
                    "this machine's clock is off by {offset_secs} s; the network's time is used"
                ));
            }
            Event::Waiting { reason } => self.step(&format!("waiting: {reason}")),
            Event::GlobalData { epoch } => self.step(&format!(
                "keys and public signatures of epoch {epoch} verified"
            )),
            Event::BadGlobalData {
                node_index,
                url,
                reason,
            } => {
                self.note(&format!(
                    "signer {node_index} ({url}) served data that does not verify: {reason}"
                ));
            }
            Event::Paying { tx_hash, books, .. } => self.step(&format!(
                "paying for {books} ticketbook(s), transaction {tx_hash}"
            )),
            Event::Deposited { deposit_id } => {
                self.step(&format!("deposit {deposit_id} is on chain"))
            }
            Event::Requesting {
                deposit_id,
                epoch,
                signers,
            } => {
                self.step(&format!(
                    "deposit {deposit_id}: asking {signers} signers of epoch {epoch}"
                ));
            }
            Event::Share {
                deposit_id,
                node_index,
                have,
                threshold,
            } => {
                self.step(&format!(
                    "deposit {deposit_id}: share {have} of {threshold} (signer {node_index})"
                ));
            }
            Event::SignerFailed { deposit_id, signer } => {
                let detail = signer
                    .outcome
                    .detail()
                    .map_or(String::new(), |detail| format!(": {detail}"));
                self.note(&format!(
                    "deposit {deposit_id}: signer {} ({}) {}{detail}",
                    signer.node_index,
                    signer.url,
                    signer.outcome.name()
                ));
            }
            Event::AskingStatus { deposit_id, signers } => self.step(&format!(
                "deposit {deposit_id}: asking {signers} signers what they recorded"
            )),
            Event::RefundDemanded {
                deposit_id,
                recorded,
                asked,
            } => self.note(&format!(
                "deposit {deposit_id}: its money is asked back, {recorded} of {asked} signers wrote that down"
            )),
            Event::Moved { deposit_id, state } => {
                let deposit = deposit_id.map_or("a deposit".to_owned(), |id| format!("deposit {id}"));
                self.note(&format!("{deposit} is {} now", state.text()));
            }
            Event::Book { book, deposit_id } => {
                self.step(&format!("deposit {deposit_id} became ticketbook {book}"))
            }
            _ => {}
        }
    }
}
