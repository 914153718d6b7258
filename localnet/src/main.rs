//! `localnet up | status | demo`. All of it is in the library.

fn main() -> std::process::ExitCode {
    localnet::main()
}
