//! GRUU (RFC 5627): URIs that lead to one device of a user, from everywhere.
//!
//! A public one names the device. A temporary one names nobody: who it is stands in it, but only its maker can read it.

mod temporary;

pub use temporary::{GruuKey, TemporaryGruu};

use smol_str::SmolStr;

use crate::wire::{Host, Scheme, SipUri, unescape};

/// The parameter that makes a URI a GRUU.
const GR: &str = "gr";

/// The public GRUU of the device `instance`, which may stand in angle brackets as in `+sip.instance`.
pub fn public_gruu(username: &str, domain: Host, instance: &str) -> SipUri {
    SipUri::new(Scheme::Sip, domain)
        .with_user(username)
        .with_param(GR, Some(without_brackets(instance)))
}

/// What a URI says if it is a GRUU: the device of a public one, nothing for a temporary one.
pub fn gruu_of(uri: &SipUri) -> Option<Option<SmolStr>> {
    let device = || uri.params().get(GR).filter(|device| !device.is_empty());
    uri.params().contains(GR).then(|| device().map(unescape))
}

/// Whether both are the same device, with brackets or without; URNs do not care about case (RFC 5626 §4.1).
pub fn is_same_instance(one: &str, other: &str) -> bool {
    without_brackets(one).eq_ignore_ascii_case(without_brackets(other))
}

fn without_brackets(instance: &str) -> &str {
    instance.trim_start_matches('<').trim_end_matches('>')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Uri;

    const INSTANCE: &str = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";

    #[test]
    fn a_public_gruu_names_the_device() {
        let gruu = public_gruu("200100", Host::parse("example.com").unwrap(), INSTANCE);
        let text = "sip:200100@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
        assert_eq!(gruu.to_string(), text);
        let read = Uri::parse(text).unwrap();
        let device = gruu_of(read.as_sip().unwrap()).unwrap().unwrap();
        assert!(is_same_instance(&device, INSTANCE));
        assert!(is_same_instance(&device.to_uppercase(), INSTANCE));
        assert!(!is_same_instance("urn:uuid:0", INSTANCE));
    }

    #[test]
    fn a_device_whose_name_a_uri_cannot_hold_is_found_again() {
        let odd = "<urn:uuid:a\\6 \"%7>";
        let printed = public_gruu("200100", Host::parse("example.com").unwrap(), odd).to_string();
        let read = Uri::parse(&printed).unwrap();
        let device = gruu_of(read.as_sip().unwrap()).unwrap().unwrap();
        assert!(is_same_instance(&device, odd), "{printed}");
    }

    #[test]
    fn not_every_address_is_a_gruu() {
        let of = |text| gruu_of(Uri::parse(text).unwrap().as_sip().unwrap());
        assert_eq!(of("sip:200100@example.com"), None);
        assert_eq!(of("sip:tgruu.7hs@example.com;gr"), Some(None));
        assert_eq!(of("sip:tgruu.7hs@example.com;gr="), Some(None));
    }
}
