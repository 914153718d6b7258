//! A workspace of its own, because the virtual machine takes minutes to compile and is needed nowhere else. See
//! `tests/artifacts.rs`; `contracts/build.sh` makes what it checks.
