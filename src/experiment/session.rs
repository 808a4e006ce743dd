//! From the records of sessions to their results.

use std::ops::Range;

use crate::measure::Recorder;
use crate::session::SessionMeter;

use super::results::SessionResult;
use super::summary::{estimate, share};

/// What became of the sessions of the server that these instances are, if it has any.
pub(super) fn sessions(nodes: &Range<usize>, runs: &[Recorder]) -> Option<SessionResult> {
    let place = place(&runs[0], nodes)?;
    let meter = |run: &Recorder| run.sessions()[place].clone();
    let total = |count: fn(&SessionMeter) -> u64| runs.iter().map(|run| count(&meter(run))).sum();
    Some(SessionResult {
        found: total(|all| all.found),
        logins: total(|all| all.logins),
        expired: total(|all| all.expired),
        relogins: total(|all| all.again),
        relogins_mean: estimate(runs, |run| meter(run).again as f64),
        lost: total(|all| all.lost),
        lost_mean: estimate(runs, |run| meter(run).lost as f64),
        login_share: estimate(runs, |run| {
            share(meter(run).logins as f64, meter(run).needed() as f64)
        }),
        calls: total(|all| all.calls),
        cookie_bytes: total(|all| all.cookie_bytes),
        cookies_refused: total(|all| all.refused),
        forged_served: total(|all| all.forged[0]),
        forged_rejected: total(|all| all.forged[1]),
        stolen_served: total(|all| all.stolen[0]),
        stolen_rejected: total(|all| all.stolen[1]),
    })
}

/// Where the figures of the sessions of these instances are.
fn place(run: &Recorder, nodes: &Range<usize>) -> Option<usize> {
    run.sessions().iter().position(|sessions| nodes.contains(&(sessions.node as usize)))
}

/// What was counted in these windows of a run: requests that needed a session, those that logged
/// their user in, those of them that had to do so again, and sessions lost.
pub(super) fn counts(run: &Recorder, nodes: &Range<usize>, windows: Range<usize>) -> [f64; 4] {
    let Some(place) = place(run, nodes) else { return [0.0; 4] };
    let windows = &run.windows().sessions[windows];
    [0, 1, 2, 3].map(|part| windows.iter().map(|all| all[place][part]).sum::<u64>() as f64)
}
