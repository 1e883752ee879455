//! The connection to Terraform: everything between the start of the process and the calls of [`crate::sdk`]'s traits.
//!
//! ```text
//!  environment, arguments ── how the process was started: by which client, with which settings
//!  socket, tls, accept ───── a private socket; one client certificate is accepted
//!  handshake ─────────────── one line on stdout with the address
//!  server, go_plugin ─────── the life of the process: signals, Shutdown, streams without messages
//!  rpc/* ─────────────────── one file per group of calls, no logic: from_wire → sdk → to_wire
//!  work, panics ──────────── StopProvider cancels calls; a panic becomes a diagnostic
//!  logging/* ─────────────── `tracing` → Terraform's log
//! ```
//!
//! The only module that uses tonic or prost.

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
use crate::printable::{escape, escape_lines};
use crate::sdk::Provider;
use arguments::Request;
use environment::Environment;
use rpc::Rpc;
use server::{Owner, Plan, Service};
use socket::Socket;
use tls::Tls;

pub use options::ServeOptions;

/// Runs a provider binary with its arguments and environment, and returns the exit code.
///
/// Started by Terraform or OpenTofu (which set a magic cookie) it serves until they send a shutdown. Started manually it prints
/// its help; with `--debug` it serves until Ctrl-C, each client with a provider of its own.
pub fn serve(provider: impl Fn() -> Arc<dyn Provider> + Send + 'static, options: ServeOptions) -> ExitCode {
    serve_with(provider, options, std::env::args_os().skip(1))
}

/// [`serve`] with arguments other than the process's own.
#[allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "written before a handshake, for the person who started the program"
)]
pub fn serve_with(
    provider: impl Fn() -> Arc<dyn Provider> + Send + 'static,
    options: ServeOptions,
    arguments: impl IntoIterator<Item = OsString>,
) -> ExitCode {
    panics::install_hook();
    let asked = match Request::parse(arguments) {
        Request::Serve => match Environment::read(|name| std::env::var_os(name)) {
            Some(environment) => for_client(provider(), &options, &environment),
            None => {
                eprint!("{}", arguments::help(&options));
                return ExitCode::FAILURE;
            }
        },
        Request::Debug => for_person(Box::new(provider), &options),
        Request::Help => {
            print!("{}", arguments::help(&options));
            return ExitCode::SUCCESS;
        }
        Request::Version => {
            println!("{} {}", options.name, options.version);
            return ExitCode::SUCCESS;
        }
        Request::Unknown(argument) => {
            let argument = escape(&argument);
            eprintln!("{}: unknown argument `{argument}`; `--help` lists the arguments.", options.name);
            return ExitCode::from(2);
        }
    };
    asked.unwrap_or_else(|error| {
        // If a plugin ends without a handshake, go-plugin shows its stderr.
        eprintln!("{} cannot serve: {}.", options.name, escape_lines(&error.to_string()));
        ExitCode::FAILURE
    })
}

fn for_client(provider: Arc<dyn Provider>, options: &ServeOptions, environment: &Environment) -> io::Result<ExitCode> {
    start_logging(options);
    if !environment.speaks_ours() {
        // The handshake continues: it contains our version, and the client reports the mismatch.
        tracing::error!(versions = ?environment.versions, "the client does not support protocol version 6");
    }
    let tls = match &environment.client_certificate {
        Some(pem) => Some(Tls::pinned_to(pem).map_err(|error| io::Error::other(error_chain(&error)))?),
        None => None,
    };
    let socket = Socket::bind(environment)?;
    let certificate = tls.as_ref().map(|tls| tls.certificate.as_ref());
    let line = handshake::line(&socket.address, certificate, environment.asks_multiplex);
    server::run(Plan {
        service: Service::Shared(Box::new(Rpc::new(provider, options.address))),
        socket,
        tls: tls.map(|tls| TlsAcceptor::from(tls.config)),
        announcement: format!("{line}\n"),
        owner: Owner::Client,
    })
}

fn for_person(provider: Box<dyn Fn() -> Arc<dyn Provider> + Send>, options: &ServeOptions) -> io::Result<ExitCode> {
    start_logging(options);
    // No certificate: Terraform uses none with a provider that it did not start. The socket's permissions exclude other users.
    let socket = Socket::unix(&std::env::temp_dir(), None)?;
    let announcement = debug::announcement(options.address, std::process::id(), &socket.address);
    server::run(Plan {
        service: Service::Apart({
            let address = options.address;
            Box::new(move || Rpc::new(provider(), address))
        }),
        socket,
        tls: None,
        announcement,
        owner: Owner::Person,
    })
}

fn start_logging(options: &ServeOptions) {
    logging::install(logging::level(options.local_name(), |name| std::env::var(name).ok()));
}
