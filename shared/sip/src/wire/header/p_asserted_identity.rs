//! P-Asserted-Identity: who is calling, said by a trusted network (RFC 3325 §9.1).

use super::support::name_addr_header;

name_addr_header! {
    /// Who is calling, as a trusted network says.
    PAssertedIdentity, List
}

#[cfg(test)]
mod tests {
    use super::{super::support::testing::*, *};

    #[test]
    fn reads_a_telephone_number() {
        reads_as::<PAssertedIdentity>(r#""C" <tel:+441632960000>"#, r#""C" <tel:+441632960000>"#);
    }
}
