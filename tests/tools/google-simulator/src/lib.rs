//! A simulator of the Google Cloud APIs that anu uses, on the loopback interface: Resource Manager, Service Usage, Cloud
//! Billing, IAM, IAM credentials and Security Token Service, all under one address.
//!
//! ```no_run
//! use google_simulator::{Fault, Options, Simulator};
//!
//! let simulator = Simulator::start(Options::default());
//! simulator.add_project("shop-production", &[("owner", "others")]);
//! simulator.fault(Fault::on("POST", "*:setIamPolicy").times(1).status(503));
//! // … a client of `simulator.url()` …
//! assert_eq!(simulator.requests("cloudresourcemanager.projects.setIamPolicy"), 2);
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `router` | the table of contents: every method with its path, quota and handler |
//! | `api/` | the methods, a file for each collection |
//! | `state/` | what exists; operations and their effects; versions for late readers |
//! | `engine` | from a request to its answer: faults, caller, quota, handler, transcript |
//! | `callers`, `permissions`, `roles`, `members` | who sends a request, who may do what, and who exists |
//! | `discovery` | the check of each exchange against Google's documents |
//! | `quotas`, `faults` | what goes wrong by number and by rule |
//! | `external`, `registry`, `inspect` | the API for tests: writes of others, what a registry takes to exist, and what exists |
//! | `server`, `storage`, `transcript` | network, disk, log |
//!
//! What is known of Google's behaviour, and what is only believed: `docs/development/testing.md`, "Google simulator".

mod api;
mod callers;
mod context;
mod discovery;
mod engine;
mod error;
mod external;
mod faults;
mod fields;
mod inspect;
mod members;
mod options;
mod permissions;
mod quotas;
mod registry;
mod request;
mod roles;
mod router;
mod server;
mod state;
mod storage;
mod transcript;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::engine::Engine;
pub use crate::error::Code;
pub use crate::faults::Fault;
pub use crate::options::{Authentication, Options, Validation};
pub use crate::permissions::ADMINISTRATOR;
pub use crate::quotas::{Api, Metric, Quotas};
pub use crate::state::Condition;
pub use crate::transcript::Exchange;

/// A running simulator, in a thread of its own. It ends when it is dropped, with a panic if an exchange violated Google's
/// discovery documents.
pub struct Simulator {
    engine: Arc<Engine>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts a simulator.
    ///
    /// # Panics
    ///
    /// If the port is in use, or the state cannot be read.
    pub fn start(options: Options) -> Self {
        Self::try_start(options).expect("the simulator starts")
    }

    /// Starts a simulator.
    ///
    /// # Errors
    ///
    /// If the port is in use, or a file of the options cannot be used.
    pub fn try_start(options: Options) -> std::io::Result<Self> {
        let port = options.port;
        let engine = Arc::new(Engine::new(options)?);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let listener = server::bind(port)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&engine);
        let thread = std::thread::Builder::new().name("google-simulator".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    never = server::serve(listener, served) => match never {},
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { engine, address, stop: Some(stop), thread: Some(thread) })
    }

    /// Its address, for the endpoint of every API: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes requests go wrong by a rule, from now on.
    pub fn fault(&self, fault: Fault) {
        self.engine.lock().faults.add(fault);
    }

    /// The violations of Google's discovery documents since the last call. A simulator that is dropped with violations panics,
    /// so a test that provokes them calls this.
    pub fn take_violations(&self) -> Vec<String> {
        self.engine.lock().transcript.take_violations()
    }

    /// Removes every rule.
    pub fn clear_faults(&self) {
        self.engine.lock().faults.clear();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let violations = self.take_violations();
        if !violations.is_empty() && !std::thread::panicking() {
            panic!("violations of Google's discovery documents:\n{}", violations.join("\n"));
        }
    }
}
