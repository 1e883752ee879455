//! The edge to Terraform: everything between a process being started and [`crate::sdk`]'s traits being called.
//!
//! ```text
//!  environment, arguments ── who started us, and what do they know?
//!  socket, tls, accept ───── a private socket; only the holder of one certificate gets in
//!  handshake ─────────────── one line on stdout says where
//!  server, go_plugin ─────── the life of the process: signals, Shutdown, streams that stay silent
//!  rpc/* ─────────────────── one file per group of calls, no logic: from_wire → sdk → to_wire
//!  work, panics ──────────── StopProvider cancels; a panic becomes a diagnostic
//!  logging/* ─────────────── `tracing` → Terraform's log
//! ```
//!
//! The only room that names tonic or prost.

mod accept;
mod arguments;
mod debug;
mod environment;
mod from_wire;
mod go_plugin;
mod handshake;
mod logging;
mod options;
mod panics;
#[doc(hidden)]
pub mod proto;
mod rpc;
mod server;
mod socket;
mod tls;
mod to_wire;
mod work;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

use crate::connect::error_chain;
use crate::sdk::Provider;
use arguments::Request;
use environment::Environment;
use rpc::Rpc;
use server::{Owner, Plan};
use socket::Socket;
use tls::Tls;

pub use options::ServeOptions;

/// Runs a provider binary from its arguments and environment to its exit code.
///
/// Started by Terraform or OpenTofu (which set a magic cookie) it serves until they ask it to end. Started by hand it says
/// what it is; `--debug` makes it serve until Ctrl-C.
pub fn serve(provider: Arc<dyn Provider>, options: ServeOptions) -> ExitCode {
    serve_with(provider, options, std::env::args_os().skip(1))
}

/// [`serve`] with arguments other than the process's own.
pub fn serve_with(
    provider: Arc<dyn Provider>,
    options: ServeOptions,
    arguments: impl IntoIterator<Item = OsString>,
) -> ExitCode {
    panics::install_hook();
    let asked = match Request::parse(arguments) {
        Request::Serve => match Environment::read(|name| std::env::var_os(name)) {
            Some(environment) => for_client(provider, &options, &environment),
            None => {
                eprint!("{}", arguments::help(&options));
                return ExitCode::FAILURE;
            }
        },
        Request::Debug => for_person(provider, &options),
        Request::Help => {
            print!("{}", arguments::help(&options));
            return ExitCode::SUCCESS;
        }
        Request::Version => {
            println!("{} {}", options.name, options.version);
            return ExitCode::SUCCESS;
        }
        Request::Unknown(argument) => {
            eprintln!("{}: unknown argument `{argument}`; `--help` lists what there is.", options.name);
            return ExitCode::from(2);
        }
    };
    asked.unwrap_or_else(|error| {
        // go-plugin shows what a plugin wrote to stderr before it ended without a handshake.
        eprintln!("{} cannot serve: {error}.", options.name);
        ExitCode::FAILURE
    })
}

fn for_client(provider: Arc<dyn Provider>, options: &ServeOptions, environment: &Environment) -> io::Result<ExitCode> {
    start_logging(options);
    if !environment.speaks_ours() {
        // The handshake goes on: the client sees our version in it and says in its own words that it is too old.
        tracing::error!(versions = ?environment.versions, "the client does not know protocol version 6");
    }
    let tls = match &environment.client_certificate {
        Some(pem) => Some(Tls::pinned_to(pem).map_err(|error| io::Error::other(error_chain(&error)))?),
        None => None,
    };
    let socket = Socket::bind(environment)?;
    let certificate = tls.as_ref().map(|tls| tls.certificate.as_ref());
    let line = handshake::line(&socket.address, certificate, environment.asks_multiplex);
    server::run(Plan {
        rpc: Rpc::new(provider, options.address),
        socket,
        tls: tls.map(|tls| TlsAcceptor::from(tls.config)),
        announcement: format!("{line}\n"),
        owner: Owner::Client,
    })
}

fn for_person(provider: Arc<dyn Provider>, options: &ServeOptions) -> io::Result<ExitCode> {
    start_logging(options);
    // No certificate: Terraform uses none with a provider it did not start. The socket's permissions keep others out.
    let socket = Socket::unix(&std::env::temp_dir(), None)?;
    let announcement = debug::announcement(options.address, std::process::id(), &socket.address);
    server::run(Plan {
        rpc: Rpc::new(provider, options.address),
        socket,
        tls: None,
        announcement,
        owner: Owner::Person,
    })
}

fn start_logging(options: &ServeOptions) {
    logging::install(logging::level(options.local_name(), |name| std::env::var(name).ok()));
}
