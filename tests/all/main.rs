//! The whole program and the whole library, in one binary: each more would take seconds to build.

mod balancers;
mod cli;
mod determinism;
mod diagnostics;
mod explain;
mod folder;
mod http;
mod logs;
#[cfg(unix)]
mod outside;
mod paired;
mod recorded;
mod robustness;
mod schema;
mod shipped;
#[path = "../support/mod.rs"]
mod support;
mod sweep;
mod traced;
