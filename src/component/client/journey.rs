//! Journeys: what a user asks for next, a small Markov chain of pages.

use crate::call::Timeout;
use crate::distribution::Delay;
use crate::document::{At, Entries, Name, record};
use crate::network::Payload;
use crate::units::Share;

record! {
    /// A page of a journey: a request type, and what follows it.
    pub struct PageSpec {
        /// Which pages come next, each by what chance; by what is left to 100% the journey ends.
        pub next: Entries<At<Share>> = "{}",
        /// How long a user looks at it before asking for the next; if not given, as the client's
        /// `users` think, or `exp(7s)`.
        pub think: Option<Delay>,
        /// How urgent it is, 0 being the most: it and all calls made for it go first where a
        /// queue or a processor goes by priority.
        pub priority: u64 = "0",
        /// How long to wait for its answer; the client's `timeout` if not given.
        pub timeout: Option<Timeout>,
        /// Of which `catalog` it asks for an object, by its popularity; of none if not given.
        pub keys: Option<Name>,
        /// How large the request is, in bytes; matters where a link has a `bandwidth`. `object`: as
        /// large as the object that is asked for.
        pub request_size: Payload = "500B",
        /// How large the response is, in bytes or `object`.
        pub response_size: Payload = "10KiB",
    }
}

/// The way through pages, by their numbers.
pub(super) struct Journey {
    pages: Vec<Page>,
}

struct Page {
    /// Each page that may come next, with the chance of it and of all before it.
    next: Vec<(f64, u16)>,
    think: Delay,
}

impl Journey {
    /// A journey as its spec says; `think` is for pages that say nothing of it.
    pub(super) fn new(pages: &Entries<PageSpec>, think: &Delay) -> Journey {
        let page = |(_, spec): (_, &PageSpec)| {
            let mut cumulative = 0.0;
            let next = spec.next.iter().map(|(name, share)| {
                cumulative += share.value.0;
                let page = pages.index(&name.value).expect("names of pages are checked");
                (cumulative, u16::try_from(page).expect("pages are checked to be few"))
            });
            let next = next.collect();
            Page { next, think: spec.think.as_ref().unwrap_or(think).clone() }
        };
        Journey { pages: pages.iter().map(page).collect() }
    }

    /// The page after `page` for a uniform number; `None` at the end.
    #[inline]
    pub(super) fn next(&self, page: u16, uniform: f64) -> Option<u16> {
        let next = &self.pages[usize::from(page)].next;
        next.iter().find(|(cumulative, _)| uniform < *cumulative).map(|(_, page)| *page)
    }

    /// How long one looks at a page.
    #[inline]
    pub(super) fn think(&self, page: u16) -> &Delay {
        &self.pages[usize::from(page)].think
    }
}

/// The most pages of a journey: its length is found by solving as many equations.
pub const MOST_PAGES: usize = 200;

/// How often a journey comes to each page on average: the solution of v = e + v P, where e begins
/// at the first page and P are the chances of what comes next. The chain must end.
fn visits(pages: &Entries<PageSpec>) -> Vec<f64> {
    let count = pages.len();
    // Column `to` of each row holds the equation of page `to`; the last, what begins there.
    let mut rows = vec![vec![0.0; count + 1]; count];
    for (from, (_, page)) in pages.iter().enumerate() {
        rows[from][from] += 1.0;
        for (name, share) in page.next.iter() {
            if let Some(to) = pages.index(&name.value) {
                rows[to][from] -= share.value.0;
            }
        }
    }
    rows[0][count] = 1.0;
    // I - P' is an M-matrix: elimination needs no pivots.
    for pivot in 0..count {
        let row = rows[pivot].clone();
        for other in (0..count).filter(|&other| other != pivot) {
            let factor = rows[other][pivot] / row[pivot];
            rows[other].iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
        }
    }
    rows.iter().enumerate().map(|(page, row)| row[count] / row[page]).collect()
}

/// As [`visits`]; `None` if the journey has no end, no pages or too many.
pub(crate) fn possible_visits(pages: &Entries<PageSpec>) -> Option<Vec<f64>> {
    let visits = (1..=MOST_PAGES).contains(&pages.len()).then(|| visits(pages))?;
    let length: f64 = visits.iter().sum();
    (1.0..f64::INFINITY).contains(&length).then_some(visits)
}

/// How many pages a journey has on average; `None` if it has no end, no pages or too many.
pub fn length(pages: &Entries<PageSpec>) -> Option<f64> {
    possible_visits(pages).map(|visits| visits.iter().sum())
}

/// How long a user thinks after a page on average (s), or pauses where it is the last; `think` is
/// for pages that say nothing of it. `None` as for [`length`].
pub fn pause(pages: &Entries<PageSpec>, think: f64, pause: f64) -> Option<f64> {
    let visits = possible_visits(pages)?;
    let after = |page: &PageSpec| {
        let goes_on: f64 = page.next.iter().map(|(_, share)| share.value.0).sum();
        let think = page.think.as_ref().map_or(think, Delay::mean);
        goes_on * think + (1.0 - goes_on) * pause
    };
    let sum: f64 = pages.iter().zip(&visits).map(|((_, page), visits)| visits * after(page)).sum();
    Some(sum / visits.iter().sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Problems, Read, Sources, parse};

    fn pages(text: &str) -> Entries<PageSpec> {
        let mut sources = Sources::new();
        let source = sources.add("", text);
        let mut problems = Problems::new();
        let node = parse(source, &sources, &mut problems).expect("YAML");
        Entries::read(&node, &mut problems).expect("pages")
    }

    #[test]
    fn the_visits_of_a_journey_solve_its_chain() {
        let pages = pages(
            "home: {next: {search: 50%, product: 20%}}\n\
             search: {next: {product: 80%, search: 10%}}\n\
             product: {next: {home: 20%}}\n",
        );
        // h = 1 + 0.2 p; s = 0.5 h / 0.9; p = 0.2 h + 0.8 s.
        let home = 1.0 / (1.0 - 0.2 * (0.2 + 0.8 * 0.5 / 0.9));
        let search = 0.5 * home / 0.9;
        let product = 0.2 * home + 0.8 * search;
        for (found, expected) in visits(&pages).iter().zip([home, search, product]) {
            assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
        }
        let length = length(&pages).expect("it ends");
        assert!((length - home - search - product).abs() < 1e-12);
        // A journey has one end.
        let between = pause(&pages, 2.0, 9.0).expect("it ends");
        assert!((between - (2.0 + 7.0 / length)).abs() < 1e-12);
    }

    #[test]
    fn the_next_page_goes_by_its_chance_and_the_rest_is_the_end() {
        let pages = pages("a: {next: {b: 30%, a: 20%}}\nb: {}\n");
        let journey = Journey::new(&pages, &Delay::NONE);
        let found = [0.1, 0.29, 0.31, 0.49, 0.51, 0.99].map(|uniform| journey.next(0, uniform));
        assert_eq!(found, [Some(1), Some(1), Some(0), Some(0), None, None]);
        assert_eq!(journey.next(1, 0.001), None);
    }
}
