//! A whole network on one machine: chain, Quorum, gateways; demo and test harness.
