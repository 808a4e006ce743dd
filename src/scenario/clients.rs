//! What can be wrong with who sends requests: no load or two, rates that never come to anything,
//! journeys that do not end.

use crate::component::client::{
    ArrivalProcess, ClientSpec, MOST_PAGES, PageSpec, ProfileSpec, Shape,
};
use crate::deployment::Deployment;
use crate::document::{Entries, Name, Place, Problem, Problems, listed, quoted};
use crate::units::Span;

/// The most users of one client: each takes memory.
const MOST_USERS: u64 = 10_000_000;
/// Chances that sum to this much are still 100%: a tenth has no exact binary fraction.
const WHOLE: f64 = 1.0 + 1e-9;

/// Reports everything that is wrong with each client by itself.
pub(super) fn check_clients(deployment: &Deployment, problems: &mut Problems) {
    for (name, client) in deployment.clients.iter() {
        let mut check = Check { name, problems };
        check.source(client);
        check.mix(client);
        if let Some(arrivals) = &client.arrivals {
            check.arrivals(&arrivals.0);
        }
        check.users(client);
        check.population(client);
        if let Some(pages) = &client.journey {
            check.journey(pages);
        }
    }
}

struct Check<'a> {
    /// The client.
    name: &'a Name,
    problems: &'a mut Problems,
}

impl Check<'_> {
    fn report(&mut self, place: Place, title: impl Into<String>, label: impl Into<String>) {
        self.problems.push(Problem::new(place, title, label));
    }

    fn source(&mut self, client: &ClientSpec) {
        let given: Vec<&str> = [
            client.arrivals.as_ref().map(|_| "arrivals"),
            client.users.as_ref().map(|_| "users"),
            client.trace.as_ref().map(|_| "trace"),
        ]
        .into_iter()
        .flatten()
        .collect();
        match given[..] {
            [_] => {}
            [] => {
                let title = format!("nothing says when {} send requests", quoted(&self.name.value));
                self.report(self.name.place, title, "expected `arrivals`, `users` or `trace`");
            }
            _ => {
                let title = format!("{} each say when requests come", listed(&given, "and"));
                self.report(self.name.place, title, "expected only one of them");
            }
        }
        if let (Some(batch), None) = (&client.batch, &client.arrivals) {
            let label = "leave it out, or say with `arrivals` when batches come";
            self.report(batch.place, "only arrivals come in batches", label);
        }
    }

    fn population(&mut self, client: &ClientSpec) {
        let Some(population) = &client.population else { return };
        let count = population.value.get();
        if client.users.is_some() {
            let label = "leave out `population`";
            self.report(population.place, "`users` says how many there are", label);
        } else if count > MOST_USERS {
            let label = format!("at most {MOST_USERS} are possible");
            self.report(population.place, format!("{count} users"), label);
        }
    }

    fn mix(&mut self, client: &ClientSpec) {
        let place = self.name.place;
        match (&client.requests, &client.journey, &client.trace) {
            (_, Some(_), Some(_)) => {
                self.report(place, "a trace makes no journeys", "leave out `journey`");
            }
            (Some(_), None, Some(_)) => {
                let label = "leave out `requests`; `depth` and `group` tell its types apart";
                self.report(place, "a trace brings its own request types", label);
            }
            (Some(_), Some(_), None) => {
                let label = "leave out `requests`; each page is a request type";
                self.report(place, "a journey brings its own request types", label);
            }
            (None, None, None) => {
                let title = format!("nothing says what {} request", quoted(&self.name.value));
                self.report(place, title, "expected `requests` or `journey`");
            }
            (Some(requests), None, None) if requests.is_empty() => {
                self.report(place, "there are no requests", "expected at least one type");
            }
            (Some(requests), None, None) => {
                let total: f64 = requests.iter().map(|(_, request)| request.weight).sum();
                if total <= 0.0 {
                    let label = "at least one weight must be above zero";
                    self.report(requests.0[0].0.place, "the weights sum to nothing", label);
                }
            }
            (None, _, _) => {}
        }
    }

    fn arrivals(&mut self, process: &ArrivalProcess) {
        let before = self.problems.reported();
        let place = self.process(process);
        if process.peak() <= 0.0 && self.problems.reported() == before {
            self.report(place, "no request ever comes", "expected a rate above zero");
        }
    }

    /// Checks all but whether anything comes, and returns where the scenario says what comes.
    fn process(&mut self, process: &ArrivalProcess) -> Place {
        match process {
            ArrivalProcess::Poisson(rate) | ArrivalProcess::Constant(rate) => rate.place,
            ArrivalProcess::Renewal(gap) => {
                if gap.value.mean() <= 0.0 {
                    let label = "expected a duration above zero, or a distribution";
                    self.report(gap.place, "all requests would come at once", label);
                }
                gap.place
            }
            ArrivalProcess::Mmpp(states) => {
                let states = &states.0;
                for state in states.value.iter().filter(|state| state.r#for.value == Span::ZERO) {
                    self.above_zero(state.r#for.place, "a state lasts no time");
                }
                states.place
            }
            ArrivalProcess::Profile(profile) => {
                self.profile(profile);
                profile.points.place
            }
            ArrivalProcess::Diurnal(diurnal) => {
                if diurnal.day.value < Span::from_millis(1) {
                    self.report(diurnal.day.place, "the day is too short", "expected 1ms or more");
                }
                diurnal.rates.0.place
            }
            ArrivalProcess::Wave(wave) => {
                if wave.period.value < Span::from_millis(1) {
                    let label = "expected 1ms or more";
                    self.report(wave.period.place, "the period is too short", label);
                }
                let (mean, amplitude) = (wave.mean.value, wave.amplitude.value);
                if amplitude.0 > mean.0 {
                    let title = format!("the rate would fall below zero: {mean} less {amplitude}");
                    let label = "expected at most the mean";
                    self.report(wave.amplitude.place, title, label);
                }
                wave.mean.place
            }
            ArrivalProcess::Spike(spike) => {
                if spike.r#for.value == Span::ZERO {
                    self.above_zero(spike.r#for.place, "the spike lasts no time");
                }
                spike.peak.place
            }
            ArrivalProcess::Ramp(ramp) => {
                if ramp.over.value == Span::ZERO {
                    self.above_zero(ramp.over.place, "the ramp takes no time");
                }
                ramp.to.place
            }
        }
    }

    fn above_zero(&mut self, place: Place, title: &str) {
        self.report(place, title, "expected a duration above zero");
    }

    fn profile(&mut self, profile: &ProfileSpec) {
        let points = &profile.points.value;
        let Some(last) = points.last() else {
            let label = "expected a list such as [{at: 0, rate: 40/s}, …]";
            self.report(profile.points.place, "there are no points", label);
            return;
        };
        let lines = profile.shape == Shape::Lines;
        for pair in points.windows(2) {
            let (before, at) = (pair[0].at.value, pair[1].at.value);
            if at < before || (at == before && !lines) {
                let title = format!("the points are out of order: {before}, then {at}");
                let label =
                    if lines { "expected this or later" } else { "expected something later" };
                let problem = Problem::new(pair[1].at.place, title, label);
                self.problems.push(problem.also(pair[0].at.place, "the point before"));
            }
        }
        let Some(repeat) = &profile.repeat else { return };
        let last = last.at.value;
        if repeat.value < last || repeat.value == Span::ZERO || (repeat.value == last && !lines) {
            let title = format!("it starts over at {} when its last point is {last}", repeat.value);
            let label = "expected a time after the last point";
            self.report(repeat.place, title, label);
        }
    }

    fn users(&mut self, client: &ClientSpec) {
        let Some(users) = &client.users else { return };
        if users.count.get() > MOST_USERS {
            let title = format!("{} users", users.count.get());
            let label = format!("at most {MOST_USERS} are possible");
            self.report(self.name.place, title, label);
        }
        let endless = users.visits.as_ref().filter(|session| session.value.length.is_none());
        if let (Some(session), None) = (endless, &client.journey) {
            let label = "expected its `length`, or a `journey`";
            self.report(session.place, "nothing says where a session ends", label);
        }
    }

    fn journey(&mut self, pages: &Entries<PageSpec>) {
        if pages.is_empty() {
            let label = "expected at least one page in `journey`";
            self.report(self.name.place, "the journey has no pages", label);
            return;
        }
        if pages.len() > MOST_PAGES {
            let title = format!("{} pages", pages.len());
            let label = format!("at most {MOST_PAGES} are possible");
            self.report(self.name.place, title, label);
            return;
        }
        let known: Vec<&str> = pages.names().collect();
        let before = self.problems.reported();
        for (name, page) in pages.iter() {
            for (next, _) in page.next.iter().filter(|(next, _)| pages.get(&next.value).is_none()) {
                self.problems.unknown(next.place, "page", &next.value, &known);
            }
            let total: f64 = page.next.iter().map(|(_, share)| share.value.0).sum();
            if total > WHOLE {
                let percent = crate::units::three_digits(total * 100.0);
                let title = format!("the chances after {} sum to {percent}%", quoted(&name.value));
                self.report(name.place, title, "expected 100% or less; the rest is the end");
            }
        }
        if self.problems.reported() == before {
            self.ways(pages);
        }
    }

    /// Every page is on some way from the first to the end.
    fn ways(&mut self, pages: &Entries<PageSpec>) {
        let leads = |from: usize, to: usize| {
            let next = pages.0[from].1.next.get(&pages.0[to].0.value);
            next.is_some_and(|share| share.value.0 > 0.0)
        };
        let ends = |page: usize| {
            let next = pages.0[page].1.next.iter();
            next.map(|(_, share)| share.value.0).sum::<f64>() < 1.0 - 1e-9
        };
        let reached = closure(pages.len(), |page| page == 0, leads);
        let ending = closure(pages.len(), ends, |from, to| leads(to, from));
        for (_, (name, _)) in pages.iter().enumerate().filter(|(page, _)| !reached[*page]) {
            let title = format!("no journey comes to {}", quoted(&name.value));
            self.report(name.place, title, "expected a way to it from the first page");
        }
        if let Some(page) = (0..pages.len()).find(|&page| reached[page] && !ending[page]) {
            let name = &pages.0[page].0;
            let title = format!("a journey that comes to {} never ends", quoted(&name.value));
            let label = "expected, here or later, chances of less than 100% in all";
            self.report(name.place, title, label);
        }
    }
}

/// What can be come to from where one may begin.
fn closure(
    count: usize,
    begins: impl Fn(usize) -> bool,
    leads: impl Fn(usize, usize) -> bool,
) -> Vec<bool> {
    let mut found: Vec<bool> = (0..count).map(begins).collect();
    let mut open: Vec<usize> = (0..count).filter(|&page| found[page]).collect();
    while let Some(from) = open.pop() {
        let new = |to: &usize| !found[*to] && leads(from, *to);
        let next: Vec<usize> = (0..count).filter(new).collect();
        next.iter().for_each(|&to| found[to] = true);
        open.extend(next);
    }
    found
}
