//! The program against a running network: chain, five Quorum members and two gateways, each in a process of its own.
//!
//! One network serves all tests of this program, one after the other; an argument picks those whose name contains it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod books;
mod files;
mod pending;
mod support;
mod tickets;
mod verify;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use support::World;

type Test = for<'a> fn(&'a mut World) -> LocalBoxFuture<'a, Result<()>>;

/// Names and bodies of the tests.
const TESTS: &[(&str, Test)] = &[
    (
        "a_client_obtains_a_book_lists_it_and_spends_from_it_by_hand",
        |world| Box::pin(tickets::by_hand(world)),
    ),
    (
        "a_printed_index_is_burned_and_printed_again_for_the_same_provider_only",
        |world| Box::pin(tickets::indices(world)),
    ),
    (
        "provider_keys_that_are_none_or_not_admitted_are_told_apart",
        |world| Box::pin(tickets::providers(world)),
    ),
    (
        "tickets_are_verified_with_a_line_per_check_and_exit_6",
        |world| Box::pin(verify::tickets(world)),
    ),
    (
        "ticketbook_files_are_verified_under_the_chains_key",
        |world| Box::pin(verify::books(world)),
    ),
    (
        "evidence_files_are_judged_and_what_is_none_is_told",
        |world| Box::pin(verify::evidence(world)),
    ),
    ("several_books_are_paid_for_in_one_transaction", |world| {
        Box::pin(books::several(world))
    }),
    ("a_book_for_a_file_is_written_and_verifies", |world| {
        Box::pin(books::to_file(world))
    }),
    (
        "a_book_in_a_file_is_taken_in_once_and_spent_from",
        |world| Box::pin(files::imported(world)),
    ),
    (
        "files_that_are_cut_of_another_kind_or_out_of_range_are_refused_and_nothing_is_stored",
        |world| Box::pin(files::refused(world)),
    ),
    (
        "a_tail_is_handed_over_before_its_file_is_written_and_written_again_as_the_same_bytes",
        |world| Box::pin(files::handed_over(world)),
    ),
    (
        "public_data_is_taken_in_by_the_command_of_its_name_only",
        |world| Box::pin(files::public_data(world)),
    ),
    (
        "an_account_without_money_is_refused_before_anything_is_begun",
        |world| Box::pin(books::no_money(world)),
    ),
    (
        "what_is_paid_for_and_not_complete_is_pending_until_it_is_recovered",
        |world| Box::pin(pending::recovered(world)),
    ),
    (
        "a_file_that_is_pending_is_resumed_by_the_same_command",
        |world| Box::pin(pending::file(world)),
    ),
    ("an_interrupted_issuance_is_pending_and_goes_on", |world| {
        Box::pin(pending::interrupted(world))
    }),
];

fn main() -> ExitCode {
    if std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "child")
    {
        return localnet::main(); // this binary is what the network's processes run
    }
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| {
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    };
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| wanted(name)).collect();
    println!("\nrunning {} tests", tests.len());
    if tests.is_empty() {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(run(&tests)) {
        Ok(0) => {
            println!("\ntest result: ok. {} passed\n", tests.len());
            ExitCode::SUCCESS
        }
        Ok(failed) => {
            println!("\ntest result: FAILED. {failed} of {} failed", tests.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("\nthe network could not be started: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(tests: &[&(&str, Test)]) -> Result<usize> {
    let mut world = World::start().await?;
    let mut failed = 0;
    for (name, test) in tests {
        let started = Instant::now();
        let outcome = AssertUnwindSafe(test(&mut world)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| Err(anyhow::anyhow!("it panicked")));
        let secs = started.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => println!("test {name} ... ok ({secs:.1} s)"),
            Err(error) => {
                println!("test {name} ... FAILED ({secs:.1} s)\n    {error:#}");
                failed += 1;
            }
        }
    }
    world.network.stop().await?;
    Ok(failed)
}
