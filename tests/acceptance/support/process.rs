//! Running a core: in its own process group, for at most so long, never left behind.

use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Output;
use super::timing::{self, Seen};

/// Longer than any command takes on a busy machine: a test that hangs should fail and say where.
const LIMIT: Duration = Duration::from_secs(180);

/// A command under way. Dropped before it ended, it and all it started are killed.
pub struct Running {
    command: String,
    child: Child,
    ended: bool,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// Starts a command. Its standard input is empty.
    pub fn start(mut command: Command) -> Self {
        let name = format!("{command:?}");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        let stdout = child.stdout.take().map(collect);
        let stderr = child.stderr.take().map(collect);
        Self { command: name, child, ended: false, stdout, stderr }
    }

    /// Sends a signal to the process started, and to nothing it started in turn, as `kill` does.
    pub fn signal(&self, signal: i32) {
        self.send(signal, self.id());
    }

    /// SIGKILL to the core and every provider it started.
    pub fn kill(&self) {
        self.send(libc::SIGKILL, -self.id());
    }

    /// SIGKILL to every provider that the core started, and not to the core.
    pub fn kill_providers(&self) {
        for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
            let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
            // `pid (name) state parent group …`, where the name is cut to 15 bytes.
            let Some((head, tail)) = stat.rsplit_once(") ") else { continue };
            let Some((id, name)) = head.split_once(" (") else { continue };
            let group = tail.split(' ').nth(2).and_then(|group| group.parse::<i32>().ok());
            if group == Some(self.id()) && name.starts_with("terraform-provi") {
                self.send(libc::SIGKILL, id.parse().expect("a process id"));
            }
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("asking for a child").is_some()
    }

    fn id(&self) -> i32 {
        i32::try_from(self.child.id()).expect("a process id")
    }

    #[expect(unsafe_code, reason = "the standard library sends no signals but SIGKILL")]
    fn send(&self, signal: i32, target: i32) {
        // SAFETY: no memory is involved. The id is not reused: the child has not been waited for yet.
        unsafe { libc::kill(target, signal) };
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// When it takes longer than three minutes.
    pub fn wait(mut self) -> Output {
        let started = Instant::now();
        let status = loop {
            let seen = timing::see(self.id()); // its processor time is told until it has been waited for
            let ended = !matches!(seen, Seen::Running);
            if let Some(status) = ended.then(|| self.child.try_wait().expect("waiting for a child")).flatten() {
                timing::add(if let Seen::Ended(time) = seen { time } else { Duration::ZERO });
                break status;
            }
            if started.elapsed() > LIMIT {
                panic!("{} did not end within {} s", self.command, LIMIT.as_secs()); // dropping it kills it
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.ended = true;
        let text = |reader: Option<JoinHandle<Vec<u8>>>| {
            let bytes = reader.map(|reader| reader.join().expect("a reader of a pipe")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Output {
            command: std::mem::take(&mut self.command),
            code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}
