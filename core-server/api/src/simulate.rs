//! What would happen to a call from somebody to somewhere at some time, with every branch and the rules that decide.

use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};
use wigwag_model::{
    ExtensionId, HangupCause, PhoneNumber,
    api::{
        ExtensionName, FieldError, PartyView, SimulatedBranch, SimulatedCaller, SimulatedInstead, SimulatedKind,
        SimulatedOrder, SimulatedOutcome, SimulatedRinger, SimulationRequest, SimulationView,
    },
};
use wigwag_pbx::{
    TenantSnapshot,
    routing::{
        Arm, Attempt, Called, Caller as Calls, DIALLED_CHARS, Instead, NoNumber, Order, Outside, OutsideNumber,
        Outsider, Ring, Simulated, Simulation, Target, TraceStep, simulate,
    },
};
use wigwag_sansio::Pii;
use wigwag_store::StoreError;

use crate::{
    ApiState,
    access::Function,
    caller::Caller,
    error::ApiError,
    extract::{FieldsRefused, JsonBody},
};

pub(crate) fn endpoint() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(simulate_call))
}

/// Tell what would happen to a call
///
/// Decided as a real call would be, from the configuration as it is now, and nobody rings. Limits, such as how many
/// calls may run at once, are not looked at. Admins and owners only.
#[utoipa::path(
    post,
    path = "/v1/simulate",
    tag = "calls",
    security(("bearer" = [])),
    request_body = SimulationRequest,
    responses(
        (status = 200, description = "What would happen, with every branch", body = SimulationView),
        (status = 403, description = "The access level does not allow it"),
        (status = 422, description = "There is no such extension or public number of the company"),
    )
)]
async fn simulate_call(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(request): JsonBody<SimulationRequest>,
) -> Result<Json<SimulationView>, ApiError> {
    caller.require(Function::SimulateCall)?;
    let at = request.at.map_or_else(|| api.now().utc, wigwag_sansio::Utc::from);
    let mut tx = api.store().read(caller.tenant()).await?;
    let mut configuration = tx.configuration().await?.ok_or(StoreError::NoTenant)?.configuration;
    drop(tx);
    // Nobody proves anything here.
    configuration.devices.clear();
    let snapshot = TenantSnapshot::new(configuration, &api.settings().sip_domain);
    let attempt = attempt(&snapshot, request).map_err(|wrong| FieldsRefused(vec![wrong]))?;
    let simulation = simulate(&snapshot, &attempt, at);
    Ok(Json(Told(&snapshot).stage(simulation)))
}

/// Who is supposed to call whom.
fn attempt(snapshot: &TenantSnapshot, request: SimulationRequest) -> Result<Attempt, FieldError> {
    let to = request.to.expose();
    if to.is_empty() || to.len() > DIALLED_CHARS {
        return Err(FieldError::new("to", "length", "must have 1 to 64 characters"));
    }
    let outsider = match request.from {
        SimulatedCaller::Extension(name) => {
            let caller = extension(snapshot, &name)
                .ok_or_else(|| FieldError::new("from.extension", "unknown", "is no extension of the company"))?;
            return Ok(Attempt::dialled(caller, to.as_str()));
        }
        SimulatedCaller::Number(number) => Ok(number),
        SimulatedCaller::Withheld => Err(NoNumber::Withheld),
        SimulatedCaller::Unavailable => Err(NoNumber::Unavailable),
    };
    let area = snapshot.handling().settings().area_code.as_ref();
    let number = PhoneNumber::dialled(to, area).ok();
    let own = number.and_then(|number| snapshot.handling().own_number(&number));
    let own = own.ok_or_else(|| FieldError::new("to", "unknown", "is no public number of the company"))?;
    let outsider = Outsider {
        number: outsider,
        name: None,
    };
    Ok(Attempt {
        caller: Calls::Outside(outsider),
        called: Called::Number(own.id),
    })
}

fn extension(snapshot: &TenantSnapshot, name: &ExtensionName) -> Option<ExtensionId> {
    match name {
        ExtensionName::Number(number) => snapshot.extension_by_number(number),
        ExtensionName::Id(id) => snapshot.extension(*id),
    }
    .map(|extension| extension.id)
}

/// Tells a simulation with the names of a company.
struct Told<'a>(&'a TenantSnapshot);

impl Told<'_> {
    fn stage(&self, simulation: Simulation) -> SimulationView {
        SimulationView {
            steps: sentences(&simulation.trace),
            callee: simulation.callee.map(PartyView::from),
            outcome: self.outcome(simulation.outcome),
        }
    }

    fn outcome(&self, simulated: Simulated) -> SimulatedOutcome {
        match simulated {
            Simulated::Rings {
                ring,
                instead,
                otherwise,
                is_cut,
            } => SimulatedOutcome::Rings {
                order: order(ring.order),
                timeout_s: ring.timeout.as_secs(),
                rings: self.ringers(&ring, &instead),
                otherwise: otherwise.into_iter().map(|branch| self.branch(branch)).collect(),
                is_cut,
            },
            Simulated::Treated(treatment) => SimulatedOutcome::Treated {
                words: treatment.to_string(),
            },
            Simulated::Ends(cause) => SimulatedOutcome::Ends {
                cause,
                cause_words: cause.words().to_owned(),
            },
        }
    }

    fn branch(&self, (cause, then): (HangupCause, Simulation)) -> SimulatedBranch {
        SimulatedBranch {
            cause,
            cause_words: cause.words().to_owned(),
            then: self.stage(then),
        }
    }

    fn ringers(&self, ring: &Ring, instead: &[Instead]) -> Vec<SimulatedRinger> {
        let ringer = |(place, arm)| SimulatedRinger {
            instead: instead
                .iter()
                .filter(|instead| instead.arm == place && !instead.arms.is_empty())
                .map(|instead| self.instead(instead))
                .collect(),
            ..self.ringer(arm)
        };
        ring.arms.iter().enumerate().map(ringer).collect()
    }

    fn instead(&self, instead: &Instead) -> SimulatedInstead {
        SimulatedInstead {
            cause: instead.cause,
            cause_words: instead.cause.words().to_owned(),
            steps: sentences(&instead.trace),
            rings: instead.arms.iter().map(|arm| self.ringer(arm)).collect(),
        }
    }

    fn ringer(&self, arm: &Arm) -> SimulatedRinger {
        let extension = arm.extension.and_then(|id| self.0.extension(id));
        let (kind, number, shown) = match &arm.target {
            Target::Extension(id) => {
                let number = self.0.extension(*id).map(|extension| extension.number.to_string());
                (SimulatedKind::Extension, number.unwrap_or_default(), None)
            }
            Target::Outside(Outside { number, identity, .. }) => {
                (SimulatedKind::Outside, outside(number), identity.shown.clone())
            }
        };
        SimulatedRinger {
            kind,
            number: Pii::new(number),
            name: extension.map(|extension| Pii::new(extension.name.clone())),
            extension_id: arm.extension,
            screening: arm.screening,
            timeout_s: arm.timeout.map(|timeout| timeout.as_secs()),
            shown,
            instead: Vec::new(),
        }
    }
}

fn sentences(trace: &[TraceStep]) -> Vec<Pii<String>> {
    trace.iter().map(|step| Pii::new(step.to_string())).collect()
}

fn order(order: Order) -> SimulatedOrder {
    match order {
        Order::Together => SimulatedOrder::Together,
        Order::OneByOne { every, keep_ringing } => SimulatedOrder::OneByOne {
            every_s: every.as_secs(),
            keep_ringing,
        },
    }
}

fn outside(number: &OutsideNumber) -> String {
    match number {
        OutsideNumber::Public(number) => number.to_string(),
        OutsideNumber::Short(number) | OutsideNumber::Emergency(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Company, TestApi};

    #[tokio::test]
    async fn a_call_is_told_with_what_follows_when_nobody_answers_and_why() {
        let (api, acme) = TestApi::with_company().await;
        let target = json!({"destination": {"kind": "extension", "id": acme.reception.id}});
        let rule = json!({"status": "unanswered", "external_only": true, "action": {"kind": "forward", "to": target}});
        let rules = format!("/v1/extensions/{}/forwarding_rules", acme.workshop.id);
        api.post(&acme.admin, &rules, rule).await.expect(201);
        let number = format!("/v1/numbers/{}", acme.number.id);
        let destination = json!({"kind": "extension", "id": acme.workshop.id});
        let body = json!({"revision": 0, "destination": destination});
        api.put(&acme.admin, &number, body).await.expect(200);

        let asked = json!({"from": {"number": "07700 900123"}, "to": acme.number.number});
        let told = api.post(&acme.admin, "/v1/simulate", asked).await.expect(200);
        assert_eq!(told["steps"][0], "+447700900123 calls from outside");
        assert_eq!(told["callee"]["extension_number"], "102");
        let outcome = &told["outcome"];
        assert_eq!(
            (&outcome["kind"], &outcome["order"]["kind"], &outcome["timeout_s"]),
            (&json!("rings"), &json!("together"), &json!(30))
        );
        assert_eq!(
            (&outcome["rings"][0]["kind"], &outcome["rings"][0]["number"]),
            (&json!("extension"), &json!("102"))
        );
        let branch = |cause: &str| {
            let branches = outcome["otherwise"].as_array().expect("branches");
            branches
                .iter()
                .find(|branch| branch["cause"] == cause)
                .expect("a branch")["then"]
                .clone()
        };
        assert_eq!(branch("no_answer")["outcome"]["rings"][0]["number"], "101");
        assert_eq!(
            branch("no_answer")["steps"][0],
            "Its forwarding rule takes the call, as nobody answers"
        );
        assert_eq!(branch("busy")["outcome"]["cause"], "busy");

        let inside = json!({"from": {"extension": "101"}, "to": "102", "at": "2026-03-29T01:00:00Z"});
        let told = api.post(&acme.admin, "/v1/simulate", inside).await.expect(200);
        assert_eq!(told["outcome"]["otherwise"][1]["then"]["outcome"]["kind"], "ends");
        let code = json!({"from": {"extension": acme.reception.id}, "to": "*74"});
        let told = api.post(&acme.owner, "/v1/simulate", code).await.expect(200);
        assert_eq!(told["outcome"]["kind"], "treated");
        assert_eq!(
            told["outcome"]["words"],
            "The caller hears that no forwarding rule is on, and the call ends"
        );
    }

    #[tokio::test]
    async fn what_a_blocked_caller_meets_is_told_and_strangers_are_refused_by_field() {
        let (mut api, acme) = TestApi::with_company().await;
        let rival = Company::new(&mut api, "rival").await;
        let blocked = json!({"kind": "withheld"});
        api.post(&acme.admin, "/v1/blocked_callers", blocked).await.expect(201);
        let asked = json!({"from": "withheld", "to": acme.number.number});
        let told = api.post(&acme.admin, "/v1/simulate", asked.clone()).await.expect(200);
        assert_eq!(told["outcome"]["cause"], "blocked");
        for (body, field) in [
            (json!({"from": "unavailable", "to": rival.number.number}), "to"),
            (json!({"from": "unavailable", "to": ""}), "to"),
            (
                json!({"from": {"extension": rival.reception.id}, "to": "101"}),
                "from.extension",
            ),
            (json!({"from": {"extension": "999"}, "to": "101"}), "from.extension"),
            (json!({"from": "somebody", "to": "101"}), "from"),
        ] {
            let answer = api.post(&acme.admin, "/v1/simulate", body).await;
            let problem = answer.expect_refusal(422, "invalid_fields");
            assert_eq!(problem["errors"][0]["field"], field);
        }
        api.post(&acme.receptionist, "/v1/simulate", asked)
            .await
            .expect_refusal(403, "not_allowed");
    }
}
