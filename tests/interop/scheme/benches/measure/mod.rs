//! Two sides of an operation taking turns, and the table of what came out.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// Times each side is measured; fewer where one turn takes long.
const ROUNDS: usize = 25;
const FEWEST_ROUNDS: usize = 7;
/// Milliseconds that the turns of one operation may take.
const BUDGET_MS: f64 = 4000.0;

#[derive(Default)]
pub struct Report(Vec<Line>);

struct Line {
    operation: String,
    published_ms: f64,
    ours_ms: f64,
    ratio: f64,
    floor: f64,
    /// What the floor is held against: the ratio, or the gain of a second thread.
    reached: f64,
}

impl Report {
    /// Medians of thread CPU time of both sides.
    pub fn compare<A, B>(
        &mut self,
        operation: &str,
        floor: f64,
        ours: impl FnMut() -> A,
        published: impl FnMut() -> B,
    ) {
        self.compare_each(operation, floor, 1, ours, published);
    }

    /// The same, where one call of ours does `items` things of which one call of theirs does one.
    pub fn compare_each<A, B>(
        &mut self,
        operation: &str,
        floor: f64,
        items: usize,
        mut ours: impl FnMut() -> A,
        mut published: impl FnMut() -> B,
    ) {
        let [ours_ms, published_ms] = take_turns(
            cpu_ms,
            [&mut || drop(black_box(ours())), &mut || {
                drop(black_box(published()))
            }],
        );
        let ours_ms = ours_ms / items as f64;
        let ratio = published_ms / ours_ms;
        self.add(Line {
            operation: operation.into(),
            published_ms,
            ours_ms,
            ratio,
            floor,
            reached: ratio,
        });
    }

    /// One thread of ours against several, by the wall clock; theirs for the ratio.
    pub fn speed_up(
        &mut self,
        operation: &str,
        floor: f64,
        items: usize,
        mut one_thread: impl FnMut(),
        mut threads: impl FnMut(),
        mut published: impl FnMut(),
    ) {
        let started = Instant::now();
        let wall_ms = || started.elapsed().as_secs_f64() * 1e3;
        let [one, several, published_ms] =
            take_turns(wall_ms, [&mut one_thread, &mut threads, &mut published]);
        let ours_ms = several / items as f64;
        self.add(Line {
            operation: operation.into(),
            published_ms,
            ours_ms,
            ratio: published_ms / ours_ms,
            floor,
            reached: one / several,
        });
    }

    fn add(&mut self, line: Line) {
        println!(
            r#"{{"operation":"{}","published_ms":{:.4},"ours_ms":{:.4},"ratio":{:.2}}}"#,
            line.operation, line.published_ms, line.ours_ms, line.ratio
        );
        self.0.push(line);
    }

    /// The table; failure if a floor is missed.
    pub fn finish(self) -> ExitCode {
        println!(
            "\n{:<30} {:>13} {:>10} {:>8} {:>8}",
            "operation", "published, ms", "ours, ms", "ratio", "floor"
        );
        let mut missed = 0;
        for line in &self.0 {
            let note = if line.reached < line.floor {
                missed += 1;
                "  missed"
            } else {
                ""
            };
            let gain = if line.reached == line.ratio {
                String::new()
            } else {
                format!("  {:.2} times one thread", line.reached)
            };
            println!(
                "{:<30} {:>13.3} {:>10.3} {:>8.1} {:>8.1}{gain}{note}",
                line.operation, line.published_ms, line.ours_ms, line.ratio, line.floor
            );
        }
        ExitCode::from(u8::from(missed > 0))
    }
}

/// The medians of all `sides`, each measured once in every round by what `clock` says before and after it.
fn take_turns<const N: usize>(
    clock: impl Fn() -> f64,
    mut sides: [&mut dyn FnMut(); N],
) -> [f64; N] {
    let mut time = |side: usize| {
        let before = clock();
        sides[side]();
        clock() - before
    };
    let first: f64 = (0..N).map(&mut time).sum();
    let rounds = ((BUDGET_MS / first) as usize).clamp(FEWEST_ROUNDS, ROUNDS);
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (side, times) in times.iter_mut().enumerate() {
            times.push(time(side));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}
