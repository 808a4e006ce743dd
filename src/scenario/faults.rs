//! What typed reading cannot see of faults: who is not there to crash, times that never come, and
//! crashes of what has crashed already.

use crate::document::{At, Problem, Problems, quoted};
use crate::model::{ComponentSpec, Delay, Deployment, FaultSpec, Instances};
use crate::units::Span;

/// What is up, or down, for less on average would do nothing else (s).
const SHORTEST: f64 = 1e-3;

/// Reports impossible faults. `declared` are the names of all components, those that could not be
/// read among them.
pub(super) fn check_faults(
    deployment: &Deployment,
    declared: &[String],
    duration: Span,
    problems: &mut Problems,
) {
    for (index, fault) in deployment.faults.iter().enumerate() {
        let sound = check_who(&fault.crash, deployment, declared, problems)
            && check_when(fault, duration, problems);
        let before = &deployment.faults[..index];
        let found = before.iter().filter(|_| sound).find_map(|other| twice(fault, other));
        found.into_iter().for_each(|problem| problems.push(problem));
    }
}

/// Reports whoever cannot crash.
fn check_who(
    crash: &At<Instances>,
    deployment: &Deployment,
    declared: &[String],
    problems: &mut Problems,
) -> bool {
    let At { value: Instances { component, index }, place } = crash;
    let Some(spec) = deployment.topology.get(component) else {
        let known: Vec<&str> = declared.iter().map(String::as_str).collect();
        if !known.contains(&component.as_str()) {
            problems.unknown(*place, "component", component, &known);
        }
        return false;
    };
    let help = match spec {
        ComponentSpec::Server(_) | ComponentSpec::Database(_) => None,
        ComponentSpec::Cache(_) => Some("when it is down is said by its `restart`"),
        ComponentSpec::External(_) => Some("when it is down is said by its `outages`"),
        ComponentSpec::LoadBalancer(_) => Some("only servers and databases crash"),
    };
    if let Some(help) = help {
        let title = format!("{} is no server and no database", quoted(component));
        let label = format!("this is a {}", spec.kind().replace('_', " "));
        problems.push(Problem::new(*place, title, label).help(help));
        return false;
    }
    let instances = spec.instances();
    if let Some(index) = index.filter(|index| *index >= instances) {
        let title = format!("there is no {}", quoted(&format!("{component}[{index}]")));
        let label = match instances {
            1 => format!("there is one {component}: `{component}[0]`"),
            _ => format!("they are `{component}[0]` to `{component}[{}]`", instances - 1),
        };
        problems.push(Problem::new(*place, title, label));
        return false;
    }
    true
}

/// Reports times that never come or come to nothing.
fn check_when(fault: &FaultSpec, duration: Span, problems: &mut Problems) -> bool {
    let FaultSpec { crash, at, every, r#for: lasts } = fault;
    let short = |time: &At<Delay>| time.value.mean() < SHORTEST;
    let random = |time: &At<Delay>| time.value.0.constant().is_none();
    let problem = match (at, every, lasts) {
        (None, None, _) => {
            let title = format!("when does {} crash?", quoted(&crash.value.to_string()));
            Problem::new(crash.place, title, "expected `at: 4min` or `every: exp(30d)` beside")
        }
        (Some(at), Some(every), _) => {
            let problem = Problem::new(every.place, "this fault has two times", "leave one out");
            problem.also(at.place, "the other")
        }
        (Some(at), None, _) if at.value >= duration => {
            let title = format!("the run is over before {} ({duration})", at.value);
            Problem::new(at.place, title, "expected a time within the run")
        }
        (Some(at), None, Some(lasts)) if random(lasts) => {
            let label = "expected a duration, or `every` in place of `at`";
            Problem::new(lasts.place, "a crash at a known time lasts a known time", label)
                .also(at.place, "the known time")
        }
        (_, Some(every), _) if short(every) => {
            let title = "this crashes more than a thousand times a second";
            Problem::new(every.place, title, "expected a mean of at least 1ms")
        }
        (_, _, Some(lasts)) if short(lasts) => {
            let label = "expected a duration of at least 1ms";
            Problem::new(lasts.place, "this crash is over at once", label)
        }
        _ => return true,
    };
    problems.push(problem);
    false
}

/// What is wrong with a fault beside another before it: that both are of one instance at one time.
fn twice(fault: &FaultSpec, other: &FaultSpec) -> Option<Problem> {
    let (one, two) = (&fault.crash.value, &other.crash.value);
    let apart = one.index.is_some() && two.index.is_some() && one.index != two.index;
    if one.component != two.component || apart {
        return None;
    }
    let title = if fault.every.is_some() || other.every.is_some() {
        format!("{one} crashes by chance and otherwise as well")
    } else if overlap(fault, other)? {
        format!("{one} crashes while it is down")
    } else {
        return None;
    };
    let problem = Problem::new(fault.crash.place, title, "this is the second fault");
    Some(problem.also(other.crash.place, "the first"))
}

fn overlap(fault: &FaultSpec, other: &FaultSpec) -> Option<bool> {
    let from = |fault: &FaultSpec| Some(fault.at.as_ref()?.value.secs());
    let lasts = |fault: &FaultSpec| fault.r#for.as_ref().map(|lasts| lasts.value.mean());
    let to = |fault| Some(from(fault)? + lasts(fault).unwrap_or(f64::INFINITY));
    Some(from(fault)? < to(other)? && from(other)? < to(fault)?)
}
