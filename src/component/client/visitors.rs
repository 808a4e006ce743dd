//! Visitors: users who come from outside, make one journey each, and are gone.

use crate::distribution::Delay;
use crate::document::Entries;
use crate::engine::{Dist, Stream};
use crate::runtime::Ctx;

use super::journey::{Journey, PageSpec};
use super::{Sender, TYPE};

/// How long a visitor looks at a page of which nothing is said: 7 s on average, as TPC-W has it.
const THINK: Delay = Delay(Dist::Exponential(7e9));
/// Tells a visitor's think times from other draws.
const THOUGHT: u64 = 0x7468_696E;

/// The visitors present, in slots used again.
pub(super) struct Visitors {
    journey: Journey,
    present: Vec<Visitor>,
    free: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Visitor {
    /// All randomness of this visitor.
    stream: Stream,
    page: u16,
    /// Requests sent, which counts the draws as well.
    sent: u64,
}

impl Visitors {
    pub(super) fn new(pages: &Entries<PageSpec>) -> Visitors {
        let journey = Journey::new(pages, &THINK);
        Visitors { journey, present: Vec::new(), free: Vec::new() }
    }

    /// A new visitor asks for the first page.
    #[inline(never)]
    pub(super) fn welcome(&mut self, stream: Stream, sender: &Sender, ctx: &mut Ctx) {
        let visitor = Visitor { stream, page: 0, sent: 0 };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.present[slot as usize] = visitor;
                slot
            }
            None => {
                self.present.push(visitor);
                u32::try_from(self.present.len() - 1).expect("fewer than 2^32 visitors at once")
            }
        };
        self.send(slot, sender, ctx);
    }

    /// A visitor asks for the page that is next.
    #[inline(never)]
    pub(super) fn send(&mut self, slot: u32, sender: &Sender, ctx: &mut Ctx) {
        let visitor = &mut self.present[slot as usize];
        let Visitor { stream: whose, page, sent } = *visitor;
        visitor.sent += 1;
        sender.send(usize::from(page), whose.at(sent), whose, slot, ctx);
    }

    /// A visitor has the page, or has given it up, and looks at it before the next, or leaves.
    #[inline(never)]
    pub(super) fn go_on(&mut self, slot: u32, ctx: &mut Ctx) {
        let visitor = &mut self.present[slot as usize];
        let stream = visitor.stream.at(visitor.sent);
        match self.journey.next(visitor.page, stream.at(TYPE).draws().unit()) {
            Some(next) => {
                let think = self.journey.think(visitor.page).draw(stream.at(THOUGHT));
                visitor.page = next;
                ctx.alarm(think, slot);
            }
            None => self.free.push(slot),
        }
    }
}
