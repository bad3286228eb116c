//! Calls to numbers outside: what may be called, and as whom (S059, S085, A33).

use smol_str::SmolStr;
use wigwag_model::{Extension, PhoneNumber};

use super::{
    attempt::{Called, Caller},
    plan::{Identity, Outside, OutsideNumber},
    planner::Planner,
    trace::TraceStep,
};

/// A way outside for one call.
pub(super) struct Line<'p, 'a>(pub(super) &'p mut Planner<'a>);

impl Line<'_, '_> {
    /// What `extension` dials; nothing where it may not.
    pub(super) fn dialled(&mut self, extension: &Extension, number: PhoneNumber) -> Option<Outside> {
        self.allows(&number).then_some(())?;
        let identity = self.own_identity(extension)?;
        self.0.tell(TraceStep::Outside {
            shown: identity.shown.clone(),
        });
        Some(Outside {
            number: OutsideNumber::Public(number),
            identity,
            diverted_from: None,
        })
    }

    /// A short number of the country, which every company may call that may call at all.
    pub(super) fn short(&mut self, extension: &Extension, number: SmolStr) -> Option<Outside> {
        self.is_open().then_some(())?;
        let identity = self.own_identity(extension)?;
        Some(Outside {
            number: OutsideNumber::Short(number),
            identity,
            diverted_from: None,
        })
    }

    /// A number that `extension` sends its calls to. The caller's own number is shown there if that is wished and
    /// there is one; the network sees the company's in any case.
    pub(super) fn forwarded(&mut self, extension: &Extension, number: &PhoneNumber, preserve: bool) -> Option<Outside> {
        self.allows(number).then_some(())?;
        let own = self.own_identity(extension)?;
        let caller = match &self.0.attempt.caller {
            Caller::Outside(outsider) if preserve => Some(outsider.number.clone().ok()),
            Caller::Outside(_) | Caller::Extension(_) => None,
        };
        let identity = Identity {
            shown: caller.unwrap_or(own.shown),
            network: own.network.clone(),
        };
        self.0.tell(TraceStep::ForwardedOutside {
            number: number.clone(),
            shown: identity.shown.clone(),
        });
        Some(Outside {
            number: OutsideNumber::Public(number.clone()),
            identity,
            diverted_from: self.called_number(),
        })
    }

    /// As whom an extension calls out: its own choice, else the company's, else any number of the company.
    fn own_identity(&mut self, extension: &Extension) -> Option<Identity> {
        let planner = &self.0;
        let handling = planner.handling;
        let chosen = [extension.caller_id.as_ref(), handling.settings().caller_id.as_ref()];
        let chosen = chosen.into_iter().flatten().find(|number| handling.may_show(number));
        let any = || {
            handling
                .numbers()
                .find(|number| number.capabilities.calls)
                .map(|number| &number.number)
        };
        let network = chosen.or_else(any).cloned();
        if network.is_none() {
            self.0.tell(TraceStep::NoCallerId);
            return None;
        }
        let shows = planner.course.shows_number.unwrap_or(!extension.withhold_number);
        if !shows {
            self.0.tell(TraceStep::Withheld);
        }
        Some(Identity {
            shown: network.clone().filter(|_| shows),
            network,
        })
    }

    fn is_open(&mut self) -> bool {
        let suspended = self.0.handling.settings().suspended;
        if suspended {
            self.0.tell(TraceStep::Suspended);
        }
        !suspended
    }

    fn allows(&mut self, number: &PhoneNumber) -> bool {
        if !self.is_open() {
            return false;
        }
        let allowed = number.is_domestic() || self.0.handling.settings().international;
        if !allowed {
            self.0.tell(TraceStep::NoInternational);
        }
        allowed
    }

    /// The public number that the call was for, where it came by one.
    fn called_number(&self) -> Option<PhoneNumber> {
        match &self.0.attempt.called {
            Called::Number(id) => self.0.handling.number(*id).map(|number| number.number.clone()),
            Called::Dialled(_) | Called::Transfer { .. } | Called::Destination(_) => None,
        }
    }
}
