//! The freemkv command.

fn main() -> std::process::ExitCode {
    freemkv::cli::main()
}
