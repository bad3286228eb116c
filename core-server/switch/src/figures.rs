//! All figures that the switch can give, of itself and of what it drives.

use tokio::runtime::Handle;

use crate::{
    core::Core,
    metrics::{family, gauge, line, total},
};

/// Prints them in the Prometheus text format.
pub(crate) fn print(core: &Core) -> String {
    let mut text = String::with_capacity(4096);
    core.metrics.print(&mut text);
    gauge(
        &mut text,
        "wigwag_calls",
        "Calls that are running.",
        core.calls.len() as u64,
    );
    gauge(
        &mut text,
        "wigwag_calls_lingering",
        "Calls that are over, and still answer what comes late.",
        core.calls.lingering() as u64,
    );
    gauge(
        &mut text,
        "wigwag_lines_in_use",
        "Lines of extensions that are in use.",
        core.lines.in_use(),
    );
    gauge(
        &mut text,
        "wigwag_registrations",
        "Phones that are registered.",
        core.registrations.len() as u64,
    );
    gauge(
        &mut text,
        "wigwag_subscriptions",
        "Lamps, mailboxes and presence that phones watch.",
        core.subscriptions.len() as u64,
    );
    gauge(
        &mut text,
        "wigwag_overloaded",
        "Whether new calls and registrations are sent away because there is too much to do.",
        u64::from(core.crowd.is_overloaded()),
    );
    gauge(
        &mut text,
        "wigwag_tasks",
        "Tasks of the runtime that are alive.",
        Handle::current().metrics().num_alive_tasks() as u64,
    );
    sip(core, &mut text);
    media(core, &mut text);
    text
}

fn sip(core: &Core, text: &mut String) {
    let metrics = core.endpoint.metrics();
    family(
        text,
        "wigwag_sip_requests_received_total",
        "Requests received, by method.",
        "counter",
    );
    for (method, count) in metrics.received.requests() {
        line(
            text,
            "wigwag_sip_requests_received_total",
            &format!("{{method=\"{method}\"}}"),
            count,
        );
    }
    family(
        text,
        "wigwag_sip_responses_sent_total",
        "Responses sent, by class.",
        "counter",
    );
    for (class, count) in metrics.sent.responses() {
        line(
            text,
            "wigwag_sip_responses_sent_total",
            &format!("{{class=\"{class}\"}}"),
            count,
        );
    }
    let tally = core.endpoint.tally();
    total(
        text,
        "wigwag_sip_malformed_total",
        "Messages that could not be read.",
        metrics.malformed.value(),
    );
    total(
        text,
        "wigwag_sip_overloaded_total",
        "Requests refused because there were too many transactions.",
        metrics.overloaded.value(),
    );
    gauge(
        text,
        "wigwag_sip_connections",
        "Connections that are open.",
        metrics.connections.value(),
    );
    total(
        text,
        "wigwag_sip_connections_refused_total",
        "Connections refused because there were too many.",
        metrics.connections_refused.value(),
    );
    total(
        text,
        "wigwag_sip_connections_dropped_total",
        "Connections closed because the peer was slow, silent, or did not read.",
        metrics.connections_dropped.value(),
    );
    total(
        text,
        "wigwag_sip_retransmissions_total",
        "Retransmissions that were absorbed.",
        tally.absorbed,
    );
    gauge(
        text,
        "wigwag_sip_transactions",
        "Transactions, the lingering included.",
        core.endpoint.transactions() as u64,
    );
}

fn media(core: &Core, text: &mut String) {
    let media = core.media.metrics();
    gauge(text, "wigwag_media_legs", "Legs whose sound is open.", media.legs);
    gauge(
        text,
        "wigwag_media_ports_in_use",
        "Ports for sound that are in use.",
        media.ports_in_use,
    );
    gauge(
        text,
        "wigwag_media_ports_resting",
        "Ports for sound that rest after use.",
        media.ports_resting,
    );
    total(
        text,
        "wigwag_media_ports_exhausted_total",
        "Legs for which no port was free.",
        media.ports_exhausted,
    );
    total(
        text,
        "wigwag_media_packets_received_total",
        "Packets of sound received.",
        media.packets_received,
    );
    total(
        text,
        "wigwag_media_packets_relayed_total",
        "Packets of sound passed on.",
        media.packets_relayed,
    );
}
