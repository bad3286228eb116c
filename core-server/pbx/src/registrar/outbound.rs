//! Whether a phone's flow is managed as RFC 5626 §6 wants it: then its `reg-id` counts, and the answer says so.

use wigwag_sip::wire::{
    Request,
    header::{Contact, Path, Via},
};

use super::Refusal;

/// The option tag.
const OUTBOUND: &str = "outbound";
/// What a proxy says in its Path that keeps the flow of the phone behind it.
const KEEPS_FLOW: &str = "ob";

/// Whether a REGISTER is served as RFC 5626 says.
///
/// # Errors
/// When it has to be, and a proxy in between does not do its part.
pub fn uses_outbound(request: &Request) -> Result<bool, Refusal> {
    let contacts = request.typed_all::<Contact>().unwrap_or_default();
    let asks = contacts
        .iter()
        .any(|contact| contact.instance().is_some() && contact.reg_id().is_some());
    if !(asks && request.supports(OUTBOUND)) {
        Ok(false)
    } else if keeps_flow(request) {
        Ok(true)
    } else if request.requires(OUTBOUND) {
        Err(Refusal::FirstHopLacksOutbound)
    } else {
        Ok(false)
    }
}

/// Whether the phone is connected to us, or to a proxy that keeps its flow; that is the last in the Path.
fn keeps_flow(request: &Request) -> bool {
    if request.typed_all::<Via>().is_ok_and(|vias| vias.len() == 1) {
        return true;
    }
    let path = request.typed_all::<Path>().unwrap_or_default();
    let edge = path.last().and_then(|edge| edge.uri().as_sip());
    edge.is_some_and(|edge| edge.params().contains(KEEPS_FLOW))
}

#[cfg(test)]
mod tests {
    use wigwag_sip::wire::Message;

    use super::*;

    fn register(more: &str) -> Request {
        let text = format!(
            "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK1\r\n\
             From: <sip:200100@example.com>;tag=1\r\nTo: <sip:200100@example.com>\r\nCall-ID: 1\r\n\
             CSeq: 1 REGISTER\r\n{more}Content-Length: 0\r\n\r\n"
        );
        match Message::parse(text.into_bytes().into()) {
            Ok(Message::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    const CONTACT: &str = "Contact: <sip:x@a.invalid;transport=ws>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"\r\n";
    const SUPPORTED: &str = "Supported: path, gruu, outbound\r\n";
    const PROXY: &str = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2\r\n";

    #[test]
    fn a_phone_that_names_itself_and_its_flow_has_it() {
        assert_eq!(uses_outbound(&register(&format!("{CONTACT}{SUPPORTED}"))), Ok(true));
        assert_eq!(uses_outbound(&register(CONTACT)), Ok(false));
        assert_eq!(
            uses_outbound(&register(&format!("Contact: <sip:x@a.invalid>\r\n{SUPPORTED}"))),
            Ok(false)
        );
    }

    #[test]
    fn a_proxy_in_between_has_to_keep_the_flow() {
        let through = |path: &str, tags: &str| uses_outbound(&register(&format!("{PROXY}{path}{CONTACT}{tags}")));
        let (keeps, lacks) = (
            "Path: <sip:core.example.com;lr>, <sip:edge.example.com;lr;ob>\r\n",
            "Path: <sip:core.example.com;lr;ob>, <sip:edge.example.com;lr>\r\n",
        );
        assert_eq!(through(keeps, SUPPORTED), Ok(true));
        assert_eq!(through(lacks, SUPPORTED), Ok(false));
        assert_eq!(through("", SUPPORTED), Ok(false));
        assert_eq!(
            through(lacks, "Require: outbound\r\n"),
            Err(Refusal::FirstHopLacksOutbound)
        );
    }
}
