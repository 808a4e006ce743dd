//! Caches, and the steps that use them.

use crate::caching::{CACHE_OPERATIONS, CacheSpec, Shelf, WritePolicy};
use crate::document::Name;
use crate::engine::Stream;
use crate::objects::{CatalogSpec, Spread};
use crate::step::{CacheStep, LOCAL};
use crate::units::Span;
use crate::work::{Call, Station, Step};

use super::steps::here;
use super::{Builder, ComponentSpec, Deployment, SESSION_OPERATIONS, path, salt};

impl Builder<'_, '_> {
    /// One node of a cache by itself.
    pub(super) fn cache(&mut self, name: &str, spec: &CacheSpec, instance: u64) -> Station {
        let mut steps = Vec::new();
        let mut starts = Vec::new();
        for (operation, step) in CACHE_OPERATIONS.into_iter().zip(OWN) {
            starts.push((operation, open(name, spec, operation, &mut steps)));
            steps.extend([step, Step::Done]);
        }
        if self.keeps_sessions(name) {
            let own = [Step::RecallSession, Step::KeepSession];
            for (operation, step) in SESSION_OPERATIONS.into_iter().zip(own) {
                starts.push((operation, open(name, spec, operation, &mut steps)));
                steps.extend([step, Step::Done]);
            }
        }
        if let Some(database) = &spec.in_front_of {
            starts.push(("read", open(name, spec, "read", &mut steps)));
            self.read_through(name, database, &mut steps);
            starts.push(("write", open(name, spec, "write", &mut steps)));
            match spec.writes() {
                WritePolicy::Through => self.write_through(name, database, Step::Renew, &mut steps),
                WritePolicy::Around => self.write_through(name, database, Step::Remove, &mut steps),
                WritePolicy::Behind(_) => self.write_behind(name, database, &mut steps),
            }
        }
        let setting = self.setting(name, instance, &spec.queue());
        let shelf = self.shelf(name, spec, instance);
        self.station(spec.equipment(), steps, &starts, setting).with_entries(shelf)
    }

    /// A look, and what a cache asks its database for if it does not have the object.
    fn read_through(&mut self, name: &str, database: &Name, steps: &mut Vec<Step>) {
        let path = path(&[name, "read"]);
        steps.push(Step::LookUp);
        let recall = here(steps);
        steps.push(Step::Join);
        let read = self.database_call(name, database, "read", path.named("miss").salt());
        steps.extend([read.clone(), Step::Fill, Step::Done]);
        let refresh = here(steps);
        self.task(path.named("refresh").salt(), steps, |_, steps| steps.extend([read, Step::Fill]));
        steps[recall as usize] = Step::Recall { hit: here(steps), refresh };
        steps.push(Step::Done);
    }

    /// A write to the database, and what is then done about the entry.
    fn write_through(&mut self, name: &str, database: &Name, then: Step, steps: &mut Vec<Step>) {
        let salt = salt(&[name, "write", "through"]);
        let write = self.database_call(name, database, "write", salt);
        steps.extend([write, then, Step::Done]);
    }

    /// A write that is answered at once, and the task that writes it to the database later.
    fn write_behind(&mut self, name: &str, database: &Name, steps: &mut Vec<Step>) {
        let path = path(&[name, "write", "behind"]);
        let accept = here(steps);
        steps.push(Step::Join);
        let salt = path.named("database").salt();
        let write = match self.database_call(name, database, "write", salt) {
            Step::Call(call) => Step::Call(Call { lenient: true, ..call }),
            step => step,
        };
        self.task(path.salt(), steps, |_, steps| {
            let again = here(steps);
            let on = again + 3;
            // Without a write that is left, the task is over.
            steps.extend([Step::Rest, Step::Recall { hit: on, refresh: on }, Step::Join]);
            steps.extend([write, Step::Written { again }]);
        });
        let merged = here(steps);
        steps.push(Step::Done);
        steps[accept as usize] = Step::Accept { merged, full: here(steps) };
        self.write_through(name, database, Step::Renew, steps);
    }

    /// What a cache of this name remembers.
    pub(super) fn shelf(&self, name: &str, spec: &CacheSpec, instance: u64) -> Shelf {
        let stream = self.world.stream().named("caches").named(name).at(instance);
        Shelf::new(spec, stream, salt(&[name, "ttl"]))
    }

    /// The number of a cache of several nodes.
    pub(super) fn spread(&self, name: &str) -> Option<u32> {
        let component = self.deployment.topology.index(name).expect("names are checked");
        let (_, spec) = &self.deployment.topology.0[component];
        let nodes = matches!(spec, ComponentSpec::Cache(_)) && spec.instances() > 1;
        nodes.then(|| u32::try_from(component).expect("components are checked to be few"))
    }

    /// A look into a cache, what is done if it does not have the object, and filling it.
    pub(super) fn look(
        &mut self,
        from: &str,
        step: &CacheStep,
        path: Stream,
        steps: &mut Vec<Step>,
    ) {
        let asked = self.ask_cache(from, step, LOOKUP, path);
        steps.push(asked);
        let recall = here(steps);
        steps.push(Step::Join);
        self.compile(from, &step.miss, path.named("miss"), steps);
        if step.await_fill || step.r#in.value == LOCAL {
            let fill = self.ask_cache(from, step, FILL, path);
            steps.push(fill);
        } else {
            self.task(path.named("fill").salt(), steps, |builder, steps| {
                let fill = builder.ask_cache(from, step, FILL, path);
                steps.push(fill);
            });
        }
        let mut refresh = here(steps);
        if self.revalidates(from, &step.r#in) {
            let jump = here(steps);
            steps.push(Step::Join);
            refresh = here(steps);
            self.task(path.named("refresh").salt(), steps, |builder, steps| {
                builder.compile(from, &step.miss, path.named("again"), steps);
                let fill = builder.ask_cache(from, step, FILL, path);
                steps.push(fill);
            });
            steps[jump as usize] = Step::Jump(here(steps));
        }
        steps[recall as usize] = Step::Recall { hit: here(steps), refresh };
    }

    pub(super) fn invalidate(&mut self, from: &str, cache: &Name, path: Stream) -> Step {
        let step =
            CacheStep { r#in: cache.clone(), miss: Vec::new(), await_fill: false, timeout: None };
        self.ask_cache(from, &step, REMOVE, path)
    }

    /// Steps that are done on their own while the request goes on.
    fn task(
        &mut self,
        salt: u64,
        steps: &mut Vec<Step>,
        compile: impl FnOnce(&mut Self, &mut Vec<Step>),
    ) {
        let at = here(steps);
        steps.push(Step::Join);
        compile(self, steps);
        steps.push(Step::Join);
        steps[at as usize] = Step::Spawn { after: here(steps), salt };
    }

    /// A question to a cache, or what is done about the server's own.
    fn ask_cache(&mut self, from: &str, step: &CacheStep, operation: usize, path: Stream) -> Step {
        let CacheStep { r#in: to, timeout, .. } = step;
        if to.value == LOCAL {
            return OWN[operation].clone();
        }
        let word = CACHE_OPERATIONS[operation];
        let sizes = self.sizes_of(word);
        let timeout: Option<Span> = timeout.as_ref().map(|timeout| timeout.value);
        let salt = path.named(word).salt();
        Step::Call(Call {
            lenient: true,
            ..self.call_step(from, to, Some(self.operation(word)), sizes, timeout, salt)
        })
    }

    /// Whether a cache gives what is old while it is fetched anew.
    fn revalidates(&self, from: &str, cache: &Name) -> bool {
        let topology = &self.deployment.topology;
        let owner = if cache.value == LOCAL { from } else { &cache.value };
        let spec = topology.get(owner).and_then(ComponentSpec::cache);
        let says = |spec: &CatalogSpec| spec.cache_control.is_some_and(|says| says.revalidates());
        spec.is_some_and(|spec| {
            let by_header = spec.goes_by_the_header();
            spec.stale_while_revalidate > Span::ZERO
                || (by_header && self.deployment.catalog.iter().any(|(_, spec)| says(spec)))
        })
    }
}

/// By component: where the objects are that caches of several nodes have.
pub(super) fn spreads(deployment: &Deployment, stream: Stream) -> Vec<Option<Spread>> {
    let components = deployment.topology.iter();
    let spread = |(name, spec): (&Name, &ComponentSpec)| match spec {
        ComponentSpec::Cache(cache) if spec.instances() > 1 => {
            Some(Spread::new(&cache.nodes, stream.named("spread").named(&name.value)))
        }
        _ => None,
    };
    components.map(spread).collect()
}

/// What every operation of a cache begins with: where.
fn open(name: &str, spec: &CacheSpec, operation: &str, steps: &mut Vec<Step>) -> u32 {
    let at = here(steps);
    if let Some(cost) = spec.cost.clone() {
        steps.push(Step::Cpu { cost, salt: salt(&[name, operation, "cost"]) });
    }
    let delay = spec.latency();
    steps.push(Step::Io { delay, salt: salt(&[name, operation, "latency"]) });
    at
}

/// Places in [`CACHE_OPERATIONS`], and in what a cache does for each.
const LOOKUP: usize = 0;
const FILL: usize = 1;
const REMOVE: usize = 2;
const OWN: [Step; 3] = [Step::LookUp, Step::Fill, Step::Remove];
