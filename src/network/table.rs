//! The links of a run, and what is sent over those that are more than a delay.

use super::transit::Transit;
use crate::engine::{Agenda, Slab, Stream};
use crate::measure::{Meter, Recorder};
use crate::message::{Attempt, AttemptKey, Ending, Event, LinkId, Outcome, Phase, SizesId};
use crate::units::{Bytes, Span, Time};

use super::channel::{Channel, Crossing};
use super::payload::Payload;
use super::spec::{Direction, LinkSpec};

/// How large a request and its response are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sizes {
    pub(crate) request: Payload,
    pub(crate) response: Payload,
}

/// Tell the draws of a direction of a link from a request's others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Salts {
    pub(crate) delay: u64,
    pub(crate) loss: u64,
}

/// A link, each way.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) there: Transit,
    pub(crate) back: Transit,
}

/// The links of a run.
#[derive(Debug)]
pub(crate) struct Links {
    links: Vec<Link>,
    /// By link: what each way is if it is more than a delay.
    channels: Vec<[Option<Channel>; 2]>,
    /// By link: what it is otherwise, while each of its messages is looked at.
    aside: Vec<Option<Link>>,
    sizes: Vec<Sizes>,
    /// Tell the size of a request, and of a response, from a request's other draws.
    size_salts: [u64; 2],
}

impl Links {
    pub(crate) fn new() -> Links {
        let salt = |name| Stream::root(0, 0).named("size").named(name).salt();
        Links {
            links: Vec::new(),
            channels: Vec::new(),
            aside: Vec::new(),
            sizes: Vec::new(),
            size_salts: [salt("request"), salt("response")],
        }
    }

    /// Adds a link from one component to another.
    pub(crate) fn add(
        &mut self,
        spec: Option<&LinkSpec>,
        (from, to): (&str, &str),
        salts: [Salts; 2],
        recorder: &mut Recorder,
        agenda: &mut Agenda<Event>,
    ) -> LinkId {
        recorder.add_link(format!("{from} -> {to}"));
        let names = [format!("{from} -> {to}"), format!("{from} <- {to}")];
        let mut channels = [None, None];
        let mut way = |index: usize, direction: Option<Direction>| match direction {
            None => Transit::Now,
            Some(direction) if direction.is_plain() => {
                Transit::new(&direction.delay, salts[index].delay, agenda)
            }
            Some(direction) => {
                let name = names[index].clone();
                channels[index] = Some(Channel::new(direction, name, salts[index], recorder));
                Transit::Channel
            }
        };
        let there = way(0, spec.map(LinkSpec::way_there));
        let back = way(1, spec.map(LinkSpec::way_back));
        self.links.push(Link { there, back });
        self.channels.push(channels);
        LinkId(u32::try_from(self.links.len() - 1).expect("links are fewer than 2^32"))
    }

    /// The index of these sizes; the same one each time.
    pub(crate) fn sizes(&mut self, sizes: Sizes) -> SizesId {
        let known = self.sizes.iter().position(|known| *known == sizes);
        let index = known.unwrap_or_else(|| {
            self.sizes.push(sizes);
            self.sizes.len() - 1
        });
        SizesId(u16::try_from(index).expect("attempt types and calls are checked to be few"))
    }

    /// How large the question of a request is, way 0, or its whole answer, way 1; `of_object` says
    /// so of a payload that depends on the object.
    pub(crate) fn size(
        &self,
        way: usize,
        attempt: &Attempt,
        of_object: impl FnOnce(&Payload) -> Bytes,
    ) -> Bytes {
        let sizes = &self.sizes[attempt.sizes.0 as usize];
        match [&sizes.request, &sizes.response][way] {
            Payload::Drawn(size) => size.draw(attempt.stream.beside(self.size_salts[way])),
            payload => of_object(payload),
        }
    }

    #[inline]
    pub(crate) fn get(&self, id: LinkId) -> &Link {
        &self.links[id.0 as usize]
    }

    /// From now on each message over the links that are `looked_at` is sent by an event of its own,
    /// and no other.
    pub(crate) fn look_at_messages(&mut self, looked_at: impl Fn(LinkId) -> bool) {
        self.aside.resize_with(self.links.len(), || None);
        for (index, (link, aside)) in (0..).zip(self.links.iter_mut().zip(&mut self.aside)) {
            if looked_at(LinkId(index)) {
                let channel = || Link { there: Transit::Channel, back: Transit::Channel };
                aside.get_or_insert_with(|| std::mem::replace(link, channel()));
            } else if let Some(otherwise) = aside.take() {
                *link = otherwise;
            }
        }
    }

    /// Whether the message of a request goes over a channel, and not over what is only a delay.
    pub(crate) fn is_channel(&self, attempt: &Attempt) -> bool {
        self.channels[attempt.link.0 as usize][attempt.phase.way()].is_some()
    }

    /// Sends the message of a request over a link that is only a delay, and so much `later`.
    pub(crate) fn forward(
        &self,
        key: AttemptKey,
        attempt: &Attempt,
        later: Span,
        agenda: &mut Agenda<Event>,
    ) {
        let index = attempt.link.0 as usize;
        let aside = self.aside.get(index).and_then(Option::as_ref);
        let link = aside.unwrap_or(&self.links[index]);
        let (transit, event): (_, fn(AttemptKey) -> Event) = match attempt.phase.way() {
            0 => (&link.there, Event::Arrive),
            _ => (&link.back, Event::Answer),
        };
        if later == Span::ZERO {
            transit.send(agenda, attempt.stream, key, event);
        } else {
            let delay = transit.time(agenda, attempt.stream);
            agenda.schedule(later + delay, event(key));
        }
    }

    /// Puts the message of a request, the question or the answer, of this size on its channel: for
    /// the first time or again. It comes so much `later`, or is lost as by chance if `None`.
    #[inline(never)]
    pub(crate) fn transmit(
        &mut self,
        (key, size, later): (AttemptKey, Bytes, Option<Span>),
        attempts: &mut Slab<Attempt>,
        recorder: &mut Recorder,
        agenda: &mut Agenda<Event>,
    ) {
        let attempt = &mut attempts[key];
        let way = attempt.phase.way();
        let event = [Event::Arrive(key), Event::Answer(key)][way];
        let channel = self.channels[attempt.link.0 as usize][way].as_mut();
        let channel = channel.expect("messages are transmitted over channels");
        if u64::from(attempt.tries) == channel.tries() {
            attempt.ending = Ending::from(Outcome::Lost(attempt.link));
            attempt.phase = Phase::Homeward;
            agenda.schedule(Span::ZERO, Event::Answer(key));
            return;
        }
        let crossing = match later {
            None => Crossing::Lost(channel.wait(attempt.tries)),
            Some(later) => {
                let message = (size, attempt.stream, attempt.tries);
                channel.send(agenda.now(), later, message, recorder)
            }
        };
        match crossing {
            Crossing::Arrives(delay) => {
                attempt.tries = 0;
                agenda.schedule(delay, event);
            }
            Crossing::Lost(wait) => {
                attempt.tries += 1;
                agenda.schedule(wait, Event::Transmit(key));
            }
        }
    }

    /// Brings the figures of all pipes up to date.
    #[inline(never)]
    pub(crate) fn settle(&mut self, now: Time, recorder: &mut Recorder) {
        self.channels
            .iter_mut()
            .flatten()
            .flatten()
            .for_each(|channel| channel.settle(now, recorder));
    }

    /// Whether the operational laws hold of all pipes.
    pub(crate) fn laws_hold(&self, end: Time, meters: &[Meter]) -> bool {
        let mut pipes = self.channels.iter().flatten().flatten().filter_map(Channel::pipe);
        pipes.all(|pipe| pipe.laws_hold(end, meters))
    }
}
