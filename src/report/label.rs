//! What a thing is called in a table or a chart.

use crate::experiment::results::{
    Attained, Bottleneck, Deadlock, Decision, Over, RequestResult, ResourceResult, Results,
    Standing, Verdict,
};
use crate::text::wrapped;
use crate::units::{Span, three_digits};

use super::grid::{Paint, paint};
use super::number;

/// A busiest instance this much above the mean is worth a word.
const NOTICEABLE: f64 = 0.02;

/// A name for each request type: the request alone where no two clients send the same.
pub(super) fn requests(results: &Results) -> Vec<String> {
    let all = &results.requests;
    let shared = |name: &str| all.iter().filter(|other| other.request == name).count() > 1;
    let one = |r: &RequestResult| {
        if shared(&r.request) { format!("{}: {}", r.client, r.request) } else { r.request.clone() }
    };
    all.iter().map(one).collect()
}

/// At most `width` characters of `text`; what is left out shows as `…`.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short + "…"
}

/// How the figures were got: `10 replications of 9min after 1min of warm-up · seed 7`.
pub(super) fn method(results: &Results) -> String {
    let Results { replications, planned, duration, warmup, .. } = results;
    let runs = match (replications, planned) {
        (1, 1) => "1 replication".to_owned(),
        (done, planned) if done < planned => format!("{done} of {planned} replications"),
        (done, _) => format!("{done} replications"),
    };
    let measured = Span::from_nanos(duration.nanos().saturating_sub(warmup.nanos()));
    let found = if results.warmup_found { " (found)" } else { "" };
    let after = match *warmup {
        Span::ZERO => String::new(),
        warmup => format!(" after {warmup} of warm-up{found}"),
    };
    format!("{runs} of {measured}{after} · seed {}", results.seed)
}

/// What limits the load, in a few words: `main runs out of connections first`.
fn bottleneck(found: &Bottleneck) -> String {
    let Bottleneck { component, resource, .. } = found;
    match &found.standing {
        Standing::Full { .. } => format!("{component} has run out of {resource}"),
        Standing::First { alike, .. } if alike.is_empty() => {
            format!("{component} runs out of {resource} first")
        }
        Standing::First { alike, .. } => {
            let others = match &alike[..] {
                [one] => format!("{} {}", one.component, one.resource),
                some => format!("{} others", some.len()),
            };
            format!("{component} {resource} and {others}, used alike, run out first")
        }
        Standing::MostUsed(_) => format!("{component} {resource} is used most"),
    }
}

/// The same with how far it is: `…: 87.1% ±0.5 in use, full at 1.15 ±0.01 times this load`.
pub(super) fn bottleneck_at_length(found: &Bottleneck) -> String {
    let when = bottleneck_over(found).map_or(String::new(), |when| format!(" {when}"));
    bottleneck_told(found, &when)
}

/// The same as a headline, which leaves out when.
pub(super) fn bottleneck_headline(found: &Bottleneck) -> String {
    bottleneck_told(found, "")
}

/// When so much was in use, if that is not the whole time: `before the first fault (6s)`.
pub(super) fn bottleneck_over(found: &Bottleneck) -> Option<String> {
    match found.over {
        Over::Run => None,
        Over::Peak(at, _) => Some(format!("at the peak ({})", moment(at))),
        Over::Before(at) => Some(format!("before the first fault ({})", moment(at))),
    }
}

fn bottleneck_told(found: &Bottleneck, when: &str) -> String {
    let used = number::percent(&found.utilisation).text();
    let load = match &found.standing {
        Standing::First { headroom: Some(headroom), .. } => {
            format!(", full at {} times this load", number::plain(headroom).text())
        }
        _ => String::new(),
    };
    format!("{}: {used} in use{when}{load}", bottleneck(found))
}

/// What else is to be said of it in a sentence of its own, if anything.
pub(super) fn bottleneck_note(found: &Bottleneck) -> Option<String> {
    match &found.standing {
        Standing::Full { waiting } if !waiting.is_empty() => {
            let list: Vec<String> =
                waiting.iter().map(|of| format!("{} {}", of.component, of.resource)).collect();
            Some(format!("Full with those who wait for it: {}.", list.join(", ")))
        }
        Standing::MostUsed(reason) => {
            Some(format!("What is full first as the load grows is not known: {reason}."))
        }
        _ => None,
    }
}

/// Requests that wait for one another: `app is in a deadlock from 42s on`.
pub(super) fn deadlock(found: &Deadlock) -> String {
    format!("{} is in a deadlock from {} on", found.component, moment(found.since))
}

/// The utilisation of the busiest instance, if it says something that the mean does not.
pub(super) fn busiest(resource: &ResourceResult) -> String {
    let above = resource.busiest.mean - resource.utilisation.mean;
    let noise = resource.busiest.half_width.unwrap_or(0.0);
    let noticeable = above > noise.max(NOTICEABLE);
    if noticeable { number::percent(&resource.busiest).value } else { String::new() }
}

/// How precise the figure became that was to be precise.
pub(super) fn attained(found: &Attained, results: &Results) -> String {
    let replications = results.replications;
    let percent = |share: f64| format!("{}%", three_digits(share * 100.0));
    let Attained { figure, asked, relative, reached } = found;
    let is = if relative.is_finite() {
        format!("{figure} is known to ±{}", percent(*relative))
    } else {
        format!("nothing is known of {figure}")
    };
    let asked = percent(*asked);
    if *reached {
        format!("{is} after {replications} replications, as asked for ({asked})")
    } else {
        let why =
            if results.is_interrupted() { "it was interrupted" } else { "no more were allowed" };
        format!("{is} after {replications} replications, not to {asked}: {why}")
    }
}

/// What a verdict lacks, after what was found: `: needs ~30 more replications`.
pub(super) fn missing(verdict: &Verdict) -> String {
    match (verdict.holds, verdict.more) {
        (Decision::Holds | Decision::Fails, _) => String::new(),
        (Decision::Undecided, Some(more)) => {
            let s = if more == 1 { "" } else { "s" };
            format!(": needs ~{} more replication{s}", number::count(more as u64))
        }
        (Decision::Undecided, None) => ": undecided".to_owned(),
    }
}

/// A point of simulated time (s) in words: `4min 50s`.
pub(super) fn moment(seconds: f64) -> String {
    let whole = libm::round(seconds.max(0.0)) as u64;
    let (great, name, small, rest) = match whole {
        0..120 => return format!("{}s", three_digits(seconds)),
        120..7200 => (whole / 60, "min", whole % 60, "s"),
        7200..172_800 => (whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => (whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    };
    if small == 0 { format!("{great}{name}") } else { format!("{great}{name} {small}{rest}") }
}

/// What a reader must know before trusting the figures, a line each, after an empty one.
pub(super) fn warnings(results: &Results, colour: bool, width: usize) -> String {
    let word = paint("warning:", Paint::Yellow, colour);
    let line = |text: &String| {
        let text = wrapped(&format!("warning: {text}"), width, 2);
        format!("{}\n", text.replacen("warning:", &word, 1))
    };
    let lines: String = results.warnings.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_ends_in_an_ellipsis() {
        assert_eq!(shorten("GET /product", 12), "GET /product");
        assert_eq!(shorten("GET /product", 5), "GET…");
        assert_eq!(shorten("müßig", 4), "müß…");
        assert_eq!(shorten("ab", 0), "…");
    }

    #[test]
    fn a_moment_is_told_to_the_digits_that_matter() {
        for (seconds, expect) in
            [(4.25, "4.25s"), (290.0, "4min 50s"), (600.2, "10min"), (86_460.0, "24h 1min")]
        {
            assert_eq!(moment(seconds), expect);
        }
    }
}
