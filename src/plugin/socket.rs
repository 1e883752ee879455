//! The listening socket: a unix socket for its owner only, or TCP on the loopback interface if the path is too long or the folder
//! cannot be used. Sockets of processes that were killed are deleted by later ones.

use std::ffi::OsStr;
use std::fmt;
use std::fs::Permissions;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::environment::Environment;

/// Linux's `sun_path` has 108 bytes, including the terminating zero.
const LONGEST_PATH: usize = 107;
/// The length of the path below the folder for temporary files: `/anu-plugin`, a random part, and `/s`.
const NAME: &str = "anu-plugin";
const RANDOM: usize = 10;
const SOCKET: &str = "s";
/// A socket that is older than this has a process that listens, or will never have one.
const FRESH: Duration = Duration::from_secs(60);
const ADDED: usize = 1 + NAME.len() + RANDOM + 1 + SOCKET.len();

/// The address of the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl Address {
    /// The network's name in go-plugin.
    pub(super) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(out),
            Self::Tcp(address) => address.fmt(out),
        }
    }
}

/// A bound socket.
#[derive(Debug)]
pub(super) struct Socket {
    pub address: Address,
    pub listener: Listener,
    /// Deletes the unix socket when dropped.
    pub folder: Option<TempDir>,
}

/// The listener, before a runtime exists.
#[derive(Debug)]
pub(super) enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Socket {
    /// Binds by the client's settings.
    pub(super) fn bind(environment: &Environment) -> io::Result<Self> {
        let dir = environment.socket_dir.clone().unwrap_or_else(std::env::temp_dir);
        if dir.as_os_str().as_bytes().len() + ADDED > LONGEST_PATH {
            return Self::tcp(environment.ports.clone());
        }
        match Self::unix(&dir, environment.socket_group.as_deref()) {
            // A group can use a socket only: no port replaces it.
            Err(error) if environment.socket_group.is_none() => {
                tracing::warn!(%error, folder = %dir.display(), "no socket in the folder for temporary files: listening on a port");
                Self::tcp(environment.ports.clone())
            }
            bound => bound,
        }
    }

    /// Binds a unix socket below `dir`, for its owner only or also for a group.
    ///
    /// The socket is in a separate folder that is private from its creation: between the `bind` of a socket and its `chmod`
    /// every user could connect.
    pub(super) fn unix(dir: &Path, group: Option<&str>) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(NAME)
            .rand_bytes(RANDOM)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(dir)?;
        let path = folder.path().join(SOCKET);
        let listener = UnixListener::bind(&path)?;
        let others = dir.to_owned();
        // Beside the start, which core waits for.
        std::thread::spawn(move || sweep(&others));
        let mode = match group {
            Some(group) => {
                let group = Some(group_id(group)?);
                std::os::unix::fs::chown(&path, None, group)?;
                std::os::unix::fs::chown(&folder, None, group)?;
                std::fs::set_permissions(&folder, Permissions::from_mode(0o750))?;
                0o660
            }
            None => 0o600,
        };
        std::fs::set_permissions(&path, Permissions::from_mode(mode))?;
        Ok(Self { address: Address::Unix(path), listener: Listener::Unix(listener), folder: Some(folder) })
    }

    /// Binds the first free port of a range on the loopback interface.
    fn tcp(ports: RangeInclusive<u16>) -> io::Result<Self> {
        let mut refused = io::Error::new(io::ErrorKind::AddrInUse, format!("no port in {ports:?}"));
        for port in ports {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
                Ok(listener) => {
                    let address = Address::Tcp(listener.local_addr()?);
                    return Ok(Self { address, listener: Listener::Tcp(listener), folder: None });
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}

/// Deletes the sockets of processes that were killed: those of this user, to which no process listens. Without it each kill leaves one
/// in the folder for ever. What is younger than [`FRESH`] may be of a process that is about to listen.
fn sweep(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for folder in entries.flatten().filter(|entry| is_ours(&entry.file_name())).map(|entry| entry.path()) {
        let is_old = |path: &Path| {
            let modified = std::fs::symlink_metadata(path).and_then(|found| found.modified());
            modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > FRESH))
        };
        let path = folder.join(SOCKET);
        if !is_old(&folder) {
            continue;
        }
        let refused = UnixStream::connect(&path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if refused {
            // Neither can be deleted if it is another user's.
            let _ = std::fs::remove_file(&path);
        }
        // Only if it is empty.
        let _ = std::fs::remove_dir(&folder);
    }
}

/// Whether a folder has the name of one that [`Socket::unix`] creates.
fn is_ours(name: &OsStr) -> bool {
    let random = name.as_bytes().strip_prefix(NAME.as_bytes());
    random.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
}

/// The number of a group, by its name or number.
#[expect(unsafe_code, reason = "the standard library does not read the system's groups")]
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(number) = group.parse() {
        return Ok(number);
    }
    let name = std::ffi::CString::new(group)?;
    let mut buffer = vec![0; 64 * 1024];
    // SAFETY: a group consists of numbers and pointers, for which zeros are valid.
    let mut entry: libc::group = unsafe { std::mem::zeroed() };
    let mut found = std::ptr::null_mut();
    // SAFETY: every pointer is to a live local variable, and the length is that of the buffer.
    let code = unsafe { libc::getgrnam_r(name.as_ptr(), &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found) };
    match (code, found.is_null()) {
        (0, false) => Ok(entry.gr_gid),
        (0, true) => Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no group `{group}`"))),
        (code, _) => Err(io::Error::from_raw_os_error(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(dir: &Path) -> Environment {
        Environment {
            versions: vec![],
            client_certificate: None,
            ports: 0..=0,
            socket_dir: Some(dir.to_owned()),
            socket_group: None,
            asks_multiplex: false,
        }
    }

    #[test]
    fn a_unix_socket_is_private_and_deleted_with_the_process() {
        let dir = tempfile::tempdir().expect("folder");
        let socket = Socket::bind(&environment(dir.path())).expect("bound");
        let Address::Unix(path) = socket.address.clone() else { panic!("{:?}", socket.address) };
        let mode = std::fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let folder = path.parent().expect("a folder");
        assert_eq!(std::fs::metadata(folder).expect("there").permissions().mode() & 0o777, 0o700);
        drop(socket);
        assert_eq!(std::fs::read_dir(dir.path()).expect("folder").count(), 0);
    }

    #[test]
    fn a_group_may_use_it_if_requested() {
        let dir = tempfile::tempdir().expect("folder");
        #[expect(unsafe_code, reason = "the standard library does not have this process's group")]
        // SAFETY: reads a number of this process.
        let own = unsafe { libc::getgid() };
        let socket = Socket::unix(dir.path(), Some(&own.to_string())).expect("bound");
        let Address::Unix(path) = &socket.address else { panic!("{:?}", socket.address) };
        assert_eq!(std::fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o660);
        let error = Socket::unix(dir.path(), Some("no-such-group")).expect_err("refused");
        assert_eq!(error.to_string(), "there is no group `no-such-group`");
        assert_eq!(std::fs::read_dir(dir.path()).expect("folder").count(), 1, "a refused socket is left on the disk");
    }

    #[test]
    fn a_path_too_long_for_the_system_falls_back_to_tcp() {
        let dir = tempfile::tempdir().expect("folder");
        let fits = LONGEST_PATH - ADDED - dir.path().as_os_str().len() - 1;
        for (length, network) in [(fits, "unix"), (fits + 1, "tcp")] {
            let deep = dir.path().join("x".repeat(length));
            std::fs::create_dir(&deep).expect("folder");
            let socket = Socket::bind(&environment(&deep)).expect("bound");
            assert_eq!(socket.address.network(), network, "{length}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_used_falls_back_to_tcp() {
        let dir = tempfile::tempdir().expect("folder");
        std::fs::write(dir.path().join("file"), "").expect("written");
        for unusable in ["missing", "file"] {
            let environment = environment(&dir.path().join(unusable));
            assert_eq!(Socket::bind(&environment).expect("bound").address.network(), "tcp", "{unusable}");
            let group = Environment { socket_group: Some("0".to_owned()), ..environment };
            assert!(Socket::bind(&group).is_err(), "a group cannot use a port: {unusable}");
        }
    }

    /// A folder with a socket, as old as that.
    fn left(dir: &Path, name: &str, age: Duration) -> (PathBuf, UnixListener) {
        let folder = dir.join(name);
        std::fs::create_dir(&folder).expect("folder");
        let listener = UnixListener::bind(folder.join(SOCKET)).expect("bound");
        let then = std::fs::FileTimes::new()
            .set_modified(std::fs::metadata(&folder).expect("there").modified().expect("a time") - age);
        std::fs::File::open(&folder).expect("a folder").set_times(then).expect("set");
        (folder, listener)
    }

    #[test]
    fn sockets_of_killed_processes_are_swept_and_no_others() {
        let dir = tempfile::tempdir().expect("folder");
        let (dead, listener) = left(dir.path(), "anu-pluginAbcdefgh01", FRESH * 2);
        drop(listener);
        let (fresh, listener) = left(dir.path(), "anu-pluginAbcdefgh02", Duration::ZERO);
        drop(listener);
        let (theirs, listener) = left(dir.path(), "pluginAbcdefgh03", FRESH * 2);
        drop(listener);
        let (alive, _listener) = left(dir.path(), "anu-pluginAbcdefgh04", FRESH * 2);
        sweep(dir.path());
        let there = [&dead, &fresh, &theirs, &alive].map(|folder| folder.join(SOCKET).exists());
        assert_eq!(there, [false, true, true, true]);
        assert!(!dead.exists());
    }

    #[test]
    fn a_group_is_found_by_its_name() {
        assert_eq!(group_id("root").expect("there"), 0);
        assert_eq!(group_id("1234").expect("a number"), 1234);
    }
}
