//! Counters in the text form of Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Error;

/// Requests answered, by `method`, `route` and `status`.
const REQUESTS: &str = "http_requests_total";
/// Time until the answer, in seconds, by `method` and `route`.
const DURATION_SECS: &str = "http_request_duration_seconds";

/// Upper bounds of the histogram of durations, in seconds.
const BUCKETS_SECS: &[f64] = &[0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0];

/// What came of installing the recorder. Whoever comes second waits for the first.
static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();

/// The metrics of this process; renders them with [`Metrics::render`].
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder of this process, once; later calls return the same.
    ///
    /// # Errors
    /// [`Error::Setup`] when another recorder is installed.
    pub fn install() -> Result<Self, Error> {
        match RECORDER.get_or_init(install_recorder) {
            Ok(handle) => Ok(Self(handle.clone())),
            Err(reason) => Err(Error::Setup {
                what: "metrics",
                reason: reason.clone(),
            }),
        }
    }

    /// All metrics in the Prometheus text form.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

fn install_recorder() -> Result<PrometheusHandle, String> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION_SECS.to_owned()), BUCKETS_SECS)
        .map_err(|source| source.to_string())?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|source| source.to_string())?;
    Ok(handle)
}

/// Counts one request. Routes are labelled by their pattern, so that paths chosen by strangers make no new series.
pub(super) fn count(method: &str, route: String, status: u16, took: Duration) {
    let method = match method {
        "GET" | "POST" | "PUT" | "DELETE" | "HEAD" | "OPTIONS" => method.to_owned(),
        _ => "other".to_owned(),
    };
    metrics::counter!(REQUESTS, "method" => method.clone(), "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(DURATION_SECS, "method" => method, "route" => route)
        .record(took.as_secs_f64());
}

/// Middleware that counts what passes.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    count(
        &method,
        route,
        response.status().as_u16(),
        started.elapsed(),
    );
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn of_many_who_install_at_once_all_get_the_one_recorder() {
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    Metrics::install().unwrap();
                });
            }
        });
    }
}
