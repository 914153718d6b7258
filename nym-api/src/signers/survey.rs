//! From answers to verdicts. No I/O, no clock.

use ecash_requests::IdentityKey;
use ecash_requests::quorum::{
    ChainAnswer, ChainStatus, DealerInformation, DetailedSignersStatusBody, ProbeStatus,
    SignerProbe, SignerVerdict, SignersOverview, SignersStatusBody, SigningAnswer,
};
use ecash_ticketbook::EpochId;
use time::{Duration, OffsetDateTime};

/// A signed answer, or the newest block of an unsigned one, counts for this long.
const COUNTS_FOR: Duration = Duration::minutes(10);

/// The signers to be probed, as the chain lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The epoch that issues; without one, the current epoch.
    pub epoch: EpochId,
    /// Its threshold.
    pub threshold: Option<u64>,
    /// Its dealers.
    pub dealers: Vec<DealerInformation>,
}

/// The answers put together, not yet signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Verdicts.
    pub brief: SignersStatusBody,
    /// Verdicts with all answers.
    pub detailed: DetailedSignersStatusBody,
}

/// One of the two things that are asked of a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Unknown,
    Working,
    /// It signed an answer that says otherwise or does not count.
    ProvablyNot,
    /// It gave an unsigned answer that says otherwise.
    UnprovablyNot,
}

impl Condition {
    const fn signed(working: bool) -> Self {
        if working {
            Self::Working
        } else {
            Self::ProvablyNot
        }
    }

    const fn unsigned(working: bool) -> Self {
        if working {
            Self::Working
        } else {
            Self::UnprovablyNot
        }
    }
}

impl Survey {
    /// Judges the answers that came in by `as_at`.
    #[must_use]
    pub fn of(
        epoch: EpochId,
        threshold: Option<u64>,
        probes: Vec<SignerProbe>,
        as_at: OffsetDateTime,
    ) -> Self {
        let mut overview = SignersOverview {
            epoch_id: Some(epoch),
            signing_threshold: threshold,
            ..SignersOverview::default()
        };
        let mut results = Vec::with_capacity(probes.len());
        for probe in &probes {
            let (chain, signing) = judge(probe, as_at);
            overview.total_signers += 1;
            match probe.status {
                ProbeStatus::Unreachable => overview.unreachable_signers += 1,
                ProbeStatus::ProvidedInvalidDetails => overview.malformed_signers += 1,
                ProbeStatus::Tested { .. } => {}
            }
            *match chain {
                Condition::Unknown => &mut overview.unknown_local_chain_status,
                Condition::Working => &mut overview.working_local_chain,
                Condition::ProvablyNot => &mut overview.provably_stalled_local_chain,
                Condition::UnprovablyNot => &mut overview.unprovably_stalled_local_chain,
            } += 1;
            *match signing {
                Condition::Unknown => &mut overview.unknown_credential_issuance_status,
                Condition::Working => &mut overview.working_credential_issuance,
                Condition::ProvablyNot => &mut overview.provably_unavailable_credential_issuance,
                Condition::UnprovablyNot => {
                    &mut overview.unprovably_unavailable_credential_issuance
                }
            } += 1;
            let information = &probe.information;
            results.push(SignerVerdict {
                announce_address: information.announce_address.clone(),
                owner_address: information.owner_address.clone(),
                node_index: information.node_index,
                public_key: information.public_key.clone(),
                local_chain_working: chain == Condition::Working,
                credential_issuance_available: signing == Condition::Working,
            });
        }
        overview.threshold_available = threshold.map(|threshold| {
            overview.working_local_chain >= threshold
                && overview.working_credential_issuance >= threshold
        });
        Self {
            brief: SignersStatusBody {
                as_at,
                overview,
                results,
            },
            detailed: DetailedSignersStatusBody {
                as_at,
                overview,
                details: probes,
            },
        }
    }
}

/// Whether the signer's chain goes on, and whether it issues.
fn judge(probe: &SignerProbe, now: OffsetDateTime) -> (Condition, Condition) {
    let ProbeStatus::Tested { result } = &probe.status else {
        return (Condition::Unknown, Condition::Unknown);
    };
    let Ok(key) = IdentityKey::from_base58(&probe.information.public_key) else {
        return (Condition::Unknown, Condition::Unknown);
    };
    let recent = |time: OffsetDateTime| now - time <= COUNTS_FOR;
    let chain = match &result.local_chain_status {
        ChainAnswer::Unreachable | ChainAnswer::Outdated => Condition::Unknown,
        ChainAnswer::ReachableLegacy { response } => {
            Condition::unsigned(recent(response.status.latest_block.block.header.time))
        }
        ChainAnswer::Reachable { response } => {
            Condition::signed(response.verify("chain status", &key).is_ok_and(|body| {
                recent(body.current_time) && body.chain_status == ChainStatus::Synced
            }))
        }
    };
    let signing = match &result.signing_status {
        SigningAnswer::Unreachable | SigningAnswer::Outdated => Condition::Unknown,
        SigningAnswer::ReachableLegacy { response } => {
            let information = &probe.information;
            let key_matches = !information.share_verified
                || response.verification_key == information.verification_key_share;
            Condition::unsigned(response.identity.as_bytes() == key.as_bytes() && key_matches)
        }
        SigningAnswer::Reachable { response } => {
            Condition::signed(response.verify("signer status", &key).is_ok_and(|body| {
                recent(body.current_time)
                    && body.has_signing_keys
                    && !body.signer_disabled
                    && body.is_ecash_signer
                    && body.dkg_ecash_epoch_id == probe.dkg_epoch_id
            }))
        }
    };
    (chain, signing)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ecash_requests::IdentitySecret;
    use ecash_requests::quorum::{
        ChainBlocksStatusBody, ProbeResult, SignedMessage, SignerStatusBody,
    };
    use ecash_ticketbook::NodeIndex;

    use super::*;

    const EPOCH: EpochId = EpochId(3);

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_764_936_000).unwrap()
    }

    fn identity(index: u8) -> IdentitySecret {
        IdentitySecret::from_bytes(&[index; 32])
    }

    /// Changes that make a working signer another one.
    struct Signer {
        index: u8,
        signs_as: u8,
        age: Duration,
        epoch: EpochId,
        synced: bool,
        has_keys: bool,
        disabled: bool,
    }

    impl Signer {
        fn working(index: u8) -> Self {
            Self {
                index,
                signs_as: index,
                age: Duration::minutes(10),
                epoch: EPOCH,
                synced: true,
                has_keys: true,
                disabled: false,
            }
        }

        fn probe(&self) -> SignerProbe {
            let current_time = now() - self.age;
            let key = identity(self.signs_as);
            let chain = ChainBlocksStatusBody {
                current_time,
                latest_cached_block: None,
                chain_status: if self.synced {
                    ChainStatus::Synced
                } else {
                    ChainStatus::Unknown
                },
            };
            let signing = SignerStatusBody {
                current_time,
                dkg_ecash_epoch_id: self.epoch,
                signer_disabled: self.disabled,
                is_ecash_signer: true,
                has_signing_keys: self.has_keys,
            };
            probe(
                self.index,
                ProbeStatus::Tested {
                    result: ProbeResult {
                        reported_version: "2.0.0".to_owned(),
                        signing_status: SigningAnswer::Reachable {
                            response: Box::new(SignedMessage::sign(signing, &key).unwrap()),
                        },
                        local_chain_status: ChainAnswer::Reachable {
                            response: Box::new(SignedMessage::sign(chain, &key).unwrap()),
                        },
                    },
                },
            )
        }
    }

    fn probe(index: u8, status: ProbeStatus) -> SignerProbe {
        SignerProbe {
            dkg_epoch_id: EPOCH,
            information: DealerInformation {
                announce_address: format!("http://signer{index}"),
                owner_address: format!("n1signer{index}"),
                node_index: NodeIndex(index.into()),
                public_key: identity(index).public().to_string(),
                verification_key_share: None,
                share_verified: false,
            },
            status,
        }
    }

    fn conditions(signer: &Signer) -> (Condition, Condition) {
        judge(&signer.probe(), now())
    }

    #[test]
    fn a_signed_recent_answer_for_the_epoch_in_service_counts() {
        let working = Signer::working(1);
        assert_eq!(
            conditions(&working),
            (Condition::Working, Condition::Working)
        );
        let both = (Condition::ProvablyNot, Condition::ProvablyNot);
        let old = Signer {
            age: Duration::minutes(10) + Duration::SECOND,
            ..Signer::working(1)
        };
        assert_eq!(conditions(&old), both);
        let forged = Signer {
            signs_as: 2,
            ..Signer::working(1)
        };
        assert_eq!(conditions(&forged), both);
        for idle in [
            Signer {
                epoch: EpochId(2),
                ..Signer::working(1)
            },
            Signer {
                has_keys: false,
                ..Signer::working(1)
            },
            Signer {
                disabled: true,
                ..Signer::working(1)
            },
        ] {
            assert_eq!(
                conditions(&idle),
                (Condition::Working, Condition::ProvablyNot)
            );
        }
        let stalled = Signer {
            synced: false,
            ..Signer::working(1)
        };
        assert_eq!(
            conditions(&stalled),
            (Condition::ProvablyNot, Condition::Working)
        );
    }

    #[test]
    fn every_signer_is_counted_once_for_each_question() {
        let idle = Signer {
            has_keys: false,
            ..Signer::working(3)
        };
        let outdated = ProbeStatus::Tested {
            result: ProbeResult {
                reported_version: "1.1.0".to_owned(),
                signing_status: SigningAnswer::Outdated,
                local_chain_status: ChainAnswer::Outdated,
            },
        };
        let probes = vec![
            Signer::working(1).probe(),
            Signer::working(2).probe(),
            idle.probe(),
            probe(4, outdated),
            probe(5, ProbeStatus::Unreachable),
            probe(6, ProbeStatus::ProvidedInvalidDetails),
        ];
        let Survey { brief, detailed } = Survey::of(EPOCH, Some(2), probes.clone(), now());
        let overview = brief.overview;
        assert_eq!(overview, detailed.overview);
        assert_eq!(detailed.details, probes);
        assert_eq!(overview.total_signers, 6);
        assert_eq!(
            (overview.unreachable_signers, overview.malformed_signers),
            (1, 1)
        );
        assert_eq!(
            (
                overview.unknown_local_chain_status,
                overview.working_local_chain
            ),
            (3, 3)
        );
        assert_eq!(
            (
                overview.unknown_credential_issuance_status,
                overview.working_credential_issuance,
                overview.provably_unavailable_credential_issuance,
                overview.unprovably_unavailable_credential_issuance,
            ),
            (3, 2, 1, 0)
        );
        assert_eq!(overview.threshold_available, Some(true));
        let issuing: Vec<bool> = brief
            .results
            .iter()
            .map(|result| result.credential_issuance_available)
            .collect();
        assert_eq!(issuing, [true, true, false, false, false, false]);
        let short = Survey::of(EPOCH, Some(3), probes, now()).brief.overview;
        assert_eq!(short.threshold_available, Some(false));
    }
}
