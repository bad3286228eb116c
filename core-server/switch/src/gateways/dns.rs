//! The domain name system, asked as the machine's own settings say.

use std::{net::IpAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    lookup::Lookup,
    net::NetError,
    proto::rr::{Name, RData, Record, RecordType},
};
use tokio::sync::OnceCell;

use super::finding::{Answer, Names, Service, ServiceHost, Unanswered};

/// For how long it is believed that nothing is published.
const NOTHING_HOLDS_FOR: Duration = Duration::from_secs(60);

/// The domain name system; its settings are read when it is first asked.
#[derive(Debug, Default)]
pub(super) struct Dns(OnceCell<TokioResolver>);

impl Dns {
    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, Unanswered> {
        let start = async || TokioResolver::builder_tokio()?.build();
        let resolver = self.0.get_or_try_init(start).await.map_err(|_: NetError| Unanswered)?;
        // A name that is whole is not looked for among the machine's own domains.
        let mut name = Name::from_utf8(name).map_err(|_| Unanswered)?;
        name.set_fqdn(true);
        match resolver.lookup(name, kind).await {
            Ok(lookup) => Ok(answer(&lookup, read)),
            Err(error) if error.is_no_records_found() => Ok(Answer {
                records: Vec::new(),
                holds_for: NOTHING_HOLDS_FOR,
            }),
            Err(_) => Err(Unanswered),
        }
    }
}

fn answer<T>(lookup: &Lookup, read: impl Fn(&RData) -> Option<T>) -> Answer<T> {
    let least = lookup.answers().iter().map(|record: &Record| record.ttl).min();
    Answer {
        records: lookup
            .answers()
            .iter()
            .filter_map(|record| read(&record.data))
            .collect(),
        holds_for: least.map_or(NOTHING_HOLDS_FOR, |ttl| Duration::from_secs(ttl.into())),
    }
}

impl Names for Dns {
    async fn services(&self, domain: &str) -> Result<Answer<Service>, Unanswered> {
        let read = |data: &RData| {
            let RData::NAPTR(service) = data else { return None };
            service.flags.eq_ignore_ascii_case(b"s").then(|| Service {
                order: service.order,
                preference: service.preference,
                kind: String::from_utf8_lossy(&service.services).into_owned(),
                name: service.replacement.to_utf8(),
            })
        };
        self.ask(domain, RecordType::NAPTR, read).await
    }

    async fn hosts(&self, service: &str) -> Result<Answer<ServiceHost>, Unanswered> {
        let read = |data: &RData| {
            let RData::SRV(host) = data else { return None };
            Some(ServiceHost {
                priority: host.priority,
                weight: host.weight,
                port: host.port,
                host: host.target.to_utf8(),
            })
        };
        self.ask(service, RecordType::SRV, read).await
    }

    async fn addresses(&self, host: &str) -> Result<Answer<IpAddr>, Unanswered> {
        let read = |data: &RData| data.ip_addr();
        let mut v4 = self.ask(host, RecordType::A, read).await?;
        let v6 = self.ask(host, RecordType::AAAA, read).await?;
        v4.holds_for = match (v4.records.is_empty(), v6.records.is_empty()) {
            (false, true) => v4.holds_for,
            (true, false) => v6.holds_for,
            (false, false) | (true, true) => v4.holds_for.min(v6.holds_for),
        };
        v4.records.extend(v6.records);
        Ok(v4)
    }
}
