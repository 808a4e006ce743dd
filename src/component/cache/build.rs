//! How the nodes of a cache are built, and the programs by which they answer.

use crate::caching::{CACHE_OPERATIONS, CacheSpec, WritePolicy};
use crate::document::Name;
use crate::session::SESSION_OPERATIONS;
use crate::work::{Call, Compiler, OWN, Program, Site, Station, Step, path, salt};

/// Gives all nodes of the cache `name` to the site.
pub(super) fn build(spec: &CacheSpec, name: &str, site: &mut dyn Site) {
    for node in 0..spec.all_nodes() {
        let program = program(spec, name, site);
        let setting = site.setting(name, node, &spec.queue());
        let cache = site.cache(name, spec, node);
        let station = Station::new(spec.equipment(), program, setting);
        site.push(Box::new(station.with_entries(cache)));
    }
}

fn program(spec: &CacheSpec, name: &str, site: &mut dyn Site) -> Program {
    let keeps_sessions = site.keeps_sessions(name);
    let compiler = Compiler::new(name, site);
    let mut writer = Writer { name, spec, compiler };
    for (operation, step) in CACHE_OPERATIONS.into_iter().zip(OWN) {
        writer.begin(operation);
        writer.compiler.extend([step, Step::Done]);
    }
    if keeps_sessions {
        let own = [Step::RecallSession, Step::KeepSession];
        for (operation, step) in SESSION_OPERATIONS.into_iter().zip(own) {
            writer.begin(operation);
            writer.compiler.extend([step, Step::Done]);
        }
    }
    if let Some(database) = &spec.in_front_of {
        writer.begin("read");
        writer.read_through(database);
        writer.begin("write");
        match spec.writes() {
            WritePolicy::Through => writer.write_through(database, Step::Renew),
            WritePolicy::Around => writer.write_through(database, Step::Remove),
            WritePolicy::Behind(_) => writer.write_behind(database),
        }
    }
    writer.compiler.finish()
}

/// Writes the program of one node.
struct Writer<'a> {
    name: &'a str,
    spec: &'a CacheSpec,
    compiler: Compiler<'a>,
}

impl Writer<'_> {
    /// What every operation begins with.
    fn begin(&mut self, operation: &'static str) {
        self.compiler.begin(operation);
        if let Some(cost) = self.spec.cost.clone() {
            self.compiler.push(Step::Cpu { cost, salt: salt(&[self.name, operation, "cost"]) });
        }
        let delay = self.spec.latency();
        self.compiler.push(Step::Io { delay, salt: salt(&[self.name, operation, "latency"]) });
    }

    /// A look, and what a cache asks its database for if it does not have the object.
    fn read_through(&mut self, database: &Name) {
        let path = path(&[self.name, "read"]);
        let compiler = &mut self.compiler;
        compiler.push(Step::LookUp);
        let recall = compiler.reserve();
        let read = compiler.database_call(database, ("read", None), path.named("miss").salt());
        let read = Step::Call(read);
        compiler.extend([read.clone(), Step::Fill, Step::Done]);
        let refresh = compiler.here();
        compiler.task(path.named("refresh").salt(), |task| task.extend([read, Step::Fill]));
        compiler.set(recall, Step::Recall { hit: compiler.here(), refresh });
        compiler.push(Step::Done);
    }

    /// A write to the database, and what is then done about the entry.
    fn write_through(&mut self, database: &Name, then: Step) {
        let salt = salt(&[self.name, "write", "through"]);
        let write = self.compiler.database_call(database, ("write", None), salt);
        self.compiler.extend([Step::Call(write), then, Step::Done]);
    }

    /// A write that is answered at once, and the task that writes it to the database later.
    fn write_behind(&mut self, database: &Name) {
        let path = path(&[self.name, "write", "behind"]);
        let compiler = &mut self.compiler;
        let accept = compiler.reserve();
        let write =
            compiler.database_call(database, ("write", None), path.named("database").salt());
        let write = Step::Call(Call { lenient: true, ..write });
        compiler.task(path.salt(), |task| {
            let again = task.here();
            let on = again + 3;
            // Without a write that is left, the task is over.
            task.extend([Step::Rest, Step::Recall { hit: on, refresh: on }, Step::Join]);
            task.extend([write, Step::Written { again }]);
        });
        let merged = compiler.here();
        compiler.push(Step::Done);
        compiler.set(accept, Step::Accept { merged, full: compiler.here() });
        self.write_through(database, Step::Renew);
    }
}
