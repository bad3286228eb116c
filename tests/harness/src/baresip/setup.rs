//! How a phone is set up: its account and its two configuration files.

use std::fmt::{Display, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

/// What a phone is told before it starts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Whom it belongs to.
    pub account: Account,
    /// How its SIP travels.
    pub transport: Transport,
    /// Codecs that it offers, best first.
    pub codecs: Vec<Codec>,
    /// Whether its sound is encrypted.
    pub encryption: Encryption,
    /// What it sends as speech.
    pub says: Says,
    /// Whether it answers by itself.
    pub answers_itself: bool,
    /// Its own address.
    pub ip: IpAddr,
}

/// Whom a phone belongs to.
#[derive(Clone, Debug)]
pub enum Account {
    /// Nobody: it calls other phones without a server.
    Alone,
    /// An extension of a server, where it registers.
    Extension {
        /// Name of the SIP account.
        username: String,
        /// Its password.
        password: String,
        /// Domain of the SIP account.
        domain: String,
        /// Where the server listens for the transport that is used.
        server: SocketAddr,
    },
}

/// What a phone sends as speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// A tone of so many hertz.
    Tone(u32),
    /// What it hears. Such a phone goes on hearing after a hold, which baresip 1.0 with its own recorder does not:
    /// a media direction other than both ways throws away the recorder of what is heard, and never makes a new one.
    WhatItHears,
}

/// How SIP travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A connection.
    Tcp,
    /// An encrypted connection; the server's certificate is not checked.
    Tls,
}

/// A codec, as baresip calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722, wide band.
    G722,
    /// Opus, 48 kHz stereo.
    Opus,
}

/// Whether the sound is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Plain RTP.
    None,
    /// SRTP with keys in the SDP, and no call without it.
    Srtp,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            account: Account::Alone,
            transport: Transport::Udp,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            encryption: Encryption::None,
            says: Says::Tone(440),
            answers_itself: false,
            ip: Ipv4Addr::LOCALHOST.into(),
        }
    }
}

impl Setup {
    /// Writes the files that the phone reads from `folder`.
    pub(super) fn write(&self, name: &str, folder: &Path, sip: SocketAddr, control: SocketAddr) {
        let files = [
            ("config", self.config(folder, sip, control)),
            ("accounts", self.account_line(name, sip)),
            ("contacts", String::new()),
        ];
        for (file, text) in files {
            std::fs::write(folder.join(file), text).expect("the phone's folder can be written");
        }
    }

    /// Where another phone reaches this one without a server.
    pub(super) fn uri(&self, name: &str, sip: SocketAddr) -> String {
        format!("sip:{name}@{sip};transport={}", self.transport)
    }

    fn config(&self, folder: &Path, sip: SocketAddr, control: SocketAddr) -> String {
        let mut config = format!(
            "sip_listen {sip}\n\
             net_interface {}\n\
             ctrl_tcp_listen {control}\n\
             call_max_calls 4\n\
             audio_source {}\n\
             audio_player aubridge,bridge0\n\
             audio_alert aubridge,bell\n\
             snd_path {}\n\
             module_path {}\n",
            self.ip,
            self.says,
            folder.display(),
            module_folder()
        );
        for module in ["ausine", "aubridge", "sndfile", "g711", "g722", "opus", "srtp"] {
            writeln!(config, "module {module}.so").expect("writing to a string cannot fail");
        }
        config + "module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
    }

    fn account_line(&self, name: &str, sip: SocketAddr) -> String {
        let codecs = self.codecs.iter().map(Codec::to_string).collect::<Vec<_>>().join(",");
        let answer = if self.answers_itself { "auto" } else { "manual" };
        let identity = match &self.account {
            Account::Alone => format!("<{}>;regint=0", self.uri(name, sip)),
            Account::Extension {
                username,
                password,
                domain,
                server,
            } => format!(
                "<sip:{username}@{domain};transport={transport}>;auth_user={username};auth_pass={password}\
                 ;outbound=\"sip:{server};transport={transport}\";regint=60;mwi=no",
                transport = self.transport
            ),
        };
        let encryption = match self.encryption {
            Encryption::None => "",
            Encryption::Srtp => ";mediaenc=srtp-mand",
        };
        format!("{identity};answermode={answer};audio_codecs={codecs}{encryption}\n")
    }
}

impl Says {
    /// How baresip's recorder names the sound that this phone hears.
    pub(super) fn recording_of_what_is_heard(self) -> &'static str {
        match self {
            Says::Tone(_) => "-dec.wav",
            Says::WhatItHears => "-enc.wav",
        }
    }
}

impl Display for Says {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // This source makes nothing but 48 kHz stereo.
            Says::Tone(hz) => write!(f, "ausine,{hz}\nausrc_srate 48000\nausrc_channels 2"),
            Says::WhatItHears => f.write_str("aubridge,bridge0"),
        }
    }
}

impl Display for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
        })
    }
}

impl Display for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Codec::Pcmu => "PCMU/8000/1",
            Codec::Pcma => "PCMA/8000/1",
            Codec::G722 => "G722/16000/1",
            Codec::Opus => "opus/48000/2",
        })
    }
}

/// Debian keeps the modules in one folder on every architecture.
fn module_folder() -> &'static str {
    "/usr/lib/baresip/modules"
}
