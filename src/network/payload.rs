//! What a message carries: so many bytes, or an object of a catalog.

use serde_json::json;

use crate::document::{Definitions, Node, Problems, Read};
use crate::units::Bytes;

use super::size::MessageSize;

/// How large a message is.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// As large as is drawn.
    Drawn(MessageSize),
    /// As large as the object that the request asks for; little if there is nothing under its key.
    Object,
    /// As that object, if the cache that is asked has it; else little.
    Found,
}

impl Payload {
    /// What carries nothing.
    pub const LITTLE: Payload = Payload::Drawn(MessageSize::REQUEST);
    /// How large a message is that carries nothing.
    pub const BARE: Bytes = Bytes(500);
    /// How large an answer is of which nothing is known.
    pub const PAGE: Bytes = Bytes(10_240);
}

impl Read for Payload {
    fn read(node: &Node, problems: &mut Problems) -> Option<Payload> {
        if node.text() == Some("object") {
            return Some(Payload::Object);
        }
        MessageSize::read(node, problems).map(Payload::Drawn)
    }

    fn stand_in() -> Option<Payload> {
        Some(Payload::LITTLE)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        json!({
            "title": "size, distribution or `object`",
            "anyOf": [{ "const": "object" }, MessageSize::schema(definitions)],
        })
    }
}
