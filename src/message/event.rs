//! What can happen during a run, and how it fits into one word of the agenda.

use crate::engine::Key;

use super::{AttemptKey, NodeId};

/// What happens in a simulated deployment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// A request reaches its callee.
    Arrive(AttemptKey),
    /// A pause that the callee asked for is over.
    Resume(AttemptKey),
    /// An answer reaches the caller.
    Answer(AttemptKey),
    /// The caller's patience ends.
    Expire(AttemptKey),
    /// A message of this request is put on its channel.
    Transmit(AttemptKey),
    /// The patience of a request that waits at its callee ends.
    Leave(AttemptKey),
    /// A component's own alarm. Components are fewer than 2^29.
    Alarm(NodeId, u32),
    /// The warm-up is over: figures start here.
    Measure,
    /// A window of the time series is over.
    Window,
    /// An alarm that this controller set, with its tag. Controllers are fewer than 2^8.
    Control(u8, u32),
}

/// The lowest three bits say what happens, the others to what.
impl From<Event> for u64 {
    #[inline]
    fn from(event: Event) -> u64 {
        match event {
            Event::Arrive(key) => key.to_bits() << 3,
            Event::Resume(key) => key.to_bits() << 3 | 1,
            Event::Answer(key) => key.to_bits() << 3 | 2,
            Event::Expire(key) => key.to_bits() << 3 | 3,
            Event::Alarm(node, tag) => u64::from(node.0) << 35 | u64::from(tag) << 3 | 4,
            Event::Measure => 5,
            Event::Window => 1 << 3 | 5,
            Event::Control(controller, tag) => {
                ((u64::from(controller) << 32 | u64::from(tag)) + CONTROL) << 3 | 5
            }
            Event::Leave(key) => key.to_bits() << 3 | 6,
            Event::Transmit(key) => key.to_bits() << 3 | 7,
        }
    }
}

impl From<u64> for Event {
    #[inline]
    fn from(word: u64) -> Event {
        let key = Key::from_bits(word >> 3);
        match word % 8 {
            0 => Event::Arrive(key),
            1 => Event::Resume(key),
            2 => Event::Answer(key),
            3 => Event::Expire(key),
            4 => Event::Alarm(NodeId((word >> 35) as u32), (word >> 3) as u32),
            5 => rare(word >> 3),
            6 => Event::Leave(key),
            _ => Event::Transmit(key),
        }
    }
}

/// What is above the events of the run itself that share the same three bits.
const CONTROL: u64 = 2;

/// Out of line: a run has few of them.
#[cold]
#[inline(never)]
fn rare(word: u64) -> Event {
    match word.checked_sub(CONTROL) {
        Some(alarm) => Event::Control((alarm >> 32) as u8, alarm as u32),
        None if word == 0 => Event::Measure,
        None => Event::Window,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_survives_being_a_word() {
        let key = Key::from_bits((1 << 61) - 5);
        let alarm = Event::Alarm(NodeId((1 << 29) - 1), u32::MAX);
        for event in [
            Event::Arrive(key),
            Event::Resume(key),
            Event::Answer(key),
            Event::Expire(key),
            Event::Transmit(key),
            Event::Leave(key),
            alarm,
            Event::Measure,
            Event::Window,
            Event::Control(0, 0),
            Event::Control(u8::MAX, u32::MAX),
        ] {
            assert_eq!(Event::from(u64::from(event)), event);
        }
    }
}
