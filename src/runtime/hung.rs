//! A component that hangs: what happens to it is kept, and it learns of it when it goes on.

use crate::message::{AttemptKey, Command, Outcome, Phase, Reply};

use super::{Ctx, Node};

/// What a component that hangs learns when it goes on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    Request(AttemptKey),
    Resume(AttemptKey),
    Impatience(AttemptKey),
    Answer(Reply, Outcome),
    Timeout(Reply),
    Alarm(u32),
    Control(Command),
}

/// Stands in for a component that hangs.
#[derive(Debug)]
pub(super) struct Hung;

fn hold(held: Held, ctx: &mut Ctx) {
    match held {
        Held::Request(key) | Held::Resume(key) => ctx.tracing().hangs(key),
        Held::Answer(Reply { parent, .. }, _) | Held::Timeout(Reply { parent, .. }) => {
            ctx.tracing().hangs(parent);
        }
        Held::Impatience(_) | Held::Alarm(_) | Held::Control(_) => {}
    }
    ctx.shared.held.push((ctx.me, held));
}

impl Node for Hung {
    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        hold(Held::Request(key), ctx);
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        hold(Held::Resume(key), ctx);
    }

    fn on_impatience(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        hold(Held::Impatience(key), ctx);
    }

    fn on_answer(&mut self, answered: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        hold(Held::Answer(*answered, outcome), ctx);
    }

    fn on_timeout(&mut self, abandoned: &Reply, ctx: &mut Ctx) {
        hold(Held::Timeout(*abandoned), ctx);
    }

    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        hold(Held::Control(command), ctx);
    }

    fn on_alarm(&mut self, tag: u32, ctx: &mut Ctx) {
        hold(Held::Alarm(tag), ctx);
    }
}

/// A component goes on, and learns of all that has happened meanwhile.
pub(super) fn take_up(node: &mut dyn Node, ctx: &mut Ctx) {
    let (mine, others) = ctx.shared.held.drain(..).partition(|&(node, _)| node == ctx.me);
    ctx.shared.held = others;
    let mine: Vec<_> = mine;
    for (_, held) in mine {
        let here = |ctx: &mut Ctx, key| ctx.is_here(key);
        match held {
            Held::Request(key) if is_visit(key, ctx) => node.on_request(key, ctx),
            Held::Resume(key) if here(ctx, key) => node.on_resume(key, ctx),
            Held::Impatience(key) if is_visit(key, ctx) => node.on_impatience(key, ctx),
            Held::Request(_) | Held::Resume(_) | Held::Impatience(_) => {}
            Held::Answer(answered, outcome) => node.on_answer(&answered, outcome, ctx),
            Held::Timeout(abandoned) => node.on_timeout(&abandoned, ctx),
            Held::Control(command) => node.on_control(command, ctx),
            Held::Alarm(tag) => node.on_alarm(tag, ctx),
        }
    }
}

/// Whether a request is still present.
fn is_visit(key: AttemptKey, ctx: &Ctx) -> bool {
    ctx.shared.attempts.get(key).is_some_and(|attempt| attempt.phase == Phase::Visiting)
}
