//! What the server says when it is ready: one line of JSON for programs, a page for people.

use std::fmt::Write;

use serde::Serialize;
use wigwag_model::AccessLevel;
use wigwag_sip_io::Transport;

use crate::{assemble::Server, config::Config, demo::Demo, demo_carrier::DemoCarrier};

/// The ready line.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    http: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    https: Option<String>,
    sip: Sip<'a>,
    users: Vec<User<'a>>,
    extensions: Vec<Extension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<Carrier<'a>>,
}

#[derive(Debug, Serialize)]
struct Carrier<'a> {
    udp: String,
    number: &'a str,
}

#[derive(Debug, Serialize)]
struct Sip<'a> {
    udp: Option<String>,
    tcp: Option<String>,
    tls: Option<String>,
    ws: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wss: Option<String>,
    domain: &'a str,
}

#[derive(Debug, Serialize)]
struct User<'a> {
    username: &'a str,
    password: &'a str,
    role: AccessLevel,
    #[serde(skip_serializing_if = "is_false")]
    operator: bool,
}

#[derive(Debug, Serialize)]
struct Extension<'a> {
    number: &'a str,
    sip_username: &'a str,
    sip_password: &'a str,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Demo extensions that are printed for people; a load test reads the JSON.
const PRINTED: usize = 10;

/// The ready line.
pub(crate) fn json(
    server: &Server,
    config: &Config,
    demo: Option<&Demo>,
    carrier: Option<&DemoCarrier>,
) -> anyhow::Result<String> {
    let address = |transport| server.sip(transport).map(|address| address.to_string());
    let ready = Ready {
        http: format!("http://{}", server.http()),
        https: server.https().map(|address| format!("https://{address}")),
        sip: Sip {
            udp: address(Transport::Udp),
            tcp: address(Transport::Tcp),
            tls: address(Transport::Tls),
            ws: web_socket(server, Transport::Ws),
            wss: web_socket(server, Transport::Wss),
            domain: &config.sip.domain,
        },
        users: demo.iter().flat_map(|demo| &demo.users).map(user).collect(),
        extensions: demo.iter().flat_map(|demo| &demo.extensions).map(extension).collect(),
        carrier: carrier.map(|carrier| Carrier {
            udp: carrier.address().to_string(),
            number: carrier.number.as_str(),
        }),
    };
    Ok(format!("{}\n", serde_json::to_string(&ready)?))
}

/// What a phone in a browser connects to.
fn web_socket(server: &Server, transport: Transport) -> Option<String> {
    let address = server.sip(transport)?;
    Some(format!("{}://{address}/sip", transport.as_param()))
}

fn user(user: &crate::demo::DemoUser) -> User<'_> {
    User {
        username: &user.username,
        password: user.password.expose(),
        role: user.access,
        operator: user.operator,
    }
}

fn extension((extension, device): &(wigwag_model::Extension, wigwag_model::Device)) -> Extension<'_> {
    Extension {
        number: extension.number.as_str(),
        sip_username: extension.sip_username.as_str(),
        sip_password: device.sip_password.expose(),
    }
}

/// The same for people.
pub(crate) fn page(server: &Server, config: &Config, demo: Option<&Demo>, carrier: Option<&DemoCarrier>) -> String {
    let mut page = String::from("\nWigWag is ready.\n\n");
    let mut say = |text: String| writeln!(page, "{text}").expect("a String takes everything");
    say(format!("  API            http://{}", server.http()));
    if let Some(https) = server.https() {
        say(format!("                 https://{https}"));
    }
    for (name, transport) in [
        ("SIP over UDP", Transport::Udp),
        ("SIP over TCP", Transport::Tcp),
        ("SIP over TLS", Transport::Tls),
    ] {
        if let Some(address) = server.sip(transport) {
            say(format!("  {name}   {address}"));
        }
    }
    for (name, transport) in [("SIP in browsers", Transport::Ws), ("               ", Transport::Wss)] {
        if let Some(address) = web_socket(server, transport) {
            say(format!("  {name}  {address}"));
        }
    }
    say(format!("  SIP domain     {}", config.sip.domain));
    let Some(demo) = demo else {
        say("\nCtrl-C ends it.".to_owned());
        return page;
    };
    say("\nSign in to the API as".to_owned());
    for user in &demo.users {
        say(format!(
            "  {:<12} password {}   ({})",
            user.username,
            user.password.expose(),
            if user.operator {
                "runs the platform"
            } else {
                user.access.as_str()
            }
        ));
    }
    say("\nSet up two SIP phones with".to_owned());
    for (extension, device) in demo.extensions.iter().take(PRINTED) {
        say(format!(
            "  extension {}   username {}   password {}   ({})",
            extension.number,
            extension.sip_username,
            device.sip_password.expose(),
            extension.name
        ));
    }
    if demo.extensions.len() > PRINTED {
        say(format!(
            "  … and {} more (--json lists them all)",
            demo.extensions.len() - PRINTED
        ));
    }
    if let Some(udp) = server.sip(Transport::Udp) {
        say(format!("  domain {}   outbound proxy {udp}", config.sip.domain));
    }
    if let Some(carrier) = carrier {
        say(format!("\nA make-believe carrier is at {}:", carrier.address()));
        say("  dial 07700 900100, or any other number: the last two digits say what happens there".to_owned());
        let number = carrier.number.national().unwrap_or_else(|| carrier.number.to_string());
        say(format!("  {number} is the public number of the first extension"));
    }
    say("\nThen dial one from the other, or *52 for the echo test. Ctrl-C ends it.".to_owned());
    page
}
