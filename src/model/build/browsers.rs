//! Users' own caches, and how many users there are.

use crate::engine::Stream;
use crate::model::client::Timeout;
use crate::model::content::{Browser, Browsers};

use super::{Deployment, users};

/// The caches of clients' users; `None` if no client has any.
pub(super) fn browsers(
    deployment: &Deployment,
    types: &[Vec<(String, f64, Timeout)>],
    stream: Stream,
) -> Option<Browsers> {
    let (mut browsers, mut next) = (Browsers::new(), 0);
    for ((name, client), types) in deployment.clients.iter().zip(types) {
        let first = next;
        let (_, count) = users(client, &mut next);
        let stream = stream.named(&name.value);
        let spec = client.browser_cache.as_ref();
        let browser = spec.map(|spec| Browser::new(&spec.value, first, count, stream));
        browsers.add(browser, types.iter().map(|(name, ..)| name.as_str()));
    }
    Some(browsers).filter(|browsers| !browsers.is_empty())
}

/// How many users all clients have together.
pub(in crate::model) fn population(deployment: &Deployment) -> u64 {
    let mut next = 0;
    let counts = deployment.clients.iter().map(|(_, client)| u64::from(users(client, &mut next).1));
    counts.sum()
}
