//! What the processes of a network under test run: `localnet`, built with this workspace's lock.

fn main() -> std::process::ExitCode {
    localnet::main()
}
