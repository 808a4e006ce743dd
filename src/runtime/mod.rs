//! A deployment in motion: what can happen to a component, what it may do, who is up, and the world
//! that brings each event to the component that it concerns.

mod columns;
mod connected;
mod control;
mod ctx;
mod fleet;
mod hops;
mod hung;
mod interference;
mod node;
mod subrequests;
mod watch;
mod world;

pub(crate) use control::{ControlCtx, Controller};
pub(crate) use ctx::{Ctx, Shared};
pub(crate) use fleet::Condition;
pub(crate) use interference::Interference;
pub(crate) use node::Node;
pub use watch::Watch;
pub(crate) use world::World;
