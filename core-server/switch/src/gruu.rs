//! Requests to a GRUU of ours reach that very device (RFC 5627 §5.3).

use smol_str::SmolStr;
use wigwag_pbx::registrar::Binding;
use wigwag_sip::{
    gruu::{GruuKey, TemporaryGruu, gruu_of, is_same_instance},
    wire::{Request, Uri},
};

/// The only device that a call may ring.
#[derive(Clone, Debug)]
pub(crate) enum OnlyDevice {
    /// By its name.
    Named(SmolStr),
    /// By what was once said about it.
    Temporary(TemporaryGruu),
}

impl OnlyDevice {
    /// The username and device that a request's GRUU leads to; nothing when it is sent to no GRUU of ours.
    pub(crate) fn of(request: &Request, key: &GruuKey) -> Option<(SmolStr, Self)> {
        let Ok(Uri::Sip(uri)) = request.uri() else {
            return None;
        };
        let user = uri.user()?;
        match gruu_of(&uri)? {
            Some(device) => Some((user, OnlyDevice::Named(device))),
            None => {
                let gruu = key.read(&user)?;
                Some((format!("{:06}", gruu.user).into(), OnlyDevice::Temporary(gruu)))
            }
        }
    }

    /// Whether a binding is this device's.
    pub(crate) fn is(&self, binding: &Binding, key: &GruuKey) -> bool {
        let Some(instance) = binding.key.instance() else {
            return false;
        };
        match self {
            OnlyDevice::Named(device) => is_same_instance(device, instance),
            OnlyDevice::Temporary(gruu) => key.is_of(gruu, instance, &binding.call_id.to_string()),
        }
    }
}
