//! The reports that every run has.

use camino::Utf8Path;

use crate::{BoxedReporter, Html, Junit, SummaryFile};

/// Returns the reports that are written into the `folder` of every run. They depend on nothing but the
/// events, so [`rebuild()`](crate::rebuild()) can write them again. This call itself writes nothing.
pub fn standard_reports(folder: &Utf8Path) -> Vec<BoxedReporter<'static>> {
    vec![Box::new(SummaryFile::new(folder)), Box::new(Junit::new(folder)), Box::new(Html::new(folder))]
}
