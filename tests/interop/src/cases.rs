//! Named cases that share what is expensive. They run one after the other; an argument picks those whose name contains it.

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Instant;

/// A case: it panics if it fails.
pub type Case<W> = for<'a> fn(&'a mut W) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs the cases that the program's arguments pick.
pub fn run<W, S, F>(cases: &[(&str, Case<W>)], start: S) -> ExitCode
where
    S: FnOnce() -> F,
    F: Future<Output = W>,
{
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| {
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    };
    let cases: Vec<_> = cases.iter().filter(|(name, _)| wanted(name)).collect();
    println!("\nrunning {} tests", cases.len());
    if cases.is_empty() {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut world = runtime.block_on(start());
    let mut failed = 0;
    for (name, case) in &cases {
        let started = Instant::now();
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(case(&mut world)));
        let passed = std::panic::catch_unwind(run).is_ok();
        let outcome = if passed { "ok" } else { "FAILED" };
        println!(
            "test {name} ... {outcome} ({:.1} s)",
            started.elapsed().as_secs_f32()
        );
        failed += usize::from(!passed);
    }
    {
        let _inside = runtime.enter();
        drop(world);
    }
    if failed == 0 {
        println!("\ntest result: ok. {} passed; 0 failed\n", cases.len());
        ExitCode::SUCCESS
    } else {
        println!(
            "\ntest result: FAILED. {} passed; {failed} failed\n",
            cases.len() - failed
        );
        ExitCode::FAILURE
    }
}
