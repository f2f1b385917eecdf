//! Waiting for a runtime: bounded, with the last observation at hand when the wait is given up.

use std::time::Duration;

use coalmine_a2a::{CARD_PATHS, Card, Client, WireError};
use tokio::{sync::watch, time::Instant};
use url::Url;

use super::Exit;

/// The first wait between two looks, and the longest.
const FIRST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(250);
/// The longest that one look may take.
const LOOK: Duration = Duration::from_secs(5);

/// A runtime that answered with its card.
#[derive(Debug, Clone)]
pub struct ReadyRuntime {
    /// The card.
    pub card: Card,
    /// Where it was found.
    pub card_url: Url,
    /// From the first look to the answer.
    pub took: Duration,
}

/// Why the wait was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// The runtime ended.
    Exited(Exit),
    /// The bound ran out.
    TimedOut {
        /// The bound.
        within: Duration,
        /// What was seen last, and where.
        last: String,
        /// How many looks there were.
        tries: u32,
    },
}

/// Looks for the card until it is there, the runtime ends or the bound runs out.
pub async fn wait_until_ready(
    client: &Client,
    base: &Url,
    path: Option<&str>,
    within: Duration,
    mut exited: watch::Receiver<Option<Exit>>,
    mut tell: impl FnMut(&str),
) -> Result<ReadyRuntime, NotReady> {
    let began = Instant::now();
    let urls = card_urls(base, path);
    let (mut pause, mut tries) = (FIRST, 0);
    loop {
        let left = within.saturating_sub(began.elapsed());
        let look = look(client, &urls, left.min(LOOK));
        let found = tokio::select! {
            biased;
            Some(exit) = ended(&mut exited) => return Err(NotReady::Exited(exit)),
            found = look => found,
        };
        tries += 1;
        let last = match found {
            Ok((card, card_url)) => return Ok(ReadyRuntime { card, card_url, took: began.elapsed() }),
            Err(seen) => seen,
        };
        if began.elapsed() + pause >= within {
            return Err(NotReady::TimedOut { within, last, tries });
        }
        tell(&last);
        tokio::select! {
            biased;
            Some(exit) = ended(&mut exited) => return Err(NotReady::Exited(exit)),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 3 / 2).min(LONGEST);
    }
}

/// Resolves when the runtime ends; `None` when nobody can tell any more.
pub(crate) async fn ended(exited: &mut watch::Receiver<Option<Exit>>) -> Option<Exit> {
    exited.wait_for(Option::is_some).await.ok().and_then(|exit| exit.clone())
}

/// One look at every place where the card may be; what was seen at the first of them, where it is nowhere.
async fn look(client: &Client, urls: &[Url], within: Duration) -> Result<(Card, Url), String> {
    let mut first = None;
    for url in urls {
        let error = match client.card(url, within).await.card {
            Ok(card) => return Ok((card, url.clone())),
            Err(error) => error,
        };
        let elsewhere = matches!(error, WireError::Http { .. } | WireError::Malformed { .. });
        first.get_or_insert_with(|| format!("GET {url}: {error}"));
        if !elsewhere {
            break;
        }
    }
    Err(first.unwrap_or_default())
}

/// Below the path that was given first, then at the root.
fn card_urls(base: &Url, path: Option<&str>) -> Vec<Url> {
    if let Some(path) = path {
        return base.join(path).into_iter().collect();
    }
    let below = base.path().trim_end_matches('/').to_owned();
    let prefixes = if below.is_empty() { vec![String::new()] } else { vec![below, String::new()] };
    prefixes
        .iter()
        .flat_map(|prefix| {
            CARD_PATHS.iter().filter_map(move |path| base.join(&format!("{prefix}{path}")).ok())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_looked_for_below_the_given_path_first() {
        let base = Url::parse("http://h:1/a2a/app").unwrap();
        let urls: Vec<_> = card_urls(&base, None).iter().map(|url| url.path().to_owned()).collect();
        assert_eq!(urls[0], "/a2a/app/.well-known/agent-card.json");
        assert_eq!(urls[3], "/.well-known/agent-card.json");
        let own = card_urls(&base, Some("/card?assistant_id=1"));
        assert_eq!(own[0].as_str(), "http://h:1/card?assistant_id=1");
    }
}
