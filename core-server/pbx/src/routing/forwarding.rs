//! The forwarding rules of an extension, from top to bottom: the first that matches wins (1.H, A30–A33).

use wigwag_model::{
    CallStatus, Destination, Extension, ExtensionId, ForwardTo, ForwardingAction, ForwardingRule,
    ForwardingRuleSettings, HangupCause, PhoneNumber,
};

use super::{
    destination::extension,
    plan::{Arm, Plan, Target},
    planner::Planner,
    trace::TraceStep,
};

/// By which way a call has come to an extension (S110).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// It was called itself.
    Direct,
    /// As a member of a group or queue.
    Group,
}

/// The rules that can matter for calls of this scope.
pub(super) fn of_scope(rules: &[ForwardingRule], scope: Scope) -> impl Iterator<Item = &ForwardingRuleSettings> {
    let in_scope = move |rule: &&ForwardingRuleSettings| rule.enabled && (scope == Scope::Direct || rule.group_calls);
    rules.iter().map(|rule| &rule.settings).filter(in_scope)
}

/// The plan of the first rule that matches a call which is for `id` alone.
pub(super) fn follow(planner: &mut Planner<'_>, id: ExtensionId, status: CallStatus, scope: Scope) -> Option<Plan> {
    let handling = planner.handling;
    let extension = planner.extension(id)?;
    handling.rules(id).iter().find_map(|rule| {
        if !matches(planner, rule, status, scope) {
            return None;
        }
        planner.tell(TraceStep::Rule {
            status,
            key: rule.settings.key,
        });
        match &rule.settings.action {
            ForwardingAction::Forward(ForwardTo::Destination(destination)) => {
                planner.may_go_to(*destination).then(|| {
                    planner.course.followed.push(rule.id);
                    planner.go_to(*destination)
                })
            }
            ForwardingAction::Forward(ForwardTo::Number(number)) => {
                planner.course.followed.push(rule.id);
                let arm = outside_arm(planner, extension, &rule.settings, number)?;
                Some(extension::ring(planner, vec![arm], extension))
            }
            ForwardingAction::Voicemail => {
                planner.tell(TraceStep::ComesLater {
                    kind: "voicemail".into(),
                });
                Some(Plan::Reject(HangupCause::NotAvailable))
            }
            ForwardingAction::Announcement(id) => Some(planner.go_to(Destination::Announcement(*id))),
            ForwardingAction::Busy => Some(Plan::Reject(HangupCause::Busy)),
        }
    })
}

/// What rings for a member of a group instead of its own phones; `None` when no rule matches, nothing to ring when the
/// rule leaves the member out.
pub(super) fn instead(planner: &mut Planner<'_>, member: &Extension, status: CallStatus) -> Option<Vec<Arm>> {
    let handling = planner.handling;
    handling.rules(member.id).iter().find_map(|rule| {
        if !matches(planner, rule, status, Scope::Group) {
            return None;
        }
        planner.tell(TraceStep::Rule {
            status,
            key: rule.settings.key,
        });
        match &rule.settings.action {
            ForwardingAction::Forward(ForwardTo::Number(number)) => {
                let arm = outside_arm(planner, member, &rule.settings, number);
                Some(arm.map(|arm| Arm { screening: true, ..arm }).into_iter().collect())
            }
            ForwardingAction::Forward(ForwardTo::Destination(Destination::Extension(id))) => {
                let other = planner.extension(*id).filter(|other| other.id != member.id)?;
                let arm = extension::arm(planner, other);
                Some(
                    arm.map(|arm| Arm {
                        screening: rule.settings.screening,
                        ..arm
                    })
                    .into_iter()
                    .collect(),
                )
            }
            // A group's call is never swallowed by what one member has set up for calls of its own.
            ForwardingAction::Forward(ForwardTo::Destination(_))
            | ForwardingAction::Voicemail
            | ForwardingAction::Announcement(_)
            | ForwardingAction::Busy => {
                planner.tell(TraceStep::LeftOut);
                Some(Vec::new())
            }
        }
    })
}

fn matches(planner: &mut Planner<'_>, rule: &ForwardingRule, status: CallStatus, scope: Scope) -> bool {
    let settings = &rule.settings;
    let concerns = settings.enabled
        && settings.status == status
        && (scope == Scope::Direct || settings.group_calls)
        && !planner.course.followed.contains(&rule.id);
    if !concerns {
        return false;
    }
    if settings.external_only && !planner.attempt.is_external() {
        planner.tell(TraceStep::RuleForExternalCalls { key: settings.key });
        return false;
    }
    let Some(interval) = settings.interval_id else {
        return true;
    };
    let (holds, name) = planner.holds(interval);
    if !holds {
        planner.tell(TraceStep::RuleAtOtherTimes {
            interval: name.into(),
            key: settings.key,
        });
    }
    holds
}

fn outside_arm(
    planner: &mut Planner<'_>,
    extension: &Extension,
    rule: &ForwardingRuleSettings,
    number: &PhoneNumber,
) -> Option<Arm> {
    let outside = planner
        .outside()
        .forwarded(extension, number, rule.preserve_caller_id)?;
    Some(Arm {
        target: Target::Outside(outside),
        extension: Some(extension.id),
        screening: rule.screening,
        timeout: None,
        course: None,
    })
}
