//! How large a message is.

use crate::distribution::{SIZES, read_dist, spelled_out};
use crate::document::{Definitions, Node, Problems, Read};
use crate::engine::{Dist, Stream};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::client::RequestSpec;
    use crate::document::{Place, Sources, Value};
    use crate::network::Payload;
    use crate::step::CallSpec;

    fn read<T: Read>(value: Value) -> T {
        let source = Sources::new().add("test", "");
        let place = Place { source, start: 0, end: 0 };
        let mut problems = Problems::new();
        let read = T::read(&Node { place, value }, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        read.expect("nothing is wrong")
    }

    #[test]
    fn what_nothing_is_said_of_is_as_large_as_the_defaults() {
        let request: RequestSpec = read(Value::Null);
        let call: CallSpec = read(Value::Scalar("app".to_owned()));
        let [question, answer] = [MessageSize::REQUEST, MessageSize::RESPONSE].map(Payload::Drawn);
        assert_eq!((&request.request_size, &call.request_size), (&question, &question));
        assert_eq!((&request.response_size, &call.response_size), (&answer, &answer));
        assert_eq!(read::<Payload>(Value::Scalar("object".to_owned())), Payload::Object);
    }

    #[test]
    fn sizes_are_read_in_bytes_and_drawn_as_whole_ones() {
        let size = |text: &str| -> MessageSize { read(Value::Scalar(text.to_owned())) };
        assert_eq!(size("20KiB"), MessageSize(Dist::Constant(20_480.0)));
        assert_eq!(size("exp(1.5kB)"), MessageSize(Dist::Exponential(1_500.0)));
        let mixture = vec![(0.9, Dist::Constant(1_000.0)), (0.1, Dist::Exponential(1e6))];
        assert_eq!(size("mixture(90% 1kB, 10% exp(1MB))").0, Dist::mixture(mixture));
        let stream = Stream::root(1, 1);
        assert_eq!(size("10KiB").draw(stream), Bytes(10_240));
        assert_eq!(MessageSize(Dist::Constant(2.5)).draw(stream), Bytes(3));
    }
}
