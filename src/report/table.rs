//! The summary that a person reads in ten seconds.

use crate::experiment::headlines::headlines;
use crate::experiment::results::{
    BrowserResult, CacheResult, ComponentResult, Decision, OutcomeCount, QUANTILES, RequestResult,
    ResourceResult, Results, SessionResult,
};
use crate::measure::{About, Headline, InSweeps, Metric};
use crate::stats::Estimate;
use crate::text::wrapped;

use super::grid::{Grid, Paint, paint};
use super::label;
use super::number::{
    NOTHING, OF_ANSWERED, Reading, count, exceeds, percent, plain, seconds, share,
};
use super::shown::Shown;

/// The most request types, and the most components, that the summary shows.
const SHOWN: usize = 12;
const WAYS: [(&str, Option<u8>); QUANTILES.len()] =
    [("p50", None), ("p90", Some(0)), ("p99", None), ("p99.9", Some(1))];

/// The whole summary, at most `width` columns wide where names can be cut to fit; with the escape
/// codes of a terminal only if `colour`.
pub fn summary(results: &Results, colour: bool, width: usize) -> String {
    let mut out = format!("{}\n", paint(&results.name, Paint::Bold, colour));
    out += &paint(&label::method(results), Paint::Dim, colour);
    out += "\n\n";
    out += &requests(results, colour, width);
    if !results.components.is_empty() {
        out += "\n";
        out += &components(results, colour, width);
    }
    out += &browsers(results, colour, width);
    out += &caches(results, colour, width);
    out += &sessions(results, colour, width);
    out += &notable(results, colour, width);
    out += &limit(results, colour, width);
    if let Some(attained) = &results.precision {
        out += &format!("\n{}\n", label::attained(attained, results));
    }
    out += &label::warnings(results, colour, width);
    out += &expectations(results, colour);
    out
}

/// What limits the load.
fn limit(results: &Results, colour: bool, width: usize) -> String {
    let bold = |text: String| {
        format!("\n{}\n", paint(&wrapped(&(text + "."), width, 2), Paint::Bold, colour))
    };
    if let Some(found) = &results.deadlock {
        return bold(label::deadlock(found));
    }
    let Some(found) = &results.bottleneck else { return String::new() };
    let note = label::bottleneck_note(found);
    let dim = |note: String| paint(&wrapped(&note, width, 2), Paint::Dim, colour) + "\n";
    let note = note.map_or(String::new(), dim);
    bold(label::bottleneck_at_length(found)) + &note
}

fn requests(results: &Results, colour: bool, width: usize) -> String {
    let names = label::requests(results);
    let arrivals = |i: usize| results.requests[i].arrivals as f64;
    let (shown, more) = busiest(results.requests.len(), arrivals);
    let mut rows: Vec<(&str, Paint, &RequestResult)> =
        shown.iter().map(|&i| (names[i].as_str(), Paint::Plain, &results.requests[i])).collect();
    if results.requests.len() != 1 {
        rows.push(("all", Paint::Bold, &results.total));
    }
    let more = rest(more, "request types", "summary.csv", colour);
    format!(
        "{}{more}\n{}{}",
        digests(&rows).render(width, colour),
        latencies(&rows).render(width, colour),
        open_ended(&rows, colour) + &of_answered(&rows, colour),
    )
}

/// What the mark beside a latency means, if there is one.
fn of_answered(rows: &[(&str, Paint, &RequestResult)], colour: bool) -> String {
    let marked = |(_, _, of): &(&str, Paint, &RequestResult)| {
        QUANTILES.iter().any(|&p| exceeds(&of.error_rate, p)) && of.histogram.count() > 0
    };
    if !rows.iter().any(marked) {
        return String::new();
    }
    let text = "of the requests answered: of all of them the quantile is greater";
    paint(&format!("  {OF_ANSWERED} {text}\n"), Paint::Dim, colour)
}

/// The latency at one of [`QUANTILES`], marked where it is of those answered alone.
fn latency(result: &RequestResult, quantile: usize) -> Reading {
    let Reading { value, error } = seconds(&result.latency[quantile]);
    let alone = exceeds(&result.error_rate, QUANTILES[quantile]) && value != NOTHING;
    let mark = if alone { OF_ANSWERED } else { "" };
    Reading { value: value + mark, error }
}

/// Why a quantile is not told, if one is not.
fn open_ended(rows: &[(&str, Paint, &RequestResult)], colour: bool) -> String {
    let is_open = |estimate: &Estimate| estimate.known_above().is_some();
    if !rows.iter().any(|(.., result)| result.latency.iter().any(is_open)) {
        return String::new();
    }
    let note = "  > too few took longer to tell: more replications or longer ones would";
    paint(note, Paint::Dim, colour) + "\n"
}

/// A line for each way in which requests of a type ended badly, the first of them with the rest.
fn digests(rows: &[(&str, Paint, &RequestResult)]) -> Grid {
    let mut lines = Vec::new();
    for &(name, look, result) in rows {
        let bad = bad(result);
        for k in 0..bad.len().max(1) {
            lines.push((k == 0, name, look, result, bad.get(k).copied()));
        }
    }
    let first = |text: &dyn Fn(&RequestResult) -> String| -> Vec<String> {
        lines.iter().map(|l| if l.0 { text(l.3) } else { String::new() }).collect()
    };
    let estimates = |of: &dyn Fn(&RequestResult) -> Reading| -> Vec<Reading> {
        lines.iter().map(|l| if l.0 { of(l.3) } else { Reading::blank() }).collect()
    };
    let name = |first: bool, name: &str| if first { name.to_owned() } else { String::new() };
    let part = |o: &OutcomeCount, of: &RequestResult| share(o.count, of.arrivals);
    let mut grid = Grid::default();
    grid.text("request", lines.iter().map(|l| (name(l.0, l.1), l.2)).collect());
    grid.right("arrivals", first(&|r| count(r.arrivals)));
    grid.estimates("answered/s", estimates(&|r| plain(&r.throughput)));
    grid.right("ok", first(&|r| share(good(r), r.arrivals)));
    grid.spare(0);
    grid.estimates("errors", estimates(&|r| percent(&r.error_rate)));
    let shares = lines.iter().map(|l| l.4.map_or(String::new(), |o| part(o, l.3)));
    grid.right("of which", shares.collect());
    let outcome = |o: Option<&OutcomeCount>| {
        o.map_or(String::new(), |o| o.outcome.trim_end_matches(" at the end").to_owned())
    };
    grid.text("", lines.iter().map(|l| (outcome(l.4), Paint::Plain)).collect());
    grid.near();
    grid
}

fn latencies(rows: &[(&str, Paint, &RequestResult)]) -> Grid {
    let mut grid = Grid::default();
    grid.text("latency", rows.iter().map(|&(name, look, _)| (name.to_owned(), look)).collect());
    grid.estimates("mean", rows.iter().map(|(.., r)| seconds(&r.mean_latency)).collect());
    for (i, (title, rank)) in WAYS.into_iter().enumerate() {
        grid.estimates(title, rows.iter().map(|(.., r)| latency(r, i)).collect());
        if let Some(rank) = rank {
            grid.spare_estimates(rank);
        }
    }
    grid
}

/// The indices of the [`SHOWN`] greatest of `n` by `size`, in their own order, and how many are
/// left out.
fn busiest(n: usize, size: impl Fn(usize) -> f64) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
    order.truncate(SHOWN);
    order.sort_unstable();
    let left_out = n - order.len();
    (order, left_out)
}

fn rest(more: usize, what: &str, file: &str, colour: bool) -> String {
    if more == 0 {
        return String::new();
    }
    paint(&format!("  … and {more} more {what} in {file}\n"), Paint::Dim, colour)
}

fn good(result: &RequestResult) -> u64 {
    result.outcomes.iter().filter(|o| o.outcome == "ok").map(|o| o.count).sum()
}

/// How those ended that did not end well, the most frequent first.
fn bad(result: &RequestResult) -> Vec<&OutcomeCount> {
    let occurred = |o: &&OutcomeCount| o.outcome != "ok" && o.count > 0;
    let mut list: Vec<&OutcomeCount> = result.outcomes.iter().filter(occurred).collect();
    list.sort_by_key(|o| std::cmp::Reverse(o.count));
    list
}

fn components(results: &Results, colour: bool, width: usize) -> String {
    let all = &results.components;
    let load = |r: &ResourceResult| if r.utilisation.mean > 0.0 { r.utilisation.mean } else { 0.0 };
    let (shown, more) =
        busiest(all.len(), |i| all[i].resources.iter().map(load).fold(0.0, f64::max));
    // A component has a line for each of its resources; what it has only one of is on the first.
    let lines: Vec<(&ComponentResult, Option<&ResourceResult>, bool)> = shown
        .iter()
        .flat_map(|&i| {
            let of = &all[i];
            (0..of.resources.len().max(1)).map(move |k| (of, of.resources.get(k), k == 0))
        })
        .collect();
    let first = |text: &dyn Fn(&ComponentResult) -> String| -> Vec<String> {
        lines.iter().map(|&(of, _, first)| if first { text(of) } else { String::new() }).collect()
    };
    let each = |text: &dyn Fn(&ResourceResult) -> String| -> Vec<String> {
        lines.iter().map(|&(_, resource, _)| resource.map_or(String::new(), text)).collect()
    };
    let plainly = |list: Vec<String>| list.into_iter().map(|text| (text, Paint::Plain)).collect();
    let occurred = |n: u64| if n == 0 { String::new() } else { count(n) };
    let used = |r: Option<&ResourceResult>| r.map_or(Reading::blank(), |r| percent(&r.utilisation));

    let mut grid = Grid::default();
    grid.text("component", plainly(first(&|of| of.name.clone())));
    grid.text("", first(&kind).into_iter().map(|text| (text, Paint::Dim)).collect());
    grid.spare(1);
    grid.left("", plainly(each(&|r| r.name.to_owned())));
    grid.left("", lines.iter().map(|(_, r, _)| bar(*r)).collect());
    grid.near();
    grid.spare(0);
    grid.estimates("in use", lines.iter().map(|&(_, r, _)| used(r)).collect());
    grid.spare(2);
    grid.right("busiest", each(&label::busiest));
    grid.right("queue", first(&|of| plain(&of.queue).value));
    grid.right("wait", first(&|of| seconds(&of.wait).value));
    grid.right("rejected", first(&|of| occurred(of.rejected)));
    grid.right("wasted", first(&|of| occurred(of.wasted)));
    grid.render(width, colour) + &rest(more, "components", "components.csv", colour)
}

/// What users' own caches saved them.
fn browsers(results: &Results, colour: bool, width: usize) -> String {
    let names = label::requests(results);
    let all: Vec<(&str, &BrowserResult)> = (names.iter().zip(&results.requests))
        .filter_map(|(name, of)| Some((name.as_str(), of.browser.as_ref()?)))
        .filter(|(_, browser)| browser.lookups > 0)
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let (shown, more) = busiest(all.len(), |i| all[i].1.lookups as f64);
    let each = |of: fn(&BrowserResult) -> Estimate| -> Vec<Reading> {
        shown.iter().map(|&i| percent(&of(all[i].1))).collect()
    };
    let mut grid = Grid::default();
    let name = |&i: &usize| (all[i].0.to_owned(), Paint::Plain);
    grid.text("browser", shown.iter().map(name).collect());
    grid.estimates("hit ratio", each(|of| of.hit_ratio));
    grid.estimates("stale hits", each(|of| of.stale_hits));
    grid.spare_estimates(0);
    grid.estimates("conditional", each(|of| of.conditional_share));
    grid.spare_estimates(2);
    grid.estimates("of which 304", each(|of| of.not_modified_rate));
    grid.spare_estimates(1);
    grid.estimates("needless", each(|of| of.needless_rate));
    grid.estimates("bytes saved", each(|of| of.bytes_saved));
    let more = rest(more, "request types", "summary.csv", colour);
    format!("\n{}{more}", grid.render(width, colour))
}

/// What caches did with what they were asked.
fn caches(results: &Results, colour: bool, width: usize) -> String {
    let all: Vec<(&str, &CacheResult)> = (results.components.iter())
        .filter_map(|of| Some((of.name.as_str(), of.cache.as_ref()?)))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let rate = |cache: &CacheResult| cache.lookups as f64;
    let (shown, more) = busiest(all.len(), |i| rate(all[i].1));
    let each = |reading: &dyn Fn(&CacheResult) -> Reading| -> Vec<Reading> {
        shown.iter().map(|&i| reading(all[i].1)).collect()
    };
    let mut grid = Grid::default();
    grid.text("cache", shown.iter().map(|&i| (all[i].0.to_owned(), Paint::Plain)).collect());
    grid.right("lookups", shown.iter().map(|&i| count(all[i].1.lookups)).collect());
    grid.estimates("hit ratio", each(&|of| percent(&of.hit_ratio)));
    grid.estimates("stale hits", each(&|of| percent(&of.stale_hits)));
    grid.spare_estimates(2);
    grid.estimates("misses/s", each(&|of| plain(&of.miss_rate)));
    grid.estimates("evicted/s", each(&|of| plain(&of.eviction_rate)));
    grid.spare_estimates(1);
    grid.estimates("expired/s", each(&|of| plain(&of.expiry_rate)));
    grid.spare_estimates(0);
    grid.estimates("entries", each(&|of| plain(&of.entries)));
    if shown.iter().any(|&i| all[i].1.lost_writes > 0) {
        grid.right("lost writes", shown.iter().map(|&i| count(all[i].1.lost_writes)).collect());
    }
    let more = rest(more, "caches", "components.csv", colour);
    format!("\n{}{more}", grid.render(width, colour))
}

/// Figures of components that are shown where they are above zero anywhere. Caches have a table of
/// their own.
fn notable(results: &Results, colour: bool, width: usize) -> String {
    let of_components = |metric: &Metric, headline: &Headline| {
        metric.about == About::Component && headline.in_sweeps == InSweeps::WhereAny
    };
    let figure = |of: &ComponentResult, name: &str| {
        Some(of.measures.get(name).filter(|_| of.cache.is_none())?.estimate)
    };
    let is_some = |of: &ComponentResult, name: &str| figure(of, name).is_some_and(|e| e.mean > 0.0);
    let told: Vec<(String, &Metric, &Headline)> = headlines()
        .filter(|(name, metric, headline)| {
            let anywhere = results.components.iter().any(|of| is_some(of, name));
            of_components(metric, headline) && anywhere
        })
        .collect();
    let have = |of: &&ComponentResult| told.iter().any(|(name, ..)| is_some(of, name));
    let all: Vec<&ComponentResult> = results.components.iter().filter(have).collect();
    if all.is_empty() {
        return String::new();
    }
    let (shown, more) = busiest(all.len(), |i| all[i].visits as f64);
    let mut grid = Grid::default();
    grid.text("component", shown.iter().map(|&i| (all[i].name.clone(), Paint::Plain)).collect());
    for (name, metric, headline) in &told {
        let reading = |&i: &usize| {
            let shown = Shown::of(metric);
            figure(all[i], name).map_or_else(
                || plain(&Estimate::point(f64::NAN)),
                |estimate| shown.reading(&estimate),
            )
        };
        grid.estimates(headline.title, shown.iter().map(reading).collect());
    }
    let more = rest(more, "components", "components.csv", colour);
    format!("\n{}{more}", grid.render(width, colour))
}

/// A count of sessions.
type CountOf = fn(&SessionResult) -> u64;

/// What became of requests that need a session.
fn sessions(results: &Results, colour: bool, width: usize) -> String {
    let all: Vec<(&str, &SessionResult)> = (results.components.iter())
        .filter_map(|of| Some((of.name.as_str(), of.sessions.as_ref()?)))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let (shown, more) = busiest(all.len(), |i| all[i].1.needed as f64);
    let each = |text: &dyn Fn(&SessionResult) -> String| -> Vec<String> {
        shown.iter().map(|&i| text(all[i].1)).collect()
    };
    let any = |number: CountOf| all.iter().any(|(_, of)| number(of) > 0);
    let mut grid = Grid::default();
    grid.text("sessions", shown.iter().map(|&i| (all[i].0.to_owned(), Paint::Plain)).collect());
    grid.right("needed", each(&|of| count(of.needed)));
    let logins = shown.iter().map(|&i| percent(&all[i].1.login_share)).collect();
    grid.estimates("log in", logins);
    let columns: [(&str, CountOf); 6] = [
        ("again", |of| of.relogins),
        ("lost", |of| of.lost),
        ("calls", |of| of.calls),
        ("cookie bytes", |of| of.cookie_bytes),
        ("forged, served", |of| of.forged_served),
        ("stolen, served", |of| of.stolen_served),
    ];
    for (title, number) in columns.into_iter().filter(|(_, number)| any(*number)) {
        grid.right(title, each(&|of| count(number(of))));
    }
    let more = rest(more, "servers with sessions", "components.csv", colour);
    format!("\n{}{more}", grid.render(width, colour))
}

fn kind(of: &ComponentResult) -> String {
    let word = of.kind.replace('_', " ");
    if of.instances > 1 { format!("{word} ×{}", of.instances) } else { word }
}

/// Five cells filled by the share in use, to an eighth of a cell.
fn bar(resource: Option<&ResourceResult>) -> (String, Paint) {
    const LENGTH: usize = 5;
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let Some(used) = resource.map(|r| r.utilisation.mean) else {
        return (String::new(), Paint::Plain);
    };
    let eighths = libm::round(used.clamp(0.0, 1.0) * LENGTH as f64 * 8.0) as usize;
    let mut text = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        text.push(EIGHTHS[eighths % 8]);
    }
    text += &"·".repeat(LENGTH - text.chars().count());
    let look = match used {
        x if x >= 0.9 => Paint::Red,
        x if x >= 0.7 => Paint::Yellow,
        _ => Paint::Green,
    };
    (text, look)
}

fn expectations(results: &Results, colour: bool) -> String {
    if results.verdicts.is_empty() {
        return String::new();
    }
    let longest = results.verdicts.iter().map(|v| v.expectation.chars().count()).max();
    let width = longest.unwrap_or(0);
    let mut out = "\n".to_owned();
    for verdict in &results.verdicts {
        let (mark, look) = match verdict.holds {
            Decision::Holds => ("✔", Paint::Green),
            Decision::Fails => ("✘", Paint::Red),
            Decision::Undecided => ("?", Paint::Yellow),
        };
        let note = label::missing(verdict);
        let found = if verdict.found.is_empty() { NOTHING } else { &verdict.found };
        let mark = paint(mark, look, colour);
        out += &format!("  {mark} {:<width$}  found {found}{note}\n", verdict.expectation);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_summary_of_the_shop_reads_so() {
        insta::assert_snapshot!(summary(&fixture::shop(), false, 100));
    }

    #[test]
    fn one_run_has_no_half_widths_and_no_answer_no_latency() {
        let text = summary(&fixture::silent(), false, 80);
        assert!(!text.contains('±'));
        assert!(text.contains(NOTHING));
    }

    #[test]
    fn long_names_and_many_of_them_still_fit() {
        let text = summary(&fixture::crowded(), false, 80);
        let tables = text.lines().filter(|line| line.starts_with("  "));
        let widest = tables.map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{text}");
        assert!(text.contains("8 more request types in summary.csv"), "{text}");
        assert!(text.contains("8 more components in components.csv"), "{text}");
    }

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let coloured = summary(&fixture::shop(), true, 100);
        let mut plain = String::new();
        let mut parts = coloured.split('\u{1b}');
        plain += parts.next().unwrap();
        for part in parts {
            plain += part.split_once('m').unwrap().1;
        }
        let trimmed: String = plain.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        assert_eq!(trimmed, summary(&fixture::shop(), false, 100));
    }
}
