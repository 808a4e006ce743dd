//! How large a message is.

use crate::document::{Definitions, Node, Problems, Read};
use crate::engine::{Dist, Stream};
use crate::model::delay::{SIZES, read_dist, spelled_out};
use crate::units::Bytes;

/// A distribution over sizes, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageSize(pub Dist);

impl MessageSize {
    /// What a request has where nothing is said: a line and a few headers.
    pub const REQUEST: MessageSize = MessageSize(Dist::Constant(500.0));
    /// What a response has where nothing is said: a small page, or an answer in JSON.
    pub const RESPONSE: MessageSize = MessageSize(Dist::Constant(10_240.0));

    /// Draws one size from `stream`, rounded to a byte.
    pub fn draw(&self, stream: Stream) -> Bytes {
        Bytes((self.0.draw(&mut stream.draws()) + 0.5) as u64)
    }
}

impl Read for MessageSize {
    fn read(node: &Node, problems: &mut Problems) -> Option<MessageSize> {
        read_dist(&SIZES, node, problems).map(MessageSize)
    }

    fn stand_in() -> Option<MessageSize> {
        Some(MessageSize::REQUEST)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "size or distribution",
            "description": format!("A size, fixed or drawn; as for durations: {}", spelled_out()),
            "type": "string",
        })
    }
}
