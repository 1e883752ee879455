//! The network: HTTP/1.1 on the loopback interface.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tokio::net::TcpListener;

use crate::engine::{Engine, Reply};
use crate::request::Request;

/// The header that requests to the metadata server have, and its answers.
const METADATA_FLAVOR: &str = "metadata-flavor";

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("cut by a fault rule")
    }
}

impl std::error::Error for Cut {}

/// The socket that a simulator listens on.
pub(crate) fn bind(port: u16) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: std::net::TcpListener, engine: Arc<Engine>) -> Infallible {
    let listener = TcpListener::from_std(listener).expect("a socket");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            let service = service_fn(|request| respond(&engine, request));
            // An error is a client that went away, or a fault.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(engine: &Engine, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request = Request {
        method: parts.method.to_string(),
        path: percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned(),
        query: form(parts.uri.query().unwrap_or_default().as_bytes()),
        token: text(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned)),
        quota_project: text("x-goog-user-project"),
        has_metadata_flavor: text(METADATA_FLAVOR).is_some_and(|value| value == "Google"),
        body: parse(&parts.headers, &body),
    };
    let has_metadata_flavor = request.has_metadata_flavor;
    match engine.answer(request).await {
        Reply::Cut => Err(Cut),
        Reply::Never => std::future::pending().await,
        Reply::Answer { status, body, retry_after } => {
            let (kind, body) = match body {
                Value::String(text) => ("application/text", text), // of the metadata server
                body => ("application/json; charset=UTF-8", body.to_string()),
            };
            let mut response = hyper::Response::builder().status(status).header(CONTENT_TYPE, kind);
            if has_metadata_flavor {
                response = response.header(METADATA_FLAVOR, "Google");
            }
            if let Some(seconds) = retry_after {
                response = response.header(RETRY_AFTER, seconds);
            }
            Ok(response.body(Full::new(Bytes::from(body))).expect("its parts are valid"))
        }
    }
}

fn form(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

/// The body: JSON, or a form as the token endpoints have them.
fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let is_form =
        headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if body.is_empty() {
        return Ok(Value::Null);
    }
    if is_form {
        let fields: Map<String, Value> =
            form(body).into_iter().map(|(key, value)| (key, Value::String(value))).collect();
        return Ok(Value::Object(fields));
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}
