//! The plugin module as a process: called as Terraform calls it, and by Terraform itself.
//!
//! The provider is this test binary, started again as a process (see [`as_a_provider`]).

#[path = "../support/plugin_client/mod.rs"]
mod plugin_client;
#[path = "../support/test_provider.rs"]
mod test_provider;
#[path = "../support/workspace.rs"]
mod workspace;

mod calls;
mod logging;
mod process;
mod startup;
mod terraform;
mod trust;

use std::process::{Command, ExitCode};

/// The variable that makes the test binary a provider; its value is the provider's arguments.
const AS_PROVIDER: &str = "ANU_TEST_PROVIDER";

/// Not a test: the code of a provider process. The test harness has printed to stdout before, which Terraform would read as
/// the handshake, so the real stdout is descriptor 3 (see [`start_line`]).
#[test]
#[expect(unsafe_code, reason = "the standard library does not replace descriptors")]
fn as_a_provider() {
    let Ok(arguments) = std::env::var(AS_PROVIDER) else { return };
    // SAFETY: both descriptors belong to this process, and `start_line` opened 3.
    assert_eq!(unsafe { libc::dup2(3, 1) }, 1);
    let code = test_provider::serve(&arguments);
    let number = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).expect("a code");
    std::process::exit(number.into());
}

/// The shell line that starts the provider.
fn start_line(arguments: &str) -> String {
    let binary = std::env::current_exe().expect("this test");
    format!(
        "{AS_PROVIDER}='{arguments}' exec '{}' --exact as_a_provider --nocapture --test-threads=2 3>&1 1>/dev/null",
        binary.display()
    )
}

/// The command by which a client starts the provider.
fn provider() -> Command {
    let mut command = plugin_client::command("/bin/sh");
    command.arg("-c").arg(start_line(""));
    command
}
