//! `etag-lab balancer`: the balancer by hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use balancer::catalogue::{EDGES, POLICIES, find, find_edge};
use cache::catalogue::CACHES;
use clap::builder::PossibleValuesParser;
use text::secret::masked_url;
use tokio::net::TcpListener;
use tokio::sync::watch;
use traffic::Traffic;
use truth::ReplicaId;

use crate::args::{address, duration, whole};
use crate::exit::{Ending, Failure};
use crate::output;
use crate::serving::{MetricsFlags, listen};
use crate::signals::{stop_signal, stopped};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Balancing policy
    #[arg(long, default_value = "round-robin", value_parser = PossibleValuesParser::new(POLICIES.iter().map(|policy| policy.name)))]
    policy: String,
    /// Changes to responses on their way out, as an edge or a product; see
    /// `etag-lab list edges`
    #[arg(long, value_name = "EDGE", default_value = "none", value_parser = edges())]
    edge: String,
    /// Address of a replica, such as `http://127.0.0.1:9001`; repeat it for each
    #[arg(long = "replica", value_name = "URL", required = true)]
    replicas: Vec<String>,
    /// Shared cache before the balancer, by its behaviour or a product; see `etag-lab list
    /// caches`
    #[arg(long, value_name = "CACHE", default_value = "none", value_parser = caches())]
    cache: String,
    /// Seed of random choices
    #[arg(long, value_name = "N", default_value_t = 42,
          value_parser = whole::<u64>(0..=u64::MAX))]
    seed: u64,
    /// Longest wait for a replica's response, then answer 504
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    timeout: Duration,
    #[command(flatten)]
    metrics: MetricsFlags,
}

/// Names of edges, and behind them those of the products that do the same.
fn edges() -> PossibleValuesParser {
    let products = EDGES.iter().flat_map(|entry| entry.products.iter().copied());
    PossibleValuesParser::new(EDGES.iter().map(|entry| entry.name).chain(products))
}

/// Names of caches, and behind them those of the products that do the same.
fn caches() -> PossibleValuesParser {
    let products = CACHES.iter().flat_map(|entry| entry.products.iter().copied());
    PossibleValuesParser::new(CACHES.iter().map(|entry| entry.name).chain(products))
}

/// Serves until a signal says so.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    let entry = find(&arguments.policy).expect("clap checked the name");
    let replicas: Result<Vec<_>, _> =
        (1..).zip(&arguments.replicas).map(|(number, url)| replica(number, url)).collect();
    let replicas = replicas?;
    let upstreams = replicas.iter().map(|replica| replica.authority.clone()).collect();
    let stop = stop_signal()?;
    let metrics = arguments.metrics.serve(|| Traffic::of_gateway("balancer", upstreams), &stop)?;
    let mut settings = balancer::Settings::new(replicas, (entry.make)(arguments.seed));
    settings.traffic = metrics.as_ref().map(|page| Arc::clone(&page.traffic));
    settings.edge = find_edge(&arguments.edge).expect("clap checked the name");
    // Replicas of other products declare nothing, and polls are counted by replica.
    settings.declare_replica = true;
    settings.limits.response_head = arguments.timeout;
    let edge_name = settings.edge.name;
    let balancer = balancer::Balancer::new(settings)
        .map_err(|error| Failure::Input(format!("error: {error}")))?;
    let (listener, address) = listen(arguments.listen)?;
    let replicas = text::counted(arguments.replicas.len() as u64, "replica");
    let named = |name: &str| if name == "none" { String::new() } else { format!(", {name}") };
    output::note(&format!(
        "balancer ({}{}{}) for {replicas} on http://{address}; stop it with Ctrl-C",
        arguments.policy,
        named(edge_name),
        named(&arguments.cache)
    ));
    let balancer = Arc::new(balancer);
    match cache::catalogue::find(&arguments.cache).expect("clap checked the name").behaviour {
        Some(behaviour) => serve_cached(listener, balancer, behaviour, stop).await?,
        None => balancer::serve(listener, balancer, stopped(stop)).await,
    }
    if let Some(page) = metrics {
        page.end().await?;
    }
    Ok(Ending::Done)
}

/// Serves a cache at the address for clients, and behind it the balancer, which no one else asks.
async fn serve_cached(
    listener: TcpListener,
    balancer: Arc<balancer::Balancer>,
    behaviour: cache::catalogue::Behaviour,
    stop: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let (behind, origin) = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let settings = cache::Settings { origin, behaviour, clock: cache::Clock::real() };
    let cache = Arc::new(cache::Cache::new(settings));
    let serving = cache::serve(listener, Arc::clone(&cache), stopped(stop.clone()));
    tokio::join!(serving, balancer::serve(behind, balancer, stopped(stop)));
    let cache::Counts { hits, revalidated, fetched, bytes_from_origin } = cache.counts();
    output::note(&format!(
        "cache: {hits} answered from what was stored; the origin confirmed {revalidated} and sent \
         {fetched}, {bytes_from_origin} bytes in all"
    ));
    Ok(())
}

/// Reads `http://HOST:PORT` or `HOST:PORT`.
fn replica(number: u32, url: &str) -> Result<balancer::Replica, Failure> {
    let authority = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
    let valid = authority
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|p| p > 0))
        // A path would be lost silently.
        && !authority.contains(['/', '@', '?', '#', ' ']);
    if !valid {
        return Err(Failure::input(
            format!(
                "--replica `{}` is not the address of a replica",
                text::excerpt(&masked_url(url))
            ),
            "give host and port, such as --replica http://127.0.0.1:9001",
        ));
    }
    Ok(balancer::Replica { id: ReplicaId(number), authority: authority.to_owned() })
}
