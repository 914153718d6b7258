//! One deposit on its whole way: paid, turned into a ticketbook, spent, used; then what must not work, and a Quorum that
//! loses a member.

mod report;
mod scenario;
mod tamper;

use std::time::Instant;

use anyhow::{Context as _, Result};

pub use report::{NetworkFacts, Report, Step};
use scenario::{Done, Scenario};

use crate::{
    network::{Network, Options},
    progress::Progress,
};

/// What a step's outcome is where there is no verdict.
const DONE: &str = "done";
/// Spends at the first gateway; the rest goes to the second.
const SPENDS_AT_FIRST: u16 = 3;
/// Spends in all.
const SPENDS: u16 = 5;
/// Both gateways of the demo.
const GATEWAYS: [u16; 2] = [1, 2];

/// Runs the demo over a network of its own.
///
/// # Errors
/// If the network does not come up or does not end. A step that goes wrong is no error: the report says so.
pub async fn run(options: Options, progress: &dyn Progress) -> Result<Report> {
    let began = Instant::now();
    let network = Network::start_quorum(options, progress).await?;
    progress.says(&format!(
        "Quorum up after {:.1} s",
        began.elapsed().as_secs_f64()
    ));
    let mut demo = Demo {
        steps: Vec::new(),
        progress,
        scenario: Scenario::new(network)?,
    };
    demo.all().await;
    let network = demo.scenario.into_network().await;
    let facts = NetworkFacts::of(network.description());
    progress.begins("stopping the network");
    network
        .stop()
        .await
        .context("the network did not end cleanly")?;
    Ok(Report::new(facts, demo.steps))
}

struct Demo<'a> {
    steps: Vec<Step>,
    progress: &'a dyn Progress,
    scenario: Scenario,
}

/// Runs one step of the scenario and writes down what came of it.
macro_rules! step {
    ($demo:ident, $name:literal, $who:expr, $expected:expr, $call:ident($($argument:expr),*)) => {{
        let who: String = $who.into();
        $demo.progress.begins(&format!("{} ({who})", $name));
        let began = Instant::now();
        let came = $demo.scenario.$call($($argument),*).await;
        $demo.record($name, who, $expected, came, began);
    }};
}

impl Demo<'_> {
    async fn all(&mut self) {
        let [first, second] = GATEWAYS;
        let at = |number: u16| format!("gateway {number}");
        let last = self.scenario.last_signer();
        let quorum = "quorum";

        step!(
            self,
            "register_gateways",
            "gateways",
            DONE,
            register_gateways(self.progress)
        );
        step!(self, "fund", "alice", DONE, fund());
        let began = Instant::now();
        self.progress.begins("deposit (alice)");
        let (deposit, obtained) = self.scenario.deposit_and_obtain(self.progress).await;
        let paid = deposit
            .as_ref()
            .map_or_else(|_| Instant::now(), |(_, at)| *at);
        let deposit = deposit.map(|(done, _)| done);
        self.record_between("deposit", "alice", DONE, deposit, began, paid);
        self.record("obtain", "alice".to_owned(), DONE, obtained, paid);
        for spend in 0..SPENDS {
            let gateway = if spend < SPENDS_AT_FIRST {
                first
            } else {
                second
            };
            step!(self, "spend", at(gateway), "Accepted", spend(gateway));
        }
        step!(self, "use_bandwidth", at(first), DONE, use_bandwidth(first));
        step!(
            self,
            "resend_same_bytes",
            at(first),
            "AlreadyAccepted",
            resend_same_bytes(first)
        );
        step!(
            self,
            "replay_from_other_account",
            at(first),
            "TicketReplay",
            replay_from_other_account(first)
        );
        step!(
            self,
            "same_index_new_pay_info",
            at(first),
            "DoubleSpend",
            same_index_new_pay_info(first)
        );
        step!(
            self,
            "other_gateways_ticket",
            at(first),
            "WrongProvider",
            other_gateways_ticket(first, second)
        );
        step!(
            self,
            "altered_proof",
            at(first),
            "InvalidTicket",
            tampered(first, tamper::altered_proof)
        );
        step!(
            self,
            "truncated",
            at(first),
            "Malformed",
            tampered(first, tamper::truncated)
        );
        step!(
            self,
            "spend_date_changed",
            at(first),
            "StaleOrFuture",
            tampered(first, tamper::day_before_yesterday)
        );
        step!(
            self,
            "wrong_role",
            at(first),
            "WrongType",
            tampered(first, tamper::other_type)
        );
        step!(
            self,
            "unknown_epoch",
            at(first),
            "UnknownEpoch",
            tampered(first, tamper::unknown_epoch)
        );
        step!(
            self,
            "second_request_for_one_deposit",
            quorum,
            "refused",
            second_request()
        );
        step!(
            self,
            "kill_signer",
            format!("signer {last}"),
            DONE,
            kill_signer(last)
        );
        step!(
            self,
            "obtain_with_one_signer_down",
            "alice",
            DONE,
            obtain_again()
        );
        step!(
            self,
            "signer_caught_up",
            format!("signer {last}"),
            DONE,
            catch_up(last, &GATEWAYS)
        );
    }

    fn record(
        &mut self,
        name: &str,
        who: String,
        expected: &str,
        came: Result<Done>,
        began: Instant,
    ) {
        self.record_between(name, &who, expected, came, began, Instant::now());
    }

    fn record_between(
        &mut self,
        name: &str,
        who: &str,
        expected: &str,
        came: Result<Done>,
        began: Instant,
        ended: Instant,
    ) {
        let Done { outcome, bytes } = came.unwrap_or_else(|error| Done {
            outcome: format!("error: {error:#}"),
            bytes: 0,
        });
        let step = Step {
            step: name.to_owned(),
            who: who.to_owned(),
            ok: outcome == expected,
            outcome,
            expected: expected.to_owned(),
            bytes,
            ms: u64::try_from(ended.saturating_duration_since(began).as_millis())
                .unwrap_or(u64::MAX),
        };
        self.progress.says(&step.line());
        self.steps.push(step);
    }
}
