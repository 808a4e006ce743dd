//! A deployment in motion: what can happen to a component, what it may do, and the world that
//! brings each event to the component that it concerns.

mod columns;
mod ctx;
mod node;
mod world;

pub(crate) use ctx::{Ctx, Shared};
pub(crate) use node::Node;
pub(crate) use world::World;
