//! `wigwag doctor`: can this machine and configuration run the exchange?

use std::{net::UdpSocket, path::Path, process::ExitCode};

use crate::{
    commands::{open_store, say},
    config::Config,
    data_folder::DataFolder,
    limits, present,
};

/// The least ports for sound that make sense: four for each of ten calls.
const LEAST_PORTS: u32 = 40;

/// Checks everything, says what was found, and fails when something has to be done.
pub(crate) async fn run(data: &Path, config: &Config) -> anyhow::Result<ExitCode> {
    let findings = [
        ("configuration", Ok("understood".to_owned())),
        ("open files", open_files()),
        ("data folder", data_folder(data)),
        ("database and keys", database(data, config).await),
        ("SIP over UDP", sip(config)),
        ("ports for sound", ports(config)),
    ];
    let mut healthy = true;
    for (what, finding) in findings {
        healthy &= finding.is_ok();
        let (mark, text) = match finding {
            Ok(text) => ("ok  ", text),
            Err(text) => ("FAIL", text),
        };
        say(&format!("{mark}  {what}: {text}\n"));
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Finding = Result<String, String>;

fn open_files() -> Finding {
    let files = limits::raise_open_files().map_err(|error| error.to_string())?;
    if files < limits::WANTED_FILES {
        return Err(format!(
            "{files} may be open, {} are wanted: raise `ulimit -n` or LimitNOFILE",
            limits::WANTED_FILES
        ));
    }
    Ok(format!("{files} may be open"))
}

fn data_folder(data: &Path) -> Finding {
    match DataFolder::lock(data) {
        Ok(_) => Ok(format!("{} is ours and free", data.display())),
        Err(crate::data_folder::DataFolderError::InUse(_)) => Ok(format!("{} is in use by a server", data.display())),
        Err(error) => Err(error.to_string()),
    }
}

async fn database(data: &Path, config: &Config) -> Finding {
    let mut entropy = present::entropy().map_err(|error| error.to_string())?;
    let store = open_store(data, config, &mut entropy)
        .await
        .map_err(|error| format!("{error:#}"))?;
    let checked = store.check().await.map_err(|error| error.to_string());
    store.close().await;
    checked.map(|()| "answers".to_owned())
}

fn sip(config: &Config) -> Finding {
    for address in &config.sip.udp {
        if let Err(error) = UdpSocket::bind(address) {
            return Err(format!("cannot listen on {address}: {error} (is a server running?)"));
        }
    }
    Ok(format!("{} address(es) free", config.sip.udp.len()))
}

fn ports(config: &Config) -> Finding {
    match config.media.port_range()? {
        None => Ok("the system chooses".to_owned()),
        Some((first, last)) if u32::from(last - first) + 1 < LEAST_PORTS => {
            Err(format!("{first}-{last} is room for a handful of calls only"))
        }
        Some((first, last)) => Ok(format!(
            "{} for {} calls at a time",
            last - first + 1,
            (last - first + 1) / 4
        )),
    }
}
