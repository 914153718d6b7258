//! A contract that panics fails its call and nothing else.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::gas::OutOfGas;

thread_local! {
    static QUIET: Cell<u32> = const { Cell::new(0) };
}

static HOOK: Once = Once::new();

/// What came out instead of a result.
#[derive(Debug)]
pub(crate) enum Caught {
    /// The gas limit was reached.
    OutOfGas(OutOfGas),
    /// A panic with this message.
    Panic(String),
}

/// Runs `action`; a panic in it becomes [`Caught`] and a line in the debug log instead of one on standard error.
///
/// What `action` borrows mutably must be thrown away when it did not return: callers pass overlays of the state.
pub(crate) fn quietly<T>(action: impl FnOnce() -> T) -> Result<T, Caught> {
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if QUIET.get() > 0 {
                tracing::debug!(target: "nyx_embedded::contract", "{info}");
            } else {
                previous(info);
            }
        }));
    });
    QUIET.set(QUIET.get() + 1);
    let outcome = panic::catch_unwind(AssertUnwindSafe(action));
    QUIET.set(QUIET.get() - 1);
    outcome.map_err(classify)
}

/// Like [`quietly`], but lets [`OutOfGas`] fly on: it ends the whole transaction, not one call.
pub(crate) fn catch_panic<T>(action: impl FnOnce() -> T) -> Result<T, String> {
    quietly(action).map_err(|caught| match caught {
        Caught::OutOfGas(out_of_gas) => panic::resume_unwind(Box::new(out_of_gas)),
        Caught::Panic(message) => message,
    })
}

fn classify(payload: Box<dyn Any + Send>) -> Caught {
    if let Some(out_of_gas) = payload.downcast_ref::<OutOfGas>() {
        return Caught::OutOfGas(*out_of_gas);
    }
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    Caught::Panic(message.unwrap_or_else(|| "panic without a message".to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert!(matches!(quietly(|| panic!("a {}", "b")), Err(Caught::Panic(m)) if m == "a b"));
        assert!(matches!(quietly(|| panic!("plain")), Err(Caught::Panic(m)) if m == "plain"));
        assert_eq!(quietly(|| 3).unwrap(), 3);
    }

    #[test]
    fn running_out_of_gas_is_not_stopped_by_the_guard_of_one_call() {
        let caught = quietly(|| {
            let _ = catch_panic(|| panic::resume_unwind(Box::new(OutOfGas { limit: 7 })));
        });
        assert!(matches!(
            caught,
            Err(Caught::OutOfGas(OutOfGas { limit: 7 }))
        ));
    }
}
