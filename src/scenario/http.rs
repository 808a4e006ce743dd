//! What typed reading cannot see of caches that go by what answers say of themselves: nothing that
//! they may keep, times that are said twice, more answers than there is room for.

use crate::caching::CacheSpec;
use crate::component::client::ClientSpec;
use crate::deployment::Deployment;
use crate::document::{Name, Problem, Problems, quoted};
use crate::units::Span;

/// The most objects of one catalog, those of each user counted apart.
const MOST_KEYS: u64 = 1_000_000_000;

/// Reports clients' caches and shared ones that could not keep anything, and catalogs that are too
/// large for each user to have one.
pub(super) fn check_http(deployment: &Deployment, problems: &mut Problems) {
    check_users(deployment, problems);
    for (name, client) in deployment.clients.iter() {
        check_browser(name, client, deployment, problems);
    }
    for (_, spec) in deployment.topology.iter() {
        if let Some(cache) = spec.cache().filter(|cache| cache.goes_by_the_header()) {
            check_shared(cache, deployment, problems);
        }
    }
}

fn check_users(deployment: &Deployment, problems: &mut Problems) {
    let users = deployment.population();
    for (_, catalog) in deployment.catalog.iter().filter(|(_, catalog)| catalog.per_user.value) {
        let objects = users.saturating_mul(catalog.keys.value.get());
        if objects > MOST_KEYS {
            let title = format!("{objects} objects: these keys for each of {users} users");
            let label = format!("at most {MOST_KEYS} are possible");
            problems.push(Problem::new(catalog.per_user.place, title, label));
        }
    }
}

fn check_browser(
    name: &Name,
    client: &ClientSpec,
    deployment: &Deployment,
    problems: &mut Problems,
) {
    let Some(browser) = &client.browser_cache else { return };
    let requests = client.requests.iter().flat_map(|types| types.names());
    let pages = client.journey.iter().flat_map(|pages| pages.names());
    let asked = requests.chain(pages).filter_map(|request| client.keys_of(request));
    let asked: Vec<&Name> = asked.collect();
    let (title, label) = if asked.is_empty() {
        let title = format!("{} ask for nothing that could be kept", quoted(&name.value));
        (title, "expected request types with `keys` of a catalog")
    } else if asked.iter().all(|keys| says_nothing(deployment, &keys.value)) {
        let title = format!("nothing that {} ask for may be kept", quoted(&name.value));
        (title, "expected `cache_control` or `etag` of their catalog")
    } else {
        return;
    };
    problems.push(Problem::new(browser.place, title, label));
}

/// Whether answers about the objects of a catalog say nothing of being kept.
fn says_nothing(deployment: &Deployment, catalog: &str) -> bool {
    let catalog = deployment.catalog.get(catalog);
    catalog.is_some_and(|catalog| catalog.cache_control.is_none() && !catalog.etag)
}

fn check_shared(cache: &CacheSpec, deployment: &Deployment, problems: &mut Problems) {
    let Some(ttl) = &cache.ttl else { return };
    if deployment.catalog.iter().all(|(_, catalog)| catalog.cache_control.is_none()) {
        let label = "expected `cache_control` of a catalog";
        problems.push(Problem::new(ttl.place, "no answer says how long it may be used", label));
    }
    if cache.in_front_of.is_some() {
        let title = "what stands in front of a database goes by no header";
        problems.push(Problem::new(ttl.place, title, "expected a duration, or no `in_front_of`"));
    }
    let said_twice = [
        ("jitter", cache.jitter.0 > 0.0),
        ("sliding", cache.sliding),
        ("stale_while_revalidate", cache.stale_while_revalidate > Span::ZERO),
    ];
    for (key, _) in said_twice.iter().filter(|(_, given)| *given) {
        let title = format!("the header says how long, and so does `{key}`");
        problems.push(Problem::new(ttl.place, title, format!("expected no `{key}`")));
    }
}
