//! What the demo tells at its end.

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use crate::home::Description;

/// The network that the demo ran over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkFacts {
    /// The chain's name.
    pub chain_id: String,
    /// Quorum members.
    pub signers: usize,
    /// Shares that make a book.
    pub threshold: u64,
    /// Gateways.
    pub gateways: usize,
}

impl NetworkFacts {
    pub(super) fn of(network: &Description) -> Self {
        Self {
            chain_id: network.chain_id.clone(),
            signers: network.signers.len(),
            threshold: network.threshold,
            gateways: network.gateways.len(),
        }
    }
}

/// One step and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name.
    pub step: String,
    /// Who acted, or was acted upon.
    pub who: String,
    /// What came of it: a verdict, or `done`.
    pub outcome: String,
    /// What should come of it.
    pub expected: String,
    /// Whether it did.
    pub ok: bool,
    /// Size of the request body sent; 0 without one.
    pub bytes: usize,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl Step {
    pub(super) fn line(&self) -> String {
        let mark = if self.ok { "ok " } else { "NOT" };
        format!(
            "{mark} {:<32} {:<10} {} ({} ms)",
            self.step, self.who, self.outcome, self.ms
        )
    }
}

/// Everything that was done, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every outcome was the expected one.
    pub ok: bool,
    /// The network.
    pub network: NetworkFacts,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Report {
    pub(super) fn new(network: NetworkFacts, steps: Vec<Step>) -> Self {
        Self {
            ok: !steps.is_empty() && steps.iter().all(|step| step.ok),
            network,
            steps,
        }
    }

    /// As a table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let NetworkFacts {
            chain_id,
            signers,
            threshold,
            gateways,
        } = &self.network;
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_header(["step", "who", "outcome", "expected", "ok", "bytes", "ms"]);
        for step in &self.steps {
            table.add_row([
                step.step.clone(),
                step.who.clone(),
                step.outcome.clone(),
                step.expected.clone(),
                if step.ok { "yes" } else { "NO" }.to_owned(),
                step.bytes.to_string(),
                step.ms.to_string(),
            ]);
        }
        for column in [5, 6] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let good = self.steps.iter().filter(|step| step.ok).count();
        format!(
            "{chain_id}: {signers} signers, threshold {threshold}, {gateways} gateways\n{table}\n{good} of {} as expected",
            self.steps.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(ok: bool) -> Step {
        Step {
            step: "spend".into(),
            who: "gateway 1".into(),
            outcome: "Accepted".into(),
            expected: "Accepted".into(),
            ok,
            bytes: 1278,
            ms: 12,
        }
    }

    fn facts() -> NetworkFacts {
        NetworkFacts {
            chain_id: "zknym-local-00000000".into(),
            signers: 5,
            threshold: 4,
            gateways: 2,
        }
    }

    #[test]
    fn one_unexpected_outcome_makes_the_whole_not_ok_and_so_does_no_step_at_all() {
        assert!(Report::new(facts(), vec![step(true), step(true)]).ok);
        assert!(!Report::new(facts(), vec![step(true), step(false)]).ok);
        assert!(!Report::new(facts(), vec![]).ok);
    }
}
