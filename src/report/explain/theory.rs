//! What theory says, before anything is simulated.

use crate::experiment::explain::{
    AnalyticModel, Bounds, Broken, ComponentTheory, Drain, ResourceTheory, Truth,
};
use crate::report::grid::{Grid, Paint, paint};
use crate::report::number::{NOTHING, Reading, percent, plain, seconds};
use crate::stats::Estimate;
use crate::text::wrapped;
use crate::units::three_digits;

/// A figure of theory as a person reads it.
pub(super) fn known(value: f64, how: fn(&Estimate) -> Reading) -> String {
    if value == f64::INFINITY {
        return "∞".to_owned();
    }
    how(&Estimate::point(value)).value
}

/// A time of theory (s); below the nanoseconds of a clock it is none.
pub(super) fn time(value: f64) -> String {
    known(if value < 0.5e-9 { 0.0 } else { value }, seconds)
}

/// The block that says what theory expects of a scenario called `name`.
pub fn theory(name: &str, analytic_model: &AnalyticModel, colour: bool, width: usize) -> String {
    let mut out = format!("{}\n", paint(name, Paint::Bold, colour));
    let title = "What theory says, before anything is simulated";
    out += &format!("{}\n", paint(title, Paint::Bold, colour));
    let sentence = |text: &str| wrapped(&format!("  {text}"), width, 4) + "\n";
    for line in &analytic_model.load {
        out += &sentence(line);
    }
    out += "\n";
    if !analytic_model.resources.is_empty() {
        out += &resources(analytic_model, colour, width);
        out += "\n";
    }
    out += &components(analytic_model, colour, width);
    out += &format!("\n{}", sentence(&whole(analytic_model)));
    if let Some(bounds) = &analytic_model.bounds {
        out += &sentence(&at_best(bounds));
    }
    for drain in &analytic_model.drains {
        out += &sentence(&drained(drain));
    }
    out += &assumptions(analytic_model, colour, width);
    out
}

fn resources(analytic_model: &AnalyticModel, colour: bool, width: usize) -> String {
    let each = |text: &dyn Fn(usize, &ResourceTheory) -> String| -> Vec<String> {
        analytic_model.resources.iter().enumerate().map(|(i, resource)| text(i, resource)).collect()
    };
    let look = |list: Vec<String>, paint: Paint| -> Vec<(String, Paint)> {
        list.into_iter().map(|text| (text, paint)).collect()
    };
    let first = |i: usize| if analytic_model.bottleneck == Some(i) { "← full first" } else { "" };
    let mut grid = Grid::default();
    grid.text("what can run out", look(each(&|_, r| r.component.clone()), Paint::Plain));
    grid.left("", look(each(&|_, r| r.resource.to_owned()), Paint::Plain));
    grid.right("there are", each(&|_, r| three_digits(r.capacity)));
    grid.right("a request takes", each(&|_, r| time(r.held)));
    grid.right("in use", each(&|_, r| known(r.utilisation, percent)));
    grid.right(
        "full at",
        each(&|_, r| {
            if r.full_at.is_nan() { NOTHING.to_owned() } else { three_digits(r.full_at) + "/s" }
        }),
    );
    grid.left("", look(each(&|i, _| first(i).to_owned()), Paint::Bold));
    grid.render(width, colour)
}

fn components(analytic_model: &AnalyticModel, colour: bool, width: usize) -> String {
    let plainly = |list: Vec<String>| list.into_iter().map(|text| (text, Paint::Plain)).collect();
    let each = |text: &dyn Fn(&ComponentTheory) -> String| {
        analytic_model.components.iter().map(text).collect::<Vec<String>>()
    };
    let mut grid = Grid::default();
    grid.text("component", plainly(each(&|c| c.name.clone())));
    grid.left("model", plainly(each(&|c| c.model.clone())));
    grid.right("visits a request", each(&|c| three_digits(c.visits)));
    grid.right("wait", each(&|c| time(c.wait)));
    grid.right("time in it", each(&|c| time(c.own)));
    if analytic_model.components.iter().any(|c| c.hit_ratio.is_some()) {
        let ratio =
            |c: &ComponentTheory| c.hit_ratio.map_or(String::new(), |it| known(it, percent));
        grid.right("hit ratio", each(&ratio));
    }
    let rejected = |share: f64| {
        if share > 1e-6 { known(share, percent) } else { String::new() }
    };
    grid.right("not served", each(&|c| rejected(c.rejected)));
    grid.render(width, colour)
}

fn whole(analytic_model: &AnalyticModel) -> String {
    let (rate, latency) =
        (known(analytic_model.throughput, plain), known(analytic_model.latency, seconds));
    let alone = known(analytic_model.alone, seconds);
    format!("So {rate}/s are answered, in {latency} on average; {alone} if nobody waited.")
}

/// A backlog that is told of.
const BACKLOG: f64 = 1000.0;

fn drained(drain: &Drain) -> String {
    let Drain { queue, rate, most } = drain;
    let each = format!("{}/s come, and {}/s", three_digits(*rate), three_digits(*most));
    if most <= rate {
        return format!("{queue}: {each} can be done at most, so that its backlog only grows.");
    }
    let time = time(drain.time(BACKLOG));
    format!("{queue}: {each} can be done at most: a backlog of 1,000 is gone after {time} or more.")
}

fn at_best(bounds: &Bounds) -> String {
    let throughput = three_digits(bounds.throughput);
    let latency = time(bounds.latency);
    // Without anything that can run out nobody waits for others.
    let knee = Some(bounds.knee).filter(|knee| knee.is_finite()).map_or(String::new(), |knee| {
        let knee = three_digits(libm::ceil(knee));
        format!("; {knee} users and more must wait for one another")
    });
    format!("Whatever the distributions: at most {throughput}/s, at least {latency}{knee}.")
}

/// What does not hold, by component.
fn assumptions(analytic_model: &AnalyticModel, colour: bool, width: usize) -> String {
    let components = analytic_model.components.iter();
    let of = components.flat_map(|c| c.broken.iter().map(move |broken| (c.name.as_str(), broken)));
    let whole = analytic_model.broken.iter().map(|broken| ("all requests", broken));
    let line = |(name, broken)| wrapped(&line(name, broken), width, 4) + "\n";
    let lines: String = of.chain(whole).map(line).collect();
    if lines.is_empty() {
        return "  Every assumption of these models holds here.\n".to_owned();
    }
    format!("\n{}\n{lines}", paint("Where its assumptions do not hold", Paint::Bold, colour))
}

/// One assumption, and on which side of theory the truth lies.
fn line(name: &str, broken: &Broken) -> String {
    let truth = match broken.truth {
        Truth::Shorter => "the true time is shorter",
        Truth::Longer => "the true time is longer",
        Truth::Either => "the true time may be shorter or longer",
    };
    format!("  {name}: {}: {truth}", broken.what)
}
