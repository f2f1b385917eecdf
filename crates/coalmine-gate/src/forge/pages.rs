//! Lists that come in pages.

use std::collections::BTreeMap;

use super::{
    client::{Answer, Client, Request},
    error::{ErrorKind, ForgeError},
};

/// How often a list is read again that changed while it was read.
const MAX_ROUNDS: u32 = 3;

/// How a list is asked for.
pub(super) struct Listing<'a> {
    pub(super) client: &'a Client,
    pub(super) request: Request,
    /// The parameter that holds the size of a page.
    pub(super) size: (&'static str, u64),
    /// Whether only a next page in `Link` means that there is one. Otherwise, the total count decides.
    pub(super) by_link: bool,
    /// Whether the list counts only if it is complete.
    pub(super) complete: bool,
}

impl Listing<'_> {
    /// Reads page after page, until all are read or there is `enough`. Entries have a key of their
    /// own, so one that moved to the next page meanwhile counts once. A list that has to be complete and is not, because it
    /// changed, is read from its first page again, in at most [`MAX_ROUNDS`] rounds.
    ///
    /// # Errors
    /// A page fails, there are too many, or the list keeps changing.
    pub(super) async fn read<K: Ord, T>(
        &self,
        entries: impl Fn(&Answer) -> Result<(Vec<T>, Option<u64>), ForgeError>,
        key: impl Fn(&T) -> K,
        enough: impl Fn(&BTreeMap<K, T>) -> bool,
    ) -> Result<Vec<T>, ForgeError> {
        for _ in 0..MAX_ROUNDS {
            let mut all = BTreeMap::new();
            let (total, cut) = self.round(&mut all, &entries, &key, &enough).await?;
            if cut || !self.complete || total.is_none_or(|total| all.len() as u64 >= total) {
                return Ok(all.into_values().collect());
            }
        }
        let call = self.client.call(&self.request)?;
        Err(ForgeError::new(call, ErrorKind::Changed, "the list changed each time while it was read"))
    }

    /// Reads all pages once. Returns the total count that the last one named, and whether there was enough.
    async fn round<K: Ord, T>(
        &self,
        all: &mut BTreeMap<K, T>,
        entries: &impl Fn(&Answer) -> Result<(Vec<T>, Option<u64>), ForgeError>,
        key: &impl Fn(&T) -> K,
        enough: &impl Fn(&BTreeMap<K, T>) -> bool,
    ) -> Result<(Option<u64>, bool), ForgeError> {
        let mut bytes = 0_usize;
        for page in 1..=self.client.options.max_pages {
            let request = self.request.clone().query("page", page).query(self.size.0, self.size.1);
            let answer = self.client.send(&request).await?;
            bytes = bytes.saturating_add(answer.body.len());
            let limit = self.client.options.max_list;
            if bytes > limit {
                return Err(
                    answer.error(ErrorKind::TooLarge, format!("the list is larger than {limit} bytes"))
                );
            }
            let (items, counted) = entries(&answer)?;
            let total = counted.or(answer.total);
            let before = all.len();
            for item in items {
                all.insert(key(&item), item);
            }
            if enough(all) {
                return Ok((total, true));
            }
            let counted_all = all.len() == before || total.is_some_and(|total| all.len() as u64 >= total);
            if (self.by_link && !answer.next) || (!self.by_link && counted_all) {
                return Ok((total, false));
            }
        }
        let limit = self.client.options.max_pages;
        let call = self.client.call(&self.request)?;
        Err(ForgeError::new(call, ErrorKind::TooLarge, format!("the list has more than {limit} pages")))
    }
}
