//! The ways of one call to a number outside.

use wigwag_model::{Gateway, HangupCause};
use wigwag_pbx::{
    call::{Phone, Who},
    gateways::{self, Letter, NoWay, letter},
    routing::{Outside, OutsideNumber},
};

use super::server::Server;
use crate::{core::Core, reach::reach};

/// Servers of one carrier that are tried for a call, and ways of a call altogether; emergency calls try all.
const SERVERS: usize = 2;
const WAYS: usize = 6;

/// The ways to a number outside, the best first.
pub(crate) fn ways(core: &Core, outside: &Outside) -> Result<Vec<Phone>, HangupCause> {
    let is_emergency = matches!(outside.number, OutsideNumber::Emergency(_));
    let known = core.directory.read().gateways();
    let mut entropy = core.entropy.lock().fork();
    let standing = |id| core.outside.standing(id);
    let usable = gateways::ways(&known, standing, is_emergency, &mut entropy).map_err(NoWay::cause)?;
    let (servers, most) = if is_emergency {
        (usize::MAX, usize::MAX)
    } else {
        (SERVERS, WAYS)
    };
    let domain = core.domain();
    let ways = usable.into_iter().flat_map(|gateway| {
        let letter = letter(&gateway.settings, outside, &domain);
        let servers = core.outside.servers(gateway.id).into_iter().take(servers);
        servers.filter_map(move |server| way(core, gateway, server, letter.clone()))
    });
    let ways: Vec<Phone> = ways.take(most).collect();
    Some(ways)
        .filter(|ways| !ways.is_empty())
        .ok_or(HangupCause::NetworkFailure)
}

fn way(core: &Core, gateway: &Gateway, server: Server, letter: Letter) -> Option<Phone> {
    let flow = core.endpoint.flow(&server.destination()).ok()?;
    let reach = reach(&flow);
    Some(Phone {
        who: Who::Gateway(gateway.id),
        contact: letter.request_uri.clone(),
        our_contact: core.contact(&reach),
        reach,
        path: Vec::new(),
        letter: Some(Box::new(letter)),
    })
}
