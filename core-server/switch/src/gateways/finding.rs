//! Which servers a carrier has, by the names that it publishes (RFC 3263 §4, RFC 2782, RFC 3403).

use std::{future::Future, net::IpAddr, net::SocketAddr, time::Duration};

use thiserror::Error;
use wigwag_model::GatewaySettings;
use wigwag_pbx::gateways::by_weight;
use wigwag_sansio::Entropy;
use wigwag_sip_io::Transport;

use super::server::{Server, transport};

/// Servers of one carrier; what is published beyond that is left.
const MOST: usize = 8;
/// For how long what was found is believed, at least and at most.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(3600);

/// Where names are looked up: the domain name system, or a test's.
pub(super) trait Names: Sync {
    /// The services of a domain.
    fn services(&self, domain: &str) -> impl Future<Output = Result<Answer<Service>, Unanswered>> + Send;
    /// The hosts of a service.
    fn hosts(&self, service: &str) -> impl Future<Output = Result<Answer<ServiceHost>, Unanswered>> + Send;
    /// The addresses of a host.
    fn addresses(&self, host: &str) -> impl Future<Output = Result<Answer<IpAddr>, Unanswered>> + Send;
}

/// What is published under a name; nothing, where there is nothing.
#[derive(Clone, Debug)]
pub(super) struct Answer<T> {
    pub(super) records: Vec<T>,
    pub(super) holds_for: Duration,
}

/// Nobody says what is published under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a name cannot be looked up")]
pub(super) struct Unanswered;

/// NAPTR: a service of a domain.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) order: u16,
    pub(super) preference: u16,
    /// As published, for example `SIP+D2U`.
    pub(super) kind: String,
    pub(super) name: String,
}

/// SRV: a host of a service.
#[derive(Clone, Debug)]
pub(super) struct ServiceHost {
    pub(super) priority: u16,
    pub(super) weight: u16,
    pub(super) port: u16,
    pub(super) host: String,
}

/// The servers of a carrier, the best first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) servers: Vec<Server>,
    /// They are to be looked up again then.
    pub(super) holds_for: Duration,
}

/// Looks up the servers behind `settings`.
pub(super) async fn find(
    names: &impl Names,
    settings: &GatewaySettings,
    entropy: &mut Entropy,
) -> Result<Found, Unanswered> {
    let mut search = Search {
        names,
        found: Vec::new(),
        holds_for: LONGEST,
    };
    let fixed = settings.transport.map(transport);
    if settings.port.is_none() {
        search.services(&settings.host, fixed, entropy).await?;
    }
    if search.found.is_empty() {
        let transport = fixed.unwrap_or(Transport::Udp);
        let port = settings.port.unwrap_or(transport.default_port());
        search.host(&settings.host, transport, port).await?;
    }
    search.found.truncate(MOST);
    Ok(Found {
        servers: search.found,
        holds_for: search.holds_for.max(SHORTEST),
    })
}

struct Search<'n, N> {
    names: &'n N,
    found: Vec<Server>,
    holds_for: Duration,
}

impl<N: Names> Search<'_, N> {
    async fn services(
        &mut self,
        domain: &str,
        fixed: Option<Transport>,
        entropy: &mut Entropy,
    ) -> Result<(), Unanswered> {
        let mut services = match fixed {
            Some(transport) => vec![(transport, service(transport, domain))],
            None => self.published(domain).await?,
        };
        if services.is_empty() {
            services = [Transport::Udp, Transport::Tcp]
                .map(|known| (known, service(known, domain)))
                .into();
        }
        for (transport, name) in services {
            let hosts = self.names.hosts(&name).await?;
            let hosts = self.note(hosts);
            for host in by_weight(hosts, |host| (host.priority, host.weight), entropy) {
                // A host called "." means that there is no such service (RFC 2782).
                if self.found.len() < MOST && host.host != "." {
                    self.host(&host.host, transport, host.port).await?;
                }
            }
        }
        Ok(())
    }

    /// What the domain itself says that it offers.
    async fn published(&mut self, domain: &str) -> Result<Vec<(Transport, String)>, Unanswered> {
        let answer = self.names.services(domain).await?;
        let mut services = self.note(answer);
        services.sort_by_key(|service| (service.order, service.preference));
        let known = services
            .into_iter()
            .filter_map(|service| Some((kind(&service.kind)?, service.name)));
        Ok(known.take(MOST).collect())
    }

    async fn host(&mut self, host: &str, transport: Transport, port: u16) -> Result<(), Unanswered> {
        let addresses = self.names.addresses(host).await?;
        for ip in self.note(addresses) {
            let address = SocketAddr::new(ip, port);
            let server = Server { transport, address };
            if !self.found.contains(&server) {
                self.found.push(server);
            }
        }
        Ok(())
    }

    /// What is believed is believed as long as the shortest-lived part of it.
    fn note<T>(&mut self, answer: Answer<T>) -> Vec<T> {
        self.holds_for = self.holds_for.min(answer.holds_for);
        answer.records
    }
}

/// The name under which the hosts of a service are published.
fn service(transport: Transport, domain: &str) -> String {
    match transport {
        Transport::Udp => format!("_sip._udp.{domain}"),
        Transport::Tcp | Transport::Ws => format!("_sip._tcp.{domain}"),
        Transport::Tls | Transport::Wss => format!("_sips._tcp.{domain}"),
    }
}

fn kind(kind: &str) -> Option<Transport> {
    match kind.to_ascii_uppercase().as_str() {
        "SIP+D2U" => Some(Transport::Udp),
        "SIP+D2T" => Some(Transport::Tcp),
        "SIPS+D2T" => Some(Transport::Tls),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use wigwag_model::GatewayTransport;

    use super::*;

    /// What is published: kind, name, data, seconds.
    struct Zone(&'static [(&'static str, &'static str, &'static str, u64)]);

    impl Zone {
        fn of<T>(&self, kind: &str, name: &str, read: impl Fn(&[&str]) -> T) -> Result<Answer<T>, Unanswered> {
            let rows = || self.0.iter().filter(|row| (row.0, row.1) == (kind, name));
            if rows().any(|row| row.2 == "broken") {
                return Err(Unanswered);
            }
            let records = rows().map(|row| read(&row.2.split(' ').collect::<Vec<_>>())).collect();
            let holds_for = rows().map(|row| row.3).min().unwrap_or(60);
            Ok(Answer {
                records,
                holds_for: Duration::from_secs(holds_for),
            })
        }
    }

    impl Names for Zone {
        async fn services(&self, domain: &str) -> Result<Answer<Service>, Unanswered> {
            self.of("NAPTR", domain, |data| Service {
                order: data[0].parse().expect("an order"),
                preference: data[1].parse().expect("a preference"),
                kind: data[2].to_owned(),
                name: data[3].to_owned(),
            })
        }

        async fn hosts(&self, service: &str) -> Result<Answer<ServiceHost>, Unanswered> {
            self.of("SRV", service, |data| ServiceHost {
                priority: data[0].parse().expect("a priority"),
                weight: data[1].parse().expect("a weight"),
                port: data[2].parse().expect("a port"),
                host: data[3].to_owned(),
            })
        }

        async fn addresses(&self, host: &str) -> Result<Answer<IpAddr>, Unanswered> {
            self.of("A", host, |data| data[0].parse().expect("an address"))
        }
    }

    async fn finds(zone: &Zone, change: impl FnOnce(&mut GatewaySettings)) -> Result<(String, u64), Unanswered> {
        let mut settings = GatewaySettings::new("Carrier", "c.example");
        change(&mut settings);
        let found = find(zone, &settings, &mut Entropy::from_number(1)).await?;
        let text = |server: &Server| format!("{}:{}", server.transport.as_param(), server.address);
        let servers: Vec<String> = found.servers.iter().map(text).collect();
        Ok((servers.join(" "), found.holds_for.as_secs()))
    }

    const WHOLE: Zone = Zone(&[
        ("NAPTR", "c.example", "50 50 SIPS+D2T _sips._tcp.c.example", 500),
        ("NAPTR", "c.example", "90 50 SIP+D2T _sip._tcp.c.example", 500),
        ("NAPTR", "c.example", "90 10 SIP+D2U here.example", 500),
        ("NAPTR", "c.example", "10 10 E2U+sip nothing.example", 500),
        ("SRV", "_sips._tcp.c.example", "1 1 5061 one.example", 400),
        ("SRV", "here.example", "2 1 5070 two.example", 400),
        ("SRV", "here.example", "1 1 5060 one.example", 400),
        ("SRV", "_sip._udp.c.example", "1 1 5090 two.example", 400),
        ("A", "one.example", "192.0.2.1", 90),
        ("A", "two.example", "2001:db8::2", 100),
        ("A", "c.example", "192.0.2.9", 10),
    ]);

    #[tokio::test]
    async fn what_a_domain_publishes_is_followed_in_its_order() {
        let found = finds(&WHOLE, |_| ()).await;
        let servers = "tls:192.0.2.1:5061 udp:192.0.2.1:5060 udp:[2001:db8::2]:5070";
        assert_eq!(
            found,
            Ok((servers.to_owned(), 60)),
            "an unpublished name holds for 60 s here"
        );
    }

    #[tokio::test]
    async fn a_port_or_a_transport_leaves_out_what_it_has_decided() {
        let found = finds(&WHOLE, |settings| settings.port = Some(5080)).await;
        assert_eq!(found, Ok(("udp:192.0.2.9:5080".to_owned(), 30)), "10 s are too short");
        let found = finds(&WHOLE, |settings| settings.transport = Some(GatewayTransport::Udp)).await;
        assert_eq!(found.map(|found| found.0), Ok("udp:[2001:db8::2]:5090".to_owned()));
    }

    #[tokio::test]
    async fn without_services_the_host_itself_is_meant() {
        let zone = Zone(&[
            ("A", "c.example", "192.0.2.9", 100),
            ("SRV", "_sip._udp.c.example", "0 0 0 .", 100),
        ]);
        assert_eq!(
            finds(&zone, |_| ()).await.map(|found| found.0),
            Ok("udp:192.0.2.9:5060".to_owned())
        );
        let broken = Zone(&[
            ("SRV", "_sip._udp.c.example", "broken", 1),
            ("A", "c.example", "192.0.2.9", 100),
        ]);
        assert_eq!(finds(&broken, |_| ()).await, Err(Unanswered));
        assert_eq!(finds(&Zone(&[]), |_| ()).await.map(|found| found.0), Ok(String::new()));
    }
}
