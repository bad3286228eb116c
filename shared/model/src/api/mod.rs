//! What the HTTP API takes and gives, shared by the server and every client.
//!
//! Requests refuse unknown fields; answers may gain fields, so clients ignore what they do not know.

mod audit;
mod call;
mod change;
mod destination;
mod device;
mod extension;
mod feature_codes;
mod forwarding_rule;
mod health;
mod hot_desk;
mod live_call;
mod me;
mod number;
mod page;
mod platform;
mod problem;
#[cfg(feature = "openapi")]
mod schema;
mod session;
mod settings;
mod simulation;
mod tenant;
mod timestamp;
mod trace;

pub use audit::{ActorView, AuditEntryView, Facts};
pub use call::{CallLegView, CallView, MediaView, PartyView};
pub use change::Change;
pub(crate) use change::given;
pub use destination::DestinationView;
pub use device::{Binding, DeviceRequest, DeviceView, SipServer, SipSettings, SipTransport};
pub use extension::{ExtensionChange, ExtensionRequest, ExtensionView, KindRequest};
pub use feature_codes::{FeatureCodeView, FeatureCodesChange, FeatureCodesView};
pub use forwarding_rule::{ForwardingRuleView, RuleOrder, Warning};
pub use health::{Health, Readiness};
pub use hot_desk::{HotDeskRequest, HotDeskView, PinChange, PinView};
pub use live_call::{LiveCall, LiveLeg, LiveLegState};
pub use me::{Me, TenantView, UserView};
pub use number::{GiveBackNumber, NumberChanged, NumberView, StockNumberView, TakeNumbers};
pub use page::Page;
pub use platform::{
    ApprovedCallerId, LoadNumbers, NumbersLoaded, PlatformNumberView, PlatformTenantView, RefusedLine, StockPlaceWord,
};
pub use problem::{FieldError, ProblemDetails};
pub use session::{SignIn, SignedIn};
pub use settings::SettingsChange;
pub use simulation::{
    ExtensionName, SimulatedBranch, SimulatedCaller, SimulatedInstead, SimulatedKind, SimulatedOrder, SimulatedOutcome,
    SimulatedRinger, SimulationRequest, SimulationView,
};
pub use tenant::{LimitUse, TenantUsage};
pub use timestamp::{Timestamp, TimestampError};
pub use trace::{CallTrace, LadderDirection, LadderEntry, TraceStep};
