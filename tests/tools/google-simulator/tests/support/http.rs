//! A client of HTTP without any help: one connection for each request.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// An answer: the status and the body.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Sends a request to the simulator at this address, with headers (each ends with a line break); nothing if the connection was cut.
pub fn send(url: &str, headers: &str, method: &str, path: &str, body: &Value) -> Option<Answer> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: simulator\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: serde_json::from_str(body).expect("JSON") })
}
