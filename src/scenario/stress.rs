//! The STRESS-DES checklist of a simulation study (Monks and others, 2019, Journal of Simulation
//! 13, 55-67, table 2), filled in by what a scenario and the manifest of its run say.

use std::fmt::Write;

use crate::deployment::Deployment;

use super::Scenario;
use super::draw::mermaid;

/// What the author of a study alone knows.
const AUTHOR: &str = "*To be said by the author.*";

/// What a manifest says of how a scenario was run.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// The version of the program.
    pub version: String,
    /// The command that repeats it.
    pub command: String,
    /// What was set beside the text.
    pub sets: Vec<String>,
    /// How long the warm-up was, and whether it was found or given.
    pub warmup: String,
    /// How often it was run.
    pub replications: String,
    /// SHA-256 of the scenario and all that it reads.
    pub sha256: String,
}

/// The checklist in Markdown. `text` is the scenario's.
pub fn stress(scenario: &Scenario, text: &str, experiment: &Experiment) -> String {
    let mut out = format!("# STRESS-DES: {}\n", scenario.name);
    objectives(&mut out, scenario);
    logic(&mut out, scenario, experiment);
    data(&mut out, scenario, text);
    experimentation(&mut out, scenario, experiment);
    implementation(&mut out, experiment);
    out
}

/// Adds an item of the checklist.
fn item(out: &mut String, number: &str, title: &str, said: &str) {
    let _ = write!(out, "\n**{number} {title}.** {}\n", said.trim_end());
}

/// Lines of a list, or what to say if there is none.
fn list(lines: impl Iterator<Item = String>, none: &str) -> String {
    let all: String = lines.map(|line| format!("\n- {line}")).collect();
    if all.is_empty() { none.to_owned() } else { format!("\n{all}") }
}

fn objectives(out: &mut String, scenario: &Scenario) {
    *out += "\n## 1. Objectives\n";
    let purpose = scenario.teaches.as_deref().unwrap_or(AUTHOR);
    item(out, "1.1", "Purpose of the model", purpose);
    let outputs = "Latency and outcome of each request type; use, queue and wait of each component; \
                   all defined under Metrics in docs/scenario-language.md. Held against:";
    let held = scenario.expectations.iter().map(|expected| format!("`{}`", expected.text));
    item(out, "1.2", "Model outputs", &format!("{outputs}{}", list(held, " nothing.")));
    let axes = scenario.axes.iter().map(|axis| {
        let labels: Vec<&str> = axis.points.iter().map(|point| point.label.as_str()).collect();
        format!("`{}`: {}", axis.name, labels.join(", "))
    });
    let aims =
        format!("The scenario as it stands. What its sweep varies:{}", list(axes, " nothing."));
    item(out, "1.3", "Experimentation aims", &aims);
}

fn logic(out: &mut String, scenario: &Scenario, experiment: &Experiment) {
    let deployment = &scenario.deployment;
    *out += "\n## 2. Logic\n";
    let drawing = format!("\n\n```mermaid\n{}```", mermaid(deployment));
    item(out, "2.1", "Base model overview diagram", &drawing);
    let logic = "Each request is asked over a link, waits at the component for a worker and a core, \
                 does its endpoint's steps, which may ask other components, and is answered: \
                 docs/architecture.md. The steps are in the scenario (3.3).";
    item(out, "2.2", "Base model logic", logic);
    let sets = experiment.sets.iter().map(|set| format!("`{set}`"));
    let logic = format!("Set beside the text of 3.3:{}", list(sets, " nothing."));
    item(out, "2.3", "Scenario logic", &logic);
    let algorithms = "Policies of balancers, queues and caches are named in the scenario; each is \
                      defined in docs/scenario-language.md.";
    item(out, "2.4", "Algorithms", algorithms);
    components(out, deployment);
}

fn components(out: &mut String, deployment: &Deployment) {
    let types =
        deployment.clients.names().zip(deployment.request_types()).map(|(client, types)| {
            let names: Vec<String> =
                types.into_iter().map(|(name, ..)| format!("`{name}`")).collect();
            format!("requests of {client}: {}", names.join(", "))
        });
    item(out, "2.5.1", "Entities", &list(types, "None."));
    let steps = "The steps of the endpoints that the scenario lists.";
    item(out, "2.5.2", "Activities", steps);
    let boxes = deployment.topology.iter().map(|(name, spec)| {
        format!("{}: {}", name.value, spec.kind().drawing().0.replace('\n', ", "))
    });
    item(out, "2.5.3", "Resources", &list(boxes, "None."));
    let queues = "One before the workers, connections or cores of each instance of a component, \
                  first come, first served where the scenario says nothing else.";
    item(out, "2.5.4", "Queues", queues);
    let ways = deployment.clients.iter();
    let ways = ways.map(|(name, client)| format!("{} asks {}", name.value, client.target.value));
    item(out, "2.5.5", "Entry and exit points", &list(ways, "None."));
}

fn data(out: &mut String, scenario: &Scenario, text: &str) {
    let deployment = &scenario.deployment;
    *out += "\n## 3. Data\n";
    let traced = || deployment.clients.iter().zip(&deployment.traces);
    let sources = traced().filter_map(|((name, client), _)| {
        let trace = client.trace.as_ref()?;
        Some(format!("arrivals of {}: `{}`", name.value, trace.file.value))
    });
    let own = format!(" The figures of the scenario: {AUTHOR}");
    item(out, "3.1", "Data sources", &(list(sources, "No recorded data.") + "\n\n" + own.trim()));
    let read = traced().filter_map(|((name, _), trace)| {
        Some(format!("{}: {}", name.value, trace.as_ref()?.report.to_string().replace('\n', " ")))
    });
    item(out, "3.2", "Pre-processing", &list(read, "None."));
    // A fence longer than any in the text.
    let fence = "`".repeat(text.lines().map(ticks).max().unwrap_or(0).max(2) + 1);
    let parameters = format!("\n\n{fence}yaml\n{}\n{fence}", text.trim_end());
    item(out, "3.3", "Input parameters", &parameters);
    item(out, "3.4", "Assumptions", "What is modelled and what is not: docs/fidelity.md.");
}

/// How many backticks a line begins with.
fn ticks(line: &str) -> usize {
    line.trim_start().chars().take_while(|c| *c == '`').count()
}

fn experimentation(out: &mut String, scenario: &Scenario, experiment: &Experiment) {
    *out += "\n## 4. Experimentation\n";
    let start = format!("Each replication starts empty. Warm-up: {}.", experiment.warmup);
    item(out, "4.1", "Initialisation", &start);
    let length = format!("{} of simulated time, warm-up included.", scenario.duration);
    item(out, "4.2", "Run length", &length);
    let approach = format!(
        "{}, independent: seed {}. Intervals are of 95%, as docs/validation.md has it.",
        experiment.replications, scenario.seed
    );
    item(out, "4.3", "Estimation approach", &approach);
}

fn implementation(out: &mut String, experiment: &Experiment) {
    *out += "\n## 5. Implementation\n";
    let program = format!("deploysim {}, in Rust.", experiment.version);
    item(out, "5.1", "Software or programming language", &program);
    let random = "SplitMix64, a stream for each purpose, keyed by its name; samples by inversion \
                  but for the gamma distribution and Zipf's law, which are by rejection.";
    item(out, "5.2", "Random sampling", random);
    let execution = "Next-event; events at the same time in the order in which they were \
                     scheduled. Replications run in parallel; none is parallel in itself.";
    item(out, "5.3", "Model execution", execution);
    let system = "Figures are the same bits on every platform and with any number of threads.";
    item(out, "5.4", "System specification", system);
    *out += "\n## 6. Code access\n";
    let Experiment { command, sha256, .. } = experiment;
    let access = format!(
        "`{command}` repeats it. SHA-256 of the scenario and all that it reads: `{sha256}`. Licence \
         of the program: MIT or Apache-2.0."
    );
    item(out, "6.1", "Computer model sharing statement", &access);
}
