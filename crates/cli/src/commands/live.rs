//! `etag-lab live`: a fleet that runs until it is stopped, on a page with switches.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;

use logs::Price;
use text::secret::Secret;
use workshop::live::{self, Settings};

use crate::args::{Common, address, whole};
use crate::commands::logs::price;
use crate::commands::run::load;
use crate::exit::{Ending, Failure};
use crate::flags::ScenarioFlags;
use crate::output;
use crate::secrets;
use crate::signals::stop_signal;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a scenario, `all-200s` is shown. Open the printed URL; /view is the page for the audience,
without switches. The fleet runs until Ctrl-C.")]
pub(crate) struct Arguments {
    /// A scenario file, or the name of a built-in scenario
    scenario: Option<String>,
    #[command(flatten)]
    page: PageFlags,
    #[command(flatten)]
    flags: ScenarioFlags,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Page")]
struct PageFlags {
    /// Address of the page; a port that is taken gives way to the next free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:8304")]
    listen: SocketAddr,
    /// Polls a second of all clients together, at the start
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = whole::<u32>(1..=2_000))]
    rate: u32,
    /// Price of what is sent, such as 0.09/GB, to show what a month costs
    #[arg(long, value_name = "MONEY/GB", value_parser = price)]
    price: Option<Price>,
    /// Token with which other machines may press switches; others only look
    #[arg(long, value_name = "TOKEN")]
    control_token: Option<String>,
    /// The same from the first line of a file, so that it is not on the command line
    #[arg(long, value_name = "FILE", conflicts_with = "control_token")]
    control_token_file: Option<PathBuf>,
}

impl PageFlags {
    fn token(&self) -> Result<Option<Secret>, Failure> {
        let of_file = |path: &PathBuf| secrets::token("--control-token-file", path);
        let read = self.control_token_file.as_ref().map(of_file).transpose()?;
        Ok(read.or_else(|| self.control_token.clone().map(Secret::from)))
    }
}

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    let Arguments { scenario, page, flags } = arguments;
    let control_token = page.token()?;
    let scenario = load(common, scenario.as_deref(), &flags)?;
    let settings = Settings {
        program: std::env::current_exe().map_err(Failure::environment)?,
        listen: page.listen,
        rate: page.rate,
        price_per_gigabyte: page.price.map(|price| price.per_gigabyte),
        control_token,
        stop: stop_signal()?,
    };
    if nobody_presses(&settings) {
        output::note(&format!(
            "note: switches are for visitors from 127.0.0.1, and nobody comes to {} from there\n  = help: \
             --listen 0.0.0.0:{}, or --control-token-file FILE",
            page.listen,
            page.listen.port()
        ));
    }
    let mut printed = Ok(());
    let ready = |address| printed = output::print(&welcome(address));
    live::run(&scenario, &settings, ready).await.map_err(Failure::environment)?;
    printed.map(|()| Ending::Done)
}

/// True where the page is at an address of another network alone, and there is no token.
fn nobody_presses(settings: &Settings) -> bool {
    let address = settings.listen.ip();
    !address.is_loopback() && !address.is_unspecified() && settings.control_token.is_none()
}

/// The first lines of the session: where to look, and how it ends.
fn welcome(address: SocketAddr) -> String {
    let (mut own, mut room) = (address, address);
    // No browser opens "every address"; some refuse to.
    if address.ip().is_unspecified() {
        own.set_ip(Ipv4Addr::LOCALHOST.into());
        room.set_ip(seen_from_outside().unwrap_or(own.ip()));
    }
    format!("open      http://{own}/\naudience  http://{room}/view\nend it    Ctrl-C\n")
}

/// The address with which this machine would ask another one; nothing is sent to find out.
fn seen_from_outside() -> Option<IpAddr> {
    // An address of documentation (RFC 5737): only the route to it is looked up.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
