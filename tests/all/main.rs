//! The whole program and the whole library, in one binary: each more would take seconds to build.

mod assumptions;
mod balancers;
mod cli;
mod coverage;
mod determinism;
mod diagnostics;
mod exercise;
mod explain;
mod folder;
mod http;
mod logs;
mod named;
#[cfg(unix)]
mod outside;
mod paired;
mod recorded;
mod robustness;
mod schema;
mod series;
mod shipped;
mod statements;
#[path = "../support/mod.rs"]
mod support;
mod sweep;
mod traced;
