//! The demo's lines to the outside: a make-believe carrier in this process, a gateway to it, and public numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Context;
use wigwag_model::{
    Author, Destination, Extension, Gateway, GatewaySettings, IncomingNumberSettings, NumberCapabilities, NumberKind,
    PhoneNumber, StockNumber,
};
use wigwag_sansio::{Entropy, Utc};
use wigwag_simulator::{Config, Simulator};
use wigwag_store::Store;

/// The name of the gateway, by which a later start finds it again.
const GATEWAY: &str = "Demo carrier";
/// Public numbers of Ofcom's drama range for which nobody else can be called.
const STOCK: std::ops::Range<u32> = 0..20;

/// The demo's lines to the outside.
#[derive(Debug)]
pub(crate) struct DemoCarrier {
    simulator: Simulator,
    /// The number that rings the demo company's first extension.
    pub(crate) number: PhoneNumber,
}

impl DemoCarrier {
    /// Starts the carrier beside `sip`, where the exchange listens, and makes sure that there is a gateway to it and a
    /// number that leads to `extension`.
    pub(crate) async fn start(
        store: &Store,
        sip: Option<IpAddr>,
        extension: &Extension,
        now: Utc,
        entropy: &mut Entropy,
    ) -> anyhow::Result<DemoCarrier> {
        let listen = SocketAddr::new(sip.map_or(Ipv4Addr::LOCALHOST.into(), reachable), 0);
        let config = Config {
            listen,
            ..Config::default()
        };
        let simulator = Simulator::start(config)
            .await
            .context("the demo's carrier does not start")?;
        let mut tx = store.write_platform(Author::server(now)).await?;
        let stock: Vec<StockNumber> = STOCK.map(stock).collect::<anyhow::Result<_>>()?;
        tx.load_stock(&stock).await?;
        tx.commit().await?;
        keep_gateway(store, simulator.udp(), now, entropy).await?;
        let number = keep_number(store, extension, &stock[0].number, now, entropy).await?;
        Ok(DemoCarrier { simulator, number })
    }

    /// Where it listens for SIP over UDP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.simulator.udp()
    }

    /// Ends its calls and stops.
    pub(crate) async fn stop(self) {
        self.simulator.shutdown().await;
    }
}

/// The address at which somebody on this machine reaches who listens on `ip`.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => ip,
    }
}

fn stock(index: u32) -> anyhow::Result<StockNumber> {
    let number: PhoneNumber = format!("+44163296{:04}", 900 + index).parse()?;
    Ok(StockNumber {
        kind: NumberKind::of(&number),
        number,
        area: "Demo Town".to_owned(),
        capabilities: NumberCapabilities {
            calls: true,
            sms: false,
            fax: false,
        },
        monthly_price: 0,
    })
}

/// The gateway leads to where the carrier listens this time.
async fn keep_gateway(store: &Store, carrier: SocketAddr, now: Utc, entropy: &mut Entropy) -> anyhow::Result<()> {
    let known = store.gateways().await?.gateways;
    let known = known.into_iter().find(|gateway| gateway.settings.name == GATEWAY);
    let settings = GatewaySettings {
        port: Some(carrier.port()),
        emergency: true,
        ..GatewaySettings::new(GATEWAY, bracketed(carrier.ip()))
    };
    let mut tx = store.write_platform(Author::server(now)).await?;
    match known {
        Some(Gateway { id, .. }) => {
            tx.update_gateway(id, &settings, entropy).await?;
        }
        None => {
            tx.create_gateway(&settings, entropy).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The company's first number; where it has none it takes `free`, which then leads to `extension`.
async fn keep_number(
    store: &Store,
    extension: &Extension,
    free: &PhoneNumber,
    now: Utc,
    entropy: &mut Entropy,
) -> anyhow::Result<PhoneNumber> {
    let mut tx = store.write(extension.tenant_id, Author::server(now)).await?;
    if let Some(known) = tx.numbers().await?.into_iter().next() {
        return Ok(known.number);
    }
    let taken = tx.take_numbers(std::slice::from_ref(free), entropy).await?;
    let number = taken.first().context("one number was asked for")?;
    let settings = IncomingNumberSettings {
        destination: Some(Destination::Extension(extension.id)),
        ..number.settings.clone()
    };
    tx.update_number(number.id, &settings).await?;
    // The switch starts after this, and loads what it finds.
    let _ = tx.commit().await?;
    Ok(free.clone())
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
