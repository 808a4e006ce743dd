//! Users' own caches, and how many users there are.

use crate::call::Timeout;
use crate::engine::Stream;
use crate::measure::Recorder;
use crate::objects::{Browser, Browsers};

use super::Deployment;

/// The caches of clients' users; `None` if no client has any.
pub(super) fn browsers(
    deployment: &Deployment,
    types: &[Vec<(String, f64, Timeout)>],
    stream: Stream,
    recorder: &mut Recorder,
) -> Option<Browsers> {
    let (mut browsers, mut next) = (Browsers::new(), 0_u32);
    for (index, ((name, client), types)) in deployment.clients.iter().zip(types).enumerate() {
        let (first, count) = (next, deployment.users_of(index) as u32);
        next = first.wrapping_add(count);
        let stream = stream.named(&name.value);
        let spec = client.browser_cache.as_ref();
        let browser = spec.map(|spec| Browser::new(&spec.value, first, count, stream));
        browsers.add(browser, types.iter().map(|(name, ..)| name.as_str()), recorder);
    }
    Some(browsers).filter(|browsers| !browsers.is_empty())
}
