//! One transaction against the state: first what it pays, then what it does.

use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::prost::Message as _;
use cosmwasm_std::{BlockInfo, Storage};

use crate::accounts;
use crate::ante;
use crate::gas::{self, Meter, Metered};
use crate::machine::Machine;
use crate::messages::{Executed, Message, execute_all};
use crate::panics::{Caught, quietly};
use crate::refusal::{Refusal, code};
use crate::state::{Overlay, WriteSet};
use crate::store::record::TxResult;
use crate::tx::{Transaction, Trial};

/// Runs a transaction on a view of `state`. Its messages count all or none; its fee and sequence count either way.
///
/// # Errors
/// Why it may not be in this block at all; nothing has changed then.
pub(crate) fn deliver(
    machine: &Machine,
    state: &dyn Storage,
    block: &BlockInfo,
    tx: &Transaction,
) -> Result<(WriteSet, TxResult), Refusal> {
    let mut paid = Overlay::new(state);
    let paid_events = ante::admit(&mut paid, tx, &block.chain_id, block.height)?;
    let meter = Meter::new(tx.gas_limit);
    let mut view = Overlay::new(&paid);
    let outcome = run(
        machine,
        &mut view,
        &meter,
        block,
        tx.body_bytes(),
        &tx.messages,
    );
    let writes = view.into_writes();
    let mut result = TxResult {
        gas_wanted: tx.gas_limit,
        gas_used: meter.used(),
        events: paid_events.into_iter().map(Into::into).collect(),
        ..TxResult::default()
    };
    match outcome {
        Ok(executed) => {
            paid.apply(writes);
            result
                .events
                .extend(executed.events.into_iter().map(Into::into));
            result.data = TxMsgData {
                msg_responses: executed.responses,
                ..TxMsgData::default()
            }
            .encode_to_vec();
        }
        Err(refusal) => {
            result.code = refusal.code;
            result.codespace = refusal.codespace.to_owned();
            result.log = refusal.log;
        }
    }
    Ok((paid.into_writes(), result))
}

/// What a simulation found.
#[derive(Debug)]
pub(crate) struct Simulated {
    pub(crate) gas_used: u64,
    pub(crate) executed: Executed,
}

/// Runs the messages of a transaction that is not sent, and forgets what they did.
///
/// # Errors
/// Why it would fail.
pub(crate) fn simulate(
    machine: &Machine,
    state: &dyn Storage,
    block: &BlockInfo,
    trial: &Trial,
) -> Result<Simulated, Refusal> {
    let sender = trial
        .messages
        .first()
        .map(|message| message.sender.as_str())
        .unwrap_or_default();
    if accounts::load(state, sender).is_none() {
        let log = format!("account {sender} does not exist: unknown address");
        return Err(Refusal::sdk(code::UNKNOWN_ADDRESS, log));
    }
    let meter = Meter::new(gas::MAX_TRANSACTION);
    let mut view = Overlay::new(state);
    let executed = run(
        machine,
        &mut view,
        &meter,
        block,
        trial.body_bytes,
        &trial.messages,
    )?;
    Ok(Simulated {
        gas_used: meter.used(),
        executed,
    })
}

fn run(
    machine: &Machine,
    view: &mut Overlay<'_>,
    meter: &Meter,
    block: &BlockInfo,
    body_bytes: u64,
    messages: &[Message],
) -> Result<Executed, Refusal> {
    let outcome = quietly(|| {
        meter.charge(gas::TRANSACTION.saturating_add(gas::BODY_BYTE.saturating_mul(body_bytes)));
        execute_all(machine, &mut Metered::new(view, meter), block, messages)
    });
    outcome.unwrap_or_else(|caught| Err(refusal(caught, meter)))
}

/// The refusal for what flew through.
pub(crate) fn refusal(caught: Caught, meter: &Meter) -> Refusal {
    match caught {
        Caught::OutOfGas(out_of_gas) => {
            let log = format!("{out_of_gas}, used {}: out of gas", meter.used());
            Refusal::sdk(code::OUT_OF_GAS, log)
        }
        Caught::Panic(message) => Refusal::sdk(code::PANIC, format!("recovered: {message}: panic")),
    }
}
