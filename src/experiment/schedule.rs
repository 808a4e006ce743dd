//! Runs of many cells at once: cells and replications share all threads.
//!
//! A thread that is free takes the next run of the oldest cell that has one left, and begins a new
//! cell only if none has. So there are never more cells at work than threads, whatever the size of
//! the sweep, and no thread waits for the slowest replication of a cell.
//!
//! *Invariant:* a cell's results are those of [`replicate`](super::replicate): the order in which
//! threads come by shows nowhere.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::measure::{Horizon, Recorder};
use crate::parallel::on_each_thread;
use crate::scenario::{Scenario, Sweep, Warmup};

use super::cells::Cell;
use super::replicate::{Omitted, Plan, horizon, run_one};
use super::summary::summarise;
use super::warmup::{pilot_horizon, pilots, truncate};

/// Takes the finished cells, in the order in which they are finished.
pub type Sink<'a> = dyn FnMut(&Cell) -> io::Result<()> + Send + 'a;

/// Runs these cells and hands each to `sink`. What was finished before `plan.stop` was set, or
/// before `sink` failed, has been handed on.
pub fn run_cells(
    sweep: &Sweep,
    cells: &[usize],
    plan: &Plan,
    sink: &mut Sink<'_>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let runs = cells.iter().map(|&cell| {
        let work = sweep.work[&cell];
        let before = if work.warmup == Warmup::Auto { pilots(work.replications) } else { 0 };
        work.replications + before
    });
    plan.progress.expect(usize::try_from(runs.sum::<u64>()).unwrap_or(usize::MAX));
    let state = State {
        waiting: cells.iter().rev().copied().collect(),
        open: Vec::new(),
        opening: 0,
        failure: None,
        closed: false,
    };
    let queue = Queue {
        sweep,
        plan,
        state: Mutex::new(state),
        wake: Condvar::new(),
        sink: Mutex::new(sink),
    };
    on_each_thread(|| queue.work());
    let state = queue.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failure.map_or(Ok(()), Err)
}

struct Queue<'a> {
    sweep: &'a Sweep,
    plan: &'a Plan<'a>,
    state: Mutex<State>,
    /// Told when there may be something to do, or nothing any more.
    wake: Condvar,
    sink: Mutex<&'a mut Sink<'a>>,
}

struct State {
    /// Cells that are not begun, the next one last.
    waiting: Vec<usize>,
    /// Cells at work, the oldest first.
    open: Vec<Open>,
    /// Cells that are being made.
    opening: usize,
    failure: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Nothing more is to be begun.
    closed: bool,
}

/// A cell at work.
struct Open {
    cell: usize,
    scenario: Arc<Scenario>,
    stage: Stage,
    horizon: Horizon,
    /// The next replication to be run, how many there are, and how many are not finished.
    next: u64,
    count: u64,
    left: u64,
}

/// What the runs of a cell are for.
enum Stage {
    /// For each pilot run, the number in flight over time.
    Pilots(Vec<Option<Vec<f64>>>),
    /// The replications.
    Runs(Omitted, Vec<Option<Recorder>>),
}

/// What a thread does next.
enum Task {
    Begin(usize),
    Run(usize, Arc<Scenario>, Horizon, u64),
    Wait,
    End,
}

impl Open {
    fn new(cell: usize, scenario: Scenario) -> Open {
        let (replications, horizon) = (scenario.replications, pilot_horizon(&scenario));
        let pilots = pilots(replications);
        let mut open = Open {
            cell,
            stage: Stage::Pilots(vec![None; pilots as usize]),
            horizon,
            next: 0,
            count: pilots,
            left: pilots,
            scenario: Arc::new(scenario),
        };
        if let Warmup::Given(warmup) = open.scenario.warmup {
            open.measure(Omitted { warmup, found: false, settled: true });
        }
        open
    }

    /// Goes on to the replications.
    fn measure(&mut self, omitted: Omitted) {
        let count = self.scenario.replications;
        self.horizon = horizon(&self.scenario, omitted.warmup);
        self.stage = Stage::Runs(omitted, (0..count).map(|_| None).collect());
        (self.next, self.count, self.left) = (0, count, count);
    }

    fn store(&mut self, replication: u64, run: Recorder) {
        let index = replication as usize;
        match &mut self.stage {
            Stage::Pilots(pilots) => pilots[index] = Some(run.windows().in_flight.clone()),
            Stage::Runs(_, runs) => runs[index] = Some(run),
        }
        self.left -= 1;
    }
}

impl Queue<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until there is nothing left to do.
    fn work(&self) {
        #[cfg(feature = "parallel")]
        let _guard = Closing(self);
        loop {
            match self.task() {
                Task::Begin(cell) => self.begin(cell),
                Task::Run(cell, scenario, horizon, replication) => {
                    match run_one(&scenario, &horizon, replication, self.plan) {
                        Some(run) => self.finish(cell, replication, run),
                        None => self.close(),
                    }
                }
                Task::Wait => {}
                Task::End => return,
            }
        }
    }

    fn task(&self) -> Task {
        let mut state = self.lock();
        if state.closed || self.plan.stop.load(Ordering::Relaxed) {
            drop(state);
            self.close();
            return Task::End;
        }
        if let Some(open) = state.open.iter_mut().find(|open| open.next < open.count) {
            open.next += 1;
            return Task::Run(
                open.cell,
                Arc::clone(&open.scenario),
                open.horizon.clone(),
                open.next - 1,
            );
        }
        if let Some(cell) = state.waiting.pop() {
            state.opening += 1;
            return Task::Begin(cell);
        }
        if state.open.is_empty() && state.opening == 0 {
            return Task::End;
        }
        // What another thread is at may leave something to do.
        drop(self.wake.wait(state).unwrap_or_else(PoisonError::into_inner));
        Task::Wait
    }

    fn begin(&self, cell: usize) {
        let made = self.sweep.cell(cell);
        let mut state = self.lock();
        state.opening -= 1;
        match made {
            Ok(scenario) => state.open.push(Open::new(cell, scenario)),
            Err(faults) => {
                state.failure.get_or_insert(faults.into());
                state.closed = true;
            }
        }
        self.wake.notify_all();
    }

    fn finish(&self, cell: usize, replication: u64, run: Recorder) {
        let mut state = self.lock();
        let index = state.open.iter().position(|open| open.cell == cell);
        let index = index.expect("a cell is open until its last run is finished");
        let open = &mut state.open[index];
        open.store(replication, run);
        if open.left > 0 {
            return;
        }
        if let Stage::Pilots(pilots) = &open.stage {
            let runs: Vec<Vec<f64>> = pilots.iter().flatten().cloned().collect();
            open.measure(truncate(&open.scenario, &runs));
            self.wake.notify_all();
            return;
        }
        let open = state.open.remove(index);
        self.wake.notify_all();
        drop(state);
        self.hand_on(open);
    }

    fn hand_on(&self, open: Open) {
        let Stage::Runs(omitted, runs) = open.stage else { return };
        let runs: Vec<Recorder> = runs.into_iter().flatten().collect();
        let cell = Cell::of(open.cell, &summarise(&open.scenario, omitted, &runs));
        drop(runs);
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = sink(&cell) {
            self.lock().failure.get_or_insert(error.into());
            self.close();
        }
    }

    fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
    }
}

/// Lets nobody wait for a thread that is gone, whatever ended it.
#[cfg(feature = "parallel")]
struct Closing<'a, 'b>(&'a Queue<'b>);

#[cfg(feature = "parallel")]
impl Drop for Closing<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}
