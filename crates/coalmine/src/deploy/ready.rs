//! Waiting for a runtime: bounded, with the last observation at hand if the wait is given up.

use std::time::Duration;

use coalmine_a2a::{CARD_PATHS, Card, Client, WireError};
use tokio::{sync::watch, time::Instant};
use url::Url;

use super::Exit;

/// The first pause between two requests for the card.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
/// The longest pause between two requests for the card.
const MAX_PAUSE: Duration = Duration::from_millis(250);
/// How long a server that listens may answer that there is no card before that is believed. Some listen long before they
/// have loaded the agent.
const NO_CARD_AFTER: Duration = Duration::from_secs(15);
/// The longest that one request for the card may take.
const REQUEST_WITHIN: Duration = Duration::from_secs(5);

/// A runtime that answered with its card.
#[derive(Debug, Clone)]
pub struct ReadyRuntime {
    /// The card.
    pub card: Card,
    /// The address of the card.
    pub card_url: Url,
    /// The time from the first request to the answer.
    pub took: Duration,
}

/// Why the wait was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// The runtime ended.
    Exited(Exit),
    /// The server listens, and says again and again that there is no card.
    NoCard {
        /// The last observation, with the address.
        last: String,
        /// The time from the first such answer.
        after: Duration,
    },
    /// The bound ran out.
    TimedOut {
        /// The bound.
        within: Duration,
        /// The last observation, with the address.
        last: String,
        /// How many requests there were.
        tries: u32,
    },
}

/// Requests the card until it comes, the runtime ends or the bound runs out. Calls `report` with each
/// observation.
pub async fn wait_until_ready(
    client: &Client,
    base: &Url,
    path: Option<&str>,
    within: Duration,
    mut exited: watch::Receiver<Option<Exit>>,
    mut report: impl FnMut(&str),
) -> Result<ReadyRuntime, NotReady> {
    let began = Instant::now();
    let urls = card_urls(base, path);
    let (mut pause, mut tries) = (FIRST_PAUSE, 0);
    let mut no_card_since: Option<Instant> = None;
    loop {
        let left = within.saturating_sub(began.elapsed());
        let request = find_card(client, &urls, left.min(REQUEST_WITHIN));
        let found = tokio::select! {
            biased;
            Some(exit) = ended(&mut exited) => return Err(NotReady::Exited(exit)),
            found = request => found,
        };
        tries += 1;
        let last = match found {
            Ok(FoundCard { card, url }) => {
                return Ok(ReadyRuntime { card, card_url: url, took: began.elapsed() });
            }
            Err(NoCardYet { seen, is_refused }) => {
                no_card_since = is_refused.then(|| no_card_since.unwrap_or_else(Instant::now));
                seen
            }
        };
        if let Some(since) = no_card_since.filter(|since| since.elapsed() >= NO_CARD_AFTER) {
            return Err(NotReady::NoCard { last, after: since.elapsed() });
        }
        if began.elapsed() + pause >= within {
            return Err(NotReady::TimedOut { within, last, tries });
        }
        report(&last);
        tokio::select! {
            biased;
            Some(exit) = ended(&mut exited) => return Err(NotReady::Exited(exit)),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 3 / 2).min(MAX_PAUSE);
    }
}

/// Waits until the runtime ends; `None` if nobody can know it any more.
pub(super) async fn ended(exited: &mut watch::Receiver<Option<Exit>>) -> Option<Exit> {
    exited.wait_for(Option::is_some).await.ok().and_then(|exit| exit.clone())
}

/// A card, with its address.
struct FoundCard {
    card: Card,
    url: Url,
}

/// Why there is no card yet.
struct NoCardYet {
    /// The observation at the first address.
    seen: String,
    /// Whether the server answers at every address that there is nothing, or that it cannot be asked this way.
    is_refused: bool,
}

/// Requests the card at every address where it may be, once. Fails with the observation at the first of them.
async fn find_card(client: &Client, urls: &[Url], within: Duration) -> Result<FoundCard, NoCardYet> {
    let (mut first, mut is_refused) = (None, true);
    for url in urls {
        let error = match client.card(url, within).await.card {
            Ok(card) => return Ok(FoundCard { card, url: url.clone() }),
            Err(error) => error,
        };
        is_refused &= matches!(error, WireError::Http { status: 400 | 404, .. });
        let elsewhere = matches!(error, WireError::Http { .. } | WireError::Malformed { .. });
        first.get_or_insert_with(|| format!("GET {url}: {error}"));
        if !elsewhere {
            break;
        }
    }
    Err(NoCardYet { seen: first.unwrap_or_default(), is_refused })
}

/// Returns the addresses where the card may be: below the given path first, then at the root.
fn card_urls(base: &Url, path: Option<&str>) -> Vec<Url> {
    if let Some(path) = path {
        return base.join(path).into_iter().collect();
    }
    let below = base.path().trim_end_matches('/').to_owned();
    let prefixes = if below.is_empty() { vec![String::new()] } else { vec![below, String::new()] };
    let mut urls = vec![];
    for prefix in prefixes {
        urls.extend(CARD_PATHS.iter().filter_map(|path| base.join(&format!("{prefix}{path}")).ok()));
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_is_requested_below_the_given_path_first() {
        let base = Url::parse("http://h:1/a2a/app").unwrap();
        let urls: Vec<_> = card_urls(&base, None).iter().map(|url| url.path().to_owned()).collect();
        assert_eq!(urls[0], "/a2a/app/.well-known/agent-card.json");
        assert_eq!(urls[3], "/.well-known/agent-card.json");
        let own = card_urls(&base, Some("/card?assistant_id=1"));
        assert_eq!(own[0].as_str(), "http://h:1/card?assistant_id=1");
    }
}
