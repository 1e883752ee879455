//! Answers on a terminal, narrow or wide, with and without colours, and in a pipe that ends early.

use std::path::Path;
use std::process::Command;

use super::quickstart;
use crate::Shell;

/// Runs `anu` on a terminal of this width, and returns what appears on it.
const TERMINAL: &str = "
import fcntl, os, pty, struct, sys, termios
width, arguments = int(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 50, width, 0, 0))
    os.execv(arguments[0], arguments)
shown = b''
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(shown.replace(b'\\r\\n', b'\\n'))
sys.exit(os.waitstatus_to_exitcode(status))
";

fn on_terminal(shell: &Shell, width: usize, arguments: &[&str], colours: bool) -> String {
    let mut command = Command::new("python3");
    command.args(["-c", TERMINAL, &width.to_string(), env!("CARGO_BIN_EXE_anu")]).args(arguments);
    command.current_dir(shell.path("")).env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    command.env("HOME", shell.path("home")).env("ANU_CACHE_DIR", shell.path(".cache")).env("TERM", "xterm-256color");
    if !colours {
        command.env("NO_COLOR", "1");
    }
    let output = command.output().expect("python3 runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn tables_fit_the_terminal() {
    let shell = quickstart();
    for width in [50, 80, 120] {
        for arguments in [
            &["service", "list"][..],
            &["service", "where", "make-it-rain"],
            &["team", "list"],
            &["cluster", "list"],
            &["access", "who", "ledger"],
            &["explain", "compute-shop/catalog"],
        ] {
            let shown = on_terminal(&shell, width, arguments, false);
            let widest = shown.lines().map(|line| line.chars().count()).max().unwrap_or_default();
            // The first line is the note about the registry, on standard error.
            assert!(widest <= width.max(60), "{arguments:?} on {width} columns: {widest}\n{shown}");
            assert!(!shown.contains('\u{1b}'), "no colours: {shown:?}");
        }
    }
    insta::assert_snapshot!(on_terminal(&shell, 60, &["service", "list", "--team", "data-platform"], false));
    assert!(on_terminal(&shell, 80, &["cluster", "list"], true).contains("\u{1b}["), "the note is dim");
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let shell = quickstart();
    for question in ["service list", "access who ledger", "service list -o json", "explain compute-shop/catalog"] {
        let ended = shell.line(&format!("anu {question} | head -n 1 > /dev/null; echo \"${{PIPESTATUS[@]}}\""));
        assert_eq!(ended.quietly().trim(), "0 0", "{question}");
    }
    // A reader that is gone before the first byte.
    let ended = shell.line("set +o pipefail; anu service list | true; echo \"${PIPESTATUS[0]}\"");
    assert_eq!(ended.quietly().trim(), "0");
    assert!(Path::new("/dev/full").exists());
    let ended = shell.line("anu service list > /dev/full || echo \"exit $?\"");
    assert!(ended.stderr.contains("Cannot write to standard output"), "{ended}");
}
