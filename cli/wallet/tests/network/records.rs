//! What the signers recorded for a deposit decides where it goes on: the same request, a new one, the money back, or
//! nothing. A lying signer changes none of it.

use std::time::Duration;

use ecash_requests::quorum::RecordedRequest;
use ecash_service::clock::{Clock as _, ManualClock, SystemClock, UnixTime};
use ecash_wallet::{Report, State, Wallet, WalletConfig};
use nyx_client::QueryClient;

use crate::support::signer::{Mode, Says};
use crate::support::{World, holder, order, seed};

const DAY: u64 = 86_400;
/// The first deposit of a chain.
const DEPOSIT: u32 = 0;

struct Story {
    world: World,
    wallet: Wallet,
    clock: ManualClock,
    begun: UnixTime,
}

impl Story {
    /// A wallet whose request is recorded by the first `holders` of five signers; none of them answered.
    async fn requested(holders: usize) -> Self {
        let story = Self::begin().await;
        for (position, signer) in story.world.signers.iter().enumerate() {
            signer.set(if position < holders {
                Mode::Silent
            } else {
                Mode::Refuses
            });
        }
        let report = story.wallet.obtain(&holder(), order(1), &()).await.unwrap();
        assert_eq!(state(&report), State::Requested, "{report:?}");
        for signer in &story.world.signers {
            signer.set(Mode::Honest);
        }
        story
    }

    /// A wallet that paid and knows its deposit, and made no request yet.
    async fn deposited() -> Self {
        let story = Self::begin().await;
        // Without an answer about the epoch there is nobody to make a request for.
        let recorder = crate::support::Recorder::default();
        let obtaining = story.wallet.clone();
        let account = holder();
        tokio::select! {
            biased;
            () = until_deposited(&recorder) => {}
            outcome = obtaining.obtain(&account, order(1), &recorder) => panic!("{outcome:?}"),
        }
        story
    }

    async fn begin() -> Self {
        let world = World::start().await;
        let begun = SystemClock::new().now();
        let clock = ManualClock::at(begun);
        let mut config = world.config(&world.rpc);
        config.clock = clock.shared();
        let wallet = Wallet::open(config, &seed()).await.unwrap();
        Self {
            world,
            wallet,
            clock,
            begun,
        }
    }

    /// Wallet and signers are this many days further.
    async fn days_later(&self, days: u64) -> Report {
        self.clock.set(self.begun.plus_secs(days * DAY));
        for signer in &self.world.signers {
            signer.clock_off((days * DAY) as i64);
        }
        self.wallet.recover(&()).await.unwrap()
    }

    async fn closed(&self) -> Vec<(State, String)> {
        let stock = self.wallet.stock().await.unwrap();
        stock
            .closed
            .into_iter()
            .map(|issuance| (issuance.state, issuance.reason.unwrap_or_default()))
            .collect()
    }

    fn demands(&self) -> usize {
        self.world
            .signers
            .iter()
            .map(|signer| signer.refund_demands())
            .sum()
    }

    fn questions(&self) -> usize {
        self.world
            .signers
            .iter()
            .map(|signer| signer.status_questions())
            .sum()
    }
}

async fn until_deposited(recorder: &crate::support::Recorder) {
    while !recorder
        .events()
        .iter()
        .any(|event| matches!(event, ecash_wallet::Event::Deposited { .. }))
    {
        tokio::task::yield_now().await;
    }
}

fn state(report: &Report) -> State {
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (0, 1),
        "{report:?}"
    );
    report.pending[0].state
}

fn reason(report: &Report) -> String {
    report.pending[0].reason.clone().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_request_that_few_signers_hold_is_replaced_by_a_new_one_and_becomes_a_book() {
    let story = Story::requested(1).await;
    let report = story.days_later(8).await;
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(story.world.distinct_requests(), 2);
    assert_eq!(story.world.deposits().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_request_that_holds_too_many_signers_ends_the_deposit_as_used_with_the_records()
{
    let story = Story::requested(2).await;
    let report = story.days_later(8).await;
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (0, 0),
        "{report:?}"
    );
    let closed = story.closed().await;
    assert_eq!(closed[0].0, State::Used);
    assert!(closed[0].1.contains("signer 1 holds request"), "{closed:?}");
    assert_eq!(
        story.world.distinct_requests(),
        1,
        "no second request was made"
    );
    let before = story.questions();
    story.days_later(9).await;
    assert_eq!(story.questions(), before, "it is final");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_fewer_than_threshold_answers_the_deposit_stays_asking_and_says_who_did_not_answer() {
    let story = Story::requested(1).await;
    for signer in &story.world.signers[..2] {
        signer.says(Says::Later);
    }
    let report = story.days_later(8).await;
    assert_eq!(state(&report), State::Asking);
    assert!(
        reason(&report).contains("3 of 5 signers said"),
        "{report:?}"
    );
    assert!(reason(&report).contains("signer 1:"), "{report:?}");
    story.world.signers[1].says(Says::Truth);
    let report = story.days_later(8).await;
    // Signer 1 holds the expired request and does not answer; the other four recorded nothing.
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_does_not_count_is_no_answer_so_a_liar_cannot_end_a_deposit() {
    let story = Story::requested(1).await;
    let body = story.world.signers[0].inner.records.lock().unwrap()[&DEPOSIT].clone();
    let network = story.world.signers[0].inner.network.clone();
    let mut forged = RecordedRequest::of(&network, &body);
    forged.ecash_pubkey = *ecash_scheme::UserKeyPair::from_seed(&[7; 32]).public_key();
    for signer in &story.world.signers[3..] {
        signer.says(Says::Record(Box::new(forged.clone())));
    }
    let report = story.days_later(8).await;
    assert_eq!(state(&report), State::Asking);
    assert!(reason(&report).contains("does not count"), "{report:?}");
    story.world.signers[4].says(Says::Truth);
    let report = story.days_later(8).await;
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (0, 1),
        "one forged record is one answer less: {report:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_ahead_drops_nothing_while_the_signers_say_otherwise() {
    let story = Story::requested(3).await;
    story.clock.set(story.begun.plus_secs(40 * DAY));
    let report = story.wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(
        story.world.distinct_requests(),
        1,
        "the same request as before"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unused_deposit_of_thirty_one_days_is_demanded_back_once_a_day_until_the_chain_says_refunded()
 {
    let story = Story::deposited().await;
    let report = story.days_later(31).await;
    assert_eq!(state(&report), State::Refunding);
    assert!(
        reason(&report).contains("5 of 5 signers wrote the demand down"),
        "{report:?}"
    );
    assert_eq!(story.demands(), 5);
    let report = story.days_later(31).await;
    assert_eq!(
        (state(&report), story.demands()),
        (State::Refunding, 5),
        "once a day"
    );
    story.days_later(32).await;
    assert_eq!(story.demands(), 10);
    story.world.deposit_is(DEPOSIT, "refunded").await;
    let report = story.days_later(32).await;
    assert!(report.pending.is_empty());
    assert_eq!(story.closed().await[0].0, State::Refunded);
    assert_eq!(
        story.world.distinct_requests(),
        0,
        "no request was ever made for it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withheld_deposit_is_shown_as_such_and_left_to_the_chain() {
    let story = Story::requested(0).await;
    for signer in &story.world.signers {
        signer.set(Mode::Refuses);
    }
    story.world.deposit_is(DEPOSIT, "withheld").await;
    let report = story.wallet.recover(&()).await.unwrap();
    assert_eq!(state(&report), State::Withheld);
    let sent = story.world.signers[0].requests().len();
    let report = story.wallet.recover(&()).await.unwrap();
    assert_eq!(state(&report), State::Withheld);
    assert_eq!(
        story.world.signers[0].requests().len(),
        sent,
        "nothing is sent any more"
    );
    story.world.deposit_is(DEPOSIT, "refunded").await;
    story.wallet.recover(&()).await.unwrap();
    assert_eq!(story.closed().await[0].0, State::Refunded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_signers_refuse_because_of_another_one_is_asked_about_once_an_hour_and_ends_used()
 {
    let story = Story::requested(0).await;
    for signer in &story.world.signers {
        signer.set(Mode::Refuses);
    }
    story.wallet.recover(&()).await.unwrap();
    let asked = story.questions();
    assert!(asked <= 5, "one round at most: {asked}");
    story.wallet.recover(&()).await.unwrap();
    assert_eq!(story.questions(), asked, "not again within the hour");

    // Another device with this seed used the deposit: its request is on record at all signers.
    let other = other_devices_request(&story).await;
    for signer in &story.world.signers {
        signer.says(Says::Record(Box::new(other.clone())));
    }
    story.clock.set(story.begun.plus_secs(2 * 3600));
    for signer in &story.world.signers {
        signer.clock_off(2 * 3600);
    }
    story.wallet.recover(&()).await.unwrap();
    assert_eq!(story.closed().await[0].0, State::Used);
}

/// A request for the deposit under the same deposit key that this wallet holds no openings of.
async fn other_devices_request(story: &Story) -> RecordedRequest {
    use ecash_requests::quorum::BlindSignRequestBody;
    use ecash_scheme::{RandomNonces, UserKeyPair, WithdrawalRequest, WithdrawalSecrets};
    let query = QueryClient::new(&[story.world.rpc.parse().unwrap()]).unwrap();
    let deposit = query
        .ecash(&story.world.ecash)
        .deposit(DEPOSIT)
        .await
        .unwrap()
        .unwrap();
    let context = ecash_wallet::derive::Context {
        chain_id: "zknym-local-0badcafe".to_owned(),
        ecash_contract: story.world.ecash.to_string(),
    };
    let key = seed().root().deposit_key(&context, 0);
    let secret = ecash_requests::IdentitySecret::from_bytes(&key.to_bytes());
    assert_eq!(
        secret.public().to_string(),
        deposit.bs58_encoded_ed25519_pubkey
    );
    let user = UserKeyPair::from_seed(seed().expose());
    let expiration =
        ecash_ticketbook::EcashDate::of(ecash_ticketbook::UnixTime(story.begun.as_secs()))
            .unwrap()
            .default_expiration()
            .unwrap();
    let mut rng = rand::rngs::OsRng;
    let secrets = WithdrawalSecrets::random(&mut rng);
    let (request, _) = WithdrawalRequest::new(
        &user,
        expiration.unix(),
        crate::support::TYPE.code(),
        secrets,
        &mut RandomNonces(&mut rng),
    )
    .unwrap();
    let body = BlindSignRequestBody::sign(
        request,
        DEPOSIT.into(),
        &secret,
        *user.public_key(),
        expiration,
        crate::support::TYPE,
    );
    RecordedRequest::of(&story.world.signers[0].inner.network, &body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_questions_for_two_deposits_lie_apart_and_what_finds_no_time_waits_for_the_next_run() {
    let story = Story::begin().await;
    for (position, signer) in story.world.signers.iter().enumerate() {
        signer.set(if position < 1 {
            Mode::Silent
        } else {
            Mode::Refuses
        });
    }
    story.wallet.obtain(&holder(), order(2), &()).await.unwrap();
    story.wallet.close().await;
    let Story {
        world,
        wallet,
        clock,
        begun,
    } = story;
    drop(wallet);
    for signer in &world.signers {
        signer.set(Mode::Refuses);
        signer.says(Says::Later);
    }
    let config = WalletConfig {
        clock: clock.shared(),
        status_pauses: Duration::from_secs(3600)..=Duration::from_secs(3600),
        ..world.config(&world.rpc)
    };
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    let story = Story {
        world,
        wallet,
        clock,
        begun,
    };
    let before = story.questions();
    let report = story.days_later(8).await;
    assert_eq!(report.pending.len(), 2);
    assert_eq!(story.questions() - before, 5, "one deposit, all signers");
}
