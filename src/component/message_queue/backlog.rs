//! The messages of a queue: which are there, which of them waits, and which is delivered next.
//!
//! *Invariant:* a message waits or is in flight until it is removed. The next is the oldest of
//! those that can be delivered; with partitions those are the first of each.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::engine::{Key, Slab, Stream};
use crate::message::SizesId;
use crate::objects::Object;
use crate::units::Time;

/// Where a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// It waits, and cannot be delivered yet.
    Resting,
    /// It waits to be delivered.
    Waiting,
    /// It has been delivered.
    InFlight,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    /// When it was put.
    pub(super) put: Time,
    /// Who of all clients' users it is about.
    pub(super) user: u32,
    /// What it is about.
    pub(super) object: Object,
    /// How large it is.
    pub(super) sizes: SizesId,
    /// All that is random about it.
    pub(super) stream: Stream,
    /// All work on it fails.
    pub(super) poison: bool,
    /// How often it has been delivered.
    pub(super) receives: u32,
    pub(super) state: State,
    /// In which partition it is.
    pub(super) partition: u32,
    /// How many were put before it.
    pub(super) number: u64,
}

pub(super) type MessageKey = Key<Message>;

/// A message as it waits: its number, how often it has been delivered, and where it is.
type Entry = Reverse<(u64, u32, u64)>;

/// The messages of a queue.
#[derive(Debug)]
pub(super) struct Backlog {
    messages: Slab<Message>,
    /// How many have been put.
    put: u64,
    waiting: u64,
    /// Those that can be delivered, the oldest first. Some may have been removed since.
    ready: BinaryHeap<Entry>,
    /// All that wait, the oldest first, with others that do not any more.
    ages: BinaryHeap<Entry>,
    /// Of each partition all messages in their order, with some that have been removed since.
    partitions: Vec<VecDeque<MessageKey>>,
}

impl Backlog {
    pub(super) fn new(partitions: usize) -> Backlog {
        Backlog {
            messages: Slab::new(),
            put: 0,
            waiting: 0,
            ready: BinaryHeap::new(),
            ages: BinaryHeap::new(),
            partitions: vec![VecDeque::new(); partitions],
        }
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> u64 {
        self.messages.len() as u64
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    pub(super) fn get(&self, key: MessageKey) -> Option<&Message> {
        self.messages.get(key)
    }

    /// A message is put, and rests.
    pub(super) fn put(&mut self, message: Message) -> MessageKey {
        let number = self.put;
        self.put += 1;
        let key =
            self.messages.insert_with(|| Message { number, state: State::Resting, ..message });
        if let Some(partition) = self.partitions.get_mut(message.partition as usize) {
            partition.push_back(key);
        }
        self.line_up(key);
        key
    }

    /// A message waits from now on.
    fn line_up(&mut self, key: MessageKey) {
        self.waiting += 1;
        let Message { number, receives, .. } = self.messages[key];
        self.ages.push(Reverse((number, receives, key.to_bits())));
        if self.ages.len() as u64 > 2 * self.waiting + 64 {
            let messages = &self.messages;
            self.ages.retain(|entry| waits(messages, entry).is_some());
        }
    }

    /// A message has rested.
    pub(super) fn has_rested(&mut self, key: MessageKey) {
        self.messages[key].state = State::Waiting;
        self.offer(key);
    }

    /// A message can be delivered, if it is the first of its partition.
    fn offer(&mut self, key: MessageKey) {
        let Message { number, receives, partition, .. } = self.messages[key];
        let partition = self.partitions.get(partition as usize);
        if partition.is_none_or(|partition| partition.front() == Some(&key)) {
            self.ready.push(Reverse((number, receives, key.to_bits())));
        }
    }

    /// The message that is delivered next.
    pub(super) fn next(&mut self) -> Option<MessageKey> {
        loop {
            let entry = self.ready.peek()?;
            if let Some((key, _)) = waits(&self.messages, entry) {
                return Some(key);
            }
            self.ready.pop();
        }
    }

    /// The next message is delivered. Returns it as it then is.
    pub(super) fn deliver(&mut self) -> Option<(MessageKey, Message)> {
        let key = self.next()?;
        self.ready.pop();
        let message = &mut self.messages[key];
        (message.state, message.receives) = (State::InFlight, message.receives + 1);
        self.waiting -= 1;
        Some((key, *message))
    }

    /// A message that was delivered waits again, and rests.
    pub(super) fn come_back(&mut self, key: MessageKey) {
        self.messages[key].state = State::Resting;
        self.line_up(key);
    }

    /// When the oldest that waits was put.
    pub(super) fn oldest(&mut self) -> Option<(MessageKey, Time)> {
        loop {
            let entry = self.ages.peek()?;
            if let Some((key, message)) = waits(&self.messages, entry) {
                return Some((key, message.put));
            }
            self.ages.pop();
        }
    }

    /// A message is done, or given up: the next of its partition can be delivered.
    pub(super) fn remove(&mut self, key: MessageKey) {
        let Message { state, partition, .. } = self.messages[key];
        self.waiting -= u64::from(state != State::InFlight);
        self.messages.remove(key);
        let Some(partition) = self.partitions.get_mut(partition as usize) else { return };
        if partition.front() != Some(&key) {
            return;
        }
        while partition.front().is_some_and(|first| self.messages.get(*first).is_none()) {
            partition.pop_front();
        }
        if let Some(&first) = partition.front()
            && self.messages[first].state == State::Waiting
        {
            self.offer(first);
        }
    }

    /// All messages are gone. Returns how many they were.
    pub(super) fn clear(&mut self) -> u64 {
        let all: Vec<MessageKey> = self.messages.keys().collect();
        all.iter().for_each(|&key| {
            self.messages.remove(key);
        });
        self.waiting = 0;
        self.partitions.iter_mut().for_each(VecDeque::clear);
        self.ready.clear();
        self.ages.clear();
        all.len() as u64
    }
}

/// The message of an entry, if it waits as it did then.
fn waits<'m>(messages: &'m Slab<Message>, entry: &Entry) -> Option<(MessageKey, &'m Message)> {
    let Reverse((_, receives, bits)) = *entry;
    let key = MessageKey::from_bits(bits);
    let message = messages.get(key)?;
    let waits = message.state != State::InFlight && message.receives == receives;
    waits.then_some((key, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backlog(partitions: usize, put: &[u32]) -> (Backlog, Vec<MessageKey>) {
        let mut backlog = Backlog::new(partitions);
        let message = |partition: u32| Message {
            put: Time::from_nanos(u64::from(partition)),
            user: 0,
            object: Object::NONE,
            sizes: SizesId(0),
            stream: Stream::root(0, 0),
            poison: false,
            receives: 0,
            state: State::Resting,
            partition,
            number: 0,
        };
        let keys: Vec<MessageKey> = put.iter().map(|&of| backlog.put(message(of))).collect();
        keys.iter().for_each(|&key| backlog.has_rested(key));
        (backlog, keys)
    }

    fn delivered(backlog: &mut Backlog) -> Vec<u64> {
        std::iter::from_fn(|| Some(backlog.deliver()?.1.number)).collect()
    }

    #[test]
    fn the_oldest_comes_first_and_one_that_comes_back_is_as_old_as_before() {
        let (mut backlog, keys) = backlog(0, &[0, 0, 0]);
        assert_eq!(backlog.deliver().map(|(key, _)| key), Some(keys[0]));
        assert_eq!(backlog.deliver().map(|(key, _)| key), Some(keys[1]));
        backlog.come_back(keys[1]);
        assert_eq!((backlog.waiting(), backlog.oldest().map(|it| it.0)), (2, Some(keys[1])));
        assert_eq!(backlog.next(), Some(keys[2]), "the other rests");
        backlog.has_rested(keys[1]);
        assert_eq!(delivered(&mut backlog), [1, 2]);
        backlog.remove(keys[0]);
        assert_eq!((backlog.len(), backlog.waiting(), backlog.oldest()), (2, 0, None));
    }

    #[test]
    fn the_next_of_a_partition_waits_for_the_one_before() {
        let (mut backlog, keys) = backlog(2, &[0, 0, 1, 0]);
        assert_eq!(delivered(&mut backlog), [0, 2]);
        backlog.remove(keys[1]);
        assert!(backlog.next().is_none(), "it was not the first that has gone");
        backlog.come_back(keys[0]);
        backlog.has_rested(keys[0]);
        assert_eq!(delivered(&mut backlog), [0]);
        backlog.remove(keys[0]);
        assert_eq!(delivered(&mut backlog), [3]);
        assert_eq!((backlog.clear(), backlog.len(), backlog.waiting()), (2, 0, 0));
    }
}
