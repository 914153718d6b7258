//! What is shown while a network comes up or a demo runs.

use std::{
    io::{IsTerminal, stderr},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

/// How long setting something up may take before the spinner turns on a terminal.
const TICK: Duration = Duration::from_millis(100);

/// Receives what happens.
pub trait Progress: Send + Sync {
    /// Something began; it is over when the next thing begins or ends.
    fn begins(&self, what: &str);
    /// Something to be told once.
    fn says(&self, what: &str);
}

/// Shows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Quiet;

impl Progress for Quiet {
    fn begins(&self, _: &str) {}
    fn says(&self, _: &str) {}
}

/// Lines on standard error; on a terminal also what is going on at the moment.
pub(crate) struct Lines(Option<ProgressBar>);

impl Lines {
    pub(crate) fn new() -> Self {
        if !stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self(Some(bar))
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Lines {
    fn begins(&self, what: &str) {
        match &self.0 {
            Some(bar) => {
                bar.reset_elapsed();
                bar.set_message(what.to_owned());
            }
            None => eprintln!("… {what}"),
        }
    }

    fn says(&self, what: &str) {
        match &self.0 {
            Some(bar) => bar.println(what),
            None => eprintln!("{what}"),
        }
    }
}
