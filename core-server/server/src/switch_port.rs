//! The API's view of the switch that runs in this process.

use wigwag_api::{DirectoryChange, Reply, SwitchPort, SwitchUnavailable};
use wigwag_model::{
    CallId, DeviceId, ExtensionId, TenantId,
    api::{Binding, CallTrace, LiveCall, SipTransport},
};
use wigwag_pbx::{NumberHome, registrar};
use wigwag_sansio::Pii;
use wigwag_sip::wire::header::Transport;
use wigwag_switch::Switch;

use crate::keeping::Keeping;

/// The switch of this process.
pub(crate) struct LocalSwitch {
    pub(crate) switch: Switch,
    pub(crate) keeping: Keeping,
}

impl SwitchPort for LocalSwitch {
    fn configuration_changed(&self, tenant: TenantId, version: u64) -> Reply<'_, ()> {
        Box::pin(async move {
            self.switch
                .configuration_changed(tenant, version)
                .await
                .map_err(|_| SwitchUnavailable)
        })
    }

    fn directory_changed(&self, change: DirectoryChange) -> Reply<'_, ()> {
        match change {
            DirectoryChange::Added {
                sip_username,
                tenant,
                extension,
            } => {
                self.switch.directory_changed(sip_username, Some((tenant, extension)));
            }
            DirectoryChange::Removed { sip_username } => self.switch.directory_changed(sip_username, None),
            DirectoryChange::NumberTaken {
                number,
                tenant: tenant_id,
                number_id,
            } => {
                let home = NumberHome { tenant_id, number_id };
                self.switch.number_changed(number, Some(home));
            }
            DirectoryChange::NumberGivenBack { number } => self.switch.number_changed(number, None),
            DirectoryChange::GatewaysChanged => {
                return Box::pin(async { self.switch.gateways_changed().await.map_err(|_| SwitchUnavailable) });
            }
        }
        Box::pin(async { Ok(()) })
    }

    fn live_calls(&self, tenant: TenantId) -> Reply<'_, Vec<LiveCall>> {
        Box::pin(async move { Ok(self.switch.live_calls(tenant)) })
    }

    fn bindings(&self, tenant: TenantId, extension: ExtensionId) -> Reply<'_, Vec<Binding>> {
        Box::pin(async move {
            let bindings = self
                .switch
                .bindings(tenant, extension)
                .await
                .map_err(|_| SwitchUnavailable)?;
            Ok(bindings.iter().map(view).collect())
        })
    }

    fn sign_out_device(&self, tenant: TenantId, device: DeviceId) -> Reply<'_, ()> {
        Box::pin(async move {
            self.switch
                .sign_out(tenant, device)
                .await
                .map_err(|_| SwitchUnavailable)
        })
    }

    fn trace(&self, tenant: TenantId, call: CallId) -> Reply<'_, Option<CallTrace>> {
        Box::pin(async move { self.switch.trace(tenant, call).await.map_err(|_| SwitchUnavailable) })
    }

    fn ready(&self) -> Reply<'_, bool> {
        Box::pin(async { Ok(self.switch.takes_calls()) })
    }

    fn metrics(&self) -> Reply<'_, String> {
        Box::pin(async {
            let mut text = self.switch.metrics();
            self.keeping.print(&mut text);
            Ok(text)
        })
    }
}

fn view(binding: &registrar::Binding) -> Binding {
    Binding {
        device_id: binding.device_id,
        transport: match binding.reach.transport {
            Transport::Udp | Transport::Other(_) => SipTransport::Udp,
            Transport::Tcp => SipTransport::Tcp,
            Transport::Tls => SipTransport::Tls,
            Transport::Ws => SipTransport::Ws,
            Transport::Wss => SipTransport::Wss,
        },
        address: Pii::new(binding.reach.remote.expose().to_string()),
        user_agent: binding.user_agent.as_ref().map(|agent| Pii::new(agent.to_string())),
        expires_at: binding.expires_at.into(),
    }
}
