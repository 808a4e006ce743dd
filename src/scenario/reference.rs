//! The reference of metrics, written from the registry.

use std::fmt::Write;

use crate::deployment::metrics::FAMILIES;
use crate::measure::{About, Metric};

const INTRODUCTION: &str = "\
## Metrics

What can be asked of a run, in `expect`, `--slo`, `--precision` and in tables, where every metric \
has the same name, the same unit and the same definition. N is a number, as in `p99.9`; RESOURCE \
is one of what a component has: `cpu`, `workers`, `connections`, `concurrency`, `bandwidth` or \
`memory`; OUTCOME is a way in which requests end; DURATION is one such as `250ms`.

A metric has a value in each replication. What is asked is the mean of these values with its \
interval or, of percentiles and of shares by count, the figure of all replications together \
(`pooled`); tables have it as well (`mean`), or the `sum` of a count or the `max`, and say which. \
The last column says what else may be asked: a \
part of the run (`during`), a single instance (`app[0]`), the instances at a place \
(`app@us-east`).

";

/// All metrics, family by family.
pub(super) fn metrics() -> String {
    let mut out = INTRODUCTION.to_owned();
    for family in &FAMILIES {
        out.push_str(&format!("### Of {}\n\n", family.about));
        out.push_str("| metric | unit | in tables | meaning | asked of |\n|---|---|---|---|---|\n");
        family.metrics.iter().for_each(|metric| row(&mut out, metric));
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn row(out: &mut String, metric: &Metric) {
    let during = metric.over_time().then_some("`during`");
    let of = |known: bool, word| (known && metric.about == About::Component).then_some(word);
    let (one, some) = (of(metric.of_one(), "`[0]`"), of(metric.of_some(), "`@`"));
    let asked: Vec<&str> = [during, one, some].into_iter().flatten().collect();
    let (name, unit) = (metric.form.written(), metric.unit.word());
    let statistic = metric.statistic.word();
    let (definition, asked) = (metric.definition(), asked.join(" "));
    writeln!(out, "| `{name}` | {unit} | {statistic} | {definition} | {asked} |")
        .expect("a string takes what is written to it");
}
