//! Addresses of devices: nobody makes one up, and what we make leads back to who it was made for.

use wigwag_sip::{
    gruu::{GruuKey, gruu_of, is_same_instance, public_gruu},
    wire::{Host, Uri},
};

/// A URI that claims to lead to a device, or the name of a device.
pub(crate) fn address(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let key = GruuKey::new([7; 32]);
    assert_eq!(key.read(text), None, "no input knows the key");
    if let Ok(uri) = Uri::parse(text)
        && let Some(uri) = uri.as_sip()
    {
        drop(gruu_of(uri));
        assert_eq!(
            key.read(&uri.user().unwrap_or_default()),
            None,
            "no input knows the key"
        );
    }
    names_a_device(&key, text);
}

fn names_a_device(key: &GruuKey, instance: &str) {
    let domain = Host::parse("wigwag.localhost").expect("a host");
    let made = key.temporary(7, instance, "call-id", 1, domain.clone());
    let read = key.read(&made.user().unwrap_or_default()).expect("we made it");
    assert!(read.user == 7 && key.is_of(&read, instance, "call-id") && !key.is_of(&read, instance, "another"));
    let printed = public_gruu("200100", domain, instance).to_string();
    let Ok(again) = Uri::parse(&printed) else {
        panic!("what was printed can be read: {printed}")
    };
    let device = again.as_sip().and_then(gruu_of).expect("it is one");
    let plain = instance.trim_start_matches('<').trim_end_matches('>');
    assert_eq!(device.is_none(), plain.is_empty(), "{printed}");
    assert!(
        device.is_none_or(|device| is_same_instance(&device, instance)),
        "{printed}"
    );
}
