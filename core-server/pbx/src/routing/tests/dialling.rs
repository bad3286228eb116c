//! Colleagues, public services, emergency numbers, numbers near by (1.U, A16, A58).

use wigwag_model::HangupCause;

use super::company::{Company, told};
use crate::routing::{Plan, Saying, Treatment};

#[test]
fn three_digits_call_a_colleague_and_six_a_username() {
    let company = Company::new();
    assert_eq!(company.rings(&company.dial("101", "102")), ["102"]);
    assert_eq!(company.rings(&company.dial("101", "103000")), ["103"]);
    let nobody = company.dial("101", "105000");
    assert_eq!(nobody.plan, Plan::Reject(HangupCause::UnknownNumber));
}

#[test]
fn s233_s235_uk_short_numbers_are_dialled_with_44() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    for (dialled, rings) in [
        ("44101", "101"),
        ("44111", "111"),
        ("44159", "159"),
        ("118118", "118118"),
    ] {
        assert_eq!(company.rings(&company.dial("101", dialled)), [rings]);
    }
    // An extension has the bare number; where none has, the caller is told what to dial (A16).
    assert_eq!(company.rings(&company.dial("102", "101")), ["101"]);
    let bare = company.dial("102", "111");
    assert_eq!(
        bare.plan,
        Plan::Treat(Treatment::Say(Saying::DialInstead("44111".into())))
    );
}

#[test]
fn s236_emergency_numbers_go_out_whatever_is_set_up() {
    let mut company = Company::new();
    company.handling.settings.suspended = true;
    for number in ["999", "112", "18000", "*67999", "141112"] {
        let decision = company.dial("101", number);
        let plain = number.trim_start_matches("*67").trim_start_matches("141");
        assert_eq!(company.rings(&decision), [plain], "{:?}", told(&decision));
    }
}

#[test]
fn a_number_near_by_needs_the_company_to_have_an_area_code() {
    let mut company = Company::new();
    company.number("01632 960100", None);
    assert_eq!(
        company.dial("101", "960123").plan,
        Plan::Reject(HangupCause::UnknownNumber)
    );
    company.handling.settings.area_code = Some("01632".parse().expect("an area code"));
    assert_eq!(company.rings(&company.dial("101", "960123")), ["+441632960123"]);
}

#[test]
fn one_can_tell_from_the_trace_why_a_call_failed() {
    let company = Company::new();
    let decision = company.dial("101", "345");
    assert_eq!(
        told(&decision),
        [
            "Extension 101 (Person 101) calls",
            "Dialled: 345",
            "Nobody in the company has the number 345",
            "Refused: Number not recognised"
        ]
    );
}
