//! Starting, asking and stopping the switch.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use thiserror::Error;
use tokio::{
    sync::{SetOnce, mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::{info, warn};
use wigwag_media::{MediaConfig, MediaEvent, MediaPlane, StartError};
use wigwag_model::{
    CallId, DeviceId, ExtensionId, HangupCause, LegId, PhoneNumber, SipUsername, TenantId,
    api::{CallTrace, LiveCall},
};
use wigwag_pbx::{Home, NumberHome, call::Observed, guard::PinGuard, registrar::Binding};
use wigwag_sansio::Entropy;
use wigwag_sip::gruu::GruuKey;
use wigwag_sip_io::{Clock, Endpoint};
use wigwag_store::{Store, StoreError, journal::JournalWriter, trace::Traces};

use crate::{
    arrivals::Arrivals,
    calls::{Mail, Table, Timekeeper},
    config::SwitchConfig,
    configuration,
    core::Core,
    crowd::Crowd,
    directory, figures,
    gate::Gate,
    gateways,
    hosts::Hosts,
    keeper::Keeper,
    lines::Lines,
    metrics::Metrics,
    owner::{CallNumber, Owner},
    prompts::LAST_WORDS,
    pulse,
    registrations::{self, Registrations},
    sink::SwitchSink,
    snapshots::Snapshots,
    subscriptions::{self, Subscriptions},
    texts::Texts,
    trace,
};

/// Changes of registrations, and of subscriptions, that may wait for the database.
const CHANGES: usize = 65_536;
/// How often the end of the last call is looked for while shutting down.
const LOOK: Duration = Duration::from_millis(20);
/// How long the last changes of registrations may take to be written.
const WRITING: Duration = Duration::from_secs(5);

/// What the switch works with.
#[derive(Debug)]
pub struct Parts {
    /// Its settings.
    pub config: SwitchConfig,
    /// The clock that the endpoint was made with.
    pub clock: Clock,
    /// Bound, but not yet serving.
    pub endpoint: Endpoint<Owner>,
    /// Settings of the media plane.
    pub media: MediaConfig,
    /// Companies, phones and bindings.
    pub store: Store,
    /// Where the facts of calls go.
    pub journal: JournalWriter,
    /// Where the stories of calls go.
    pub traces: Arc<Traces>,
    /// For everything that must not be guessed.
    pub entropy: Entropy,
    /// Who guesses PINs, on the phone and elsewhere.
    pub pins: Arc<Mutex<PinGuard>>,
}

/// Why the switch did not start.
#[derive(Debug, Error)]
pub enum SwitchError {
    /// The media threads did not start.
    #[error("sound cannot be carried")]
    Media(#[from] StartError),
    /// The system gives no thread for a socket or for the time of calls.
    #[error("a thread cannot be started")]
    Thread(#[from] io::Error),
    /// The directory or the registrations cannot be loaded.
    #[error("the directory cannot be loaded")]
    Store(#[from] StoreError),
}

/// The running switch; clones are handles to the same.
#[derive(Clone)]
pub struct Switch {
    core: Arc<Core>,
    store: Store,
    tasks: Arc<Mutex<Option<Tasks>>>,
}

/// What runs beside the calls.
struct Tasks {
    /// End at once when they are told to.
    timers: [JoinHandle<()>; 4],
    /// End when they have written what waits.
    keepers: [(JoinHandle<()>, oneshot::Sender<()>); 2],
    timekeeper: Timekeeper,
}

impl Switch {
    /// Begins to answer at once, and then loads the directory and what was registered and subscribed; whoever proves who
    /// it is before that is done waits for it. So nothing else may use the switch before.
    pub async fn start(parts: Parts) -> Result<Switch, SwitchError> {
        let Parts {
            config,
            clock,
            endpoint,
            media,
            store,
            journal,
            traces,
            mut entropy,
            pins,
        } = parts;
        let calls = Arc::new(Table::default());
        let heard_by = calls.clone();
        let media = MediaPlane::start(media, entropy.fork(), move |event| hear(&heard_by, event))?;
        let (changes, changed) = mpsc::channel(CHANGES);
        let (watching, watched) = mpsc::channel(CHANGES);
        let hosts = Hosts::new(&config);
        let gate = Gate::new(config.domain.clone(), hosts.clone(), &mut entropy);
        let mut gruu_key = [0; 32];
        entropy.fill(&mut gruu_key);
        let core = Arc::new(Core {
            gruus: GruuKey::new(gruu_key),
            snapshots: Snapshots::new(store.clone(), config.domain.clone()),
            config,
            clock,
            directory: RwLock::default(),
            loaded: SetOnce::new(),
            arrivals: Arrivals::default(),
            registrations: Registrations::new(changes),
            subscriptions: Subscriptions::new(watching),
            texts: Texts::default(),
            gate,
            crowd: Crowd::default(),
            hosts,
            calls,
            lines: Lines::default(),
            parking: Mutex::default(),
            media,
            journal,
            traces,
            endpoint,
            metrics: Arc::new(Metrics::default()),
            entropy: Mutex::new(entropy),
            gateways_turn: tokio::sync::Mutex::default(),
            pins,
            runtime: tokio::runtime::Handle::current(),
            outside: gateways::Lines::default(),
            draining: false.into(),
        });
        let (stop_keeper, stopped) = oneshot::channel();
        let keeper = Keeper {
            store: store.clone(),
            changes: changed,
        };
        let (stop_watching, watching_stopped) = oneshot::channel();
        let watch_keeper = Keeper {
            store: store.clone(),
            changes: watched,
        };
        let tasks = Tasks {
            timers: [
                tokio::spawn(Registrations::keep_time(core.clone())),
                tokio::spawn(Subscriptions::keep_time(core.clone())),
                tokio::spawn(pulse::feel(core.clone())),
                tokio::spawn(gateways::Lines::keep_up(core.clone())),
            ],
            keepers: [
                (tokio::spawn(keeper.run(stopped)), stop_keeper),
                (tokio::spawn(watch_keeper.run(watching_stopped)), stop_watching),
            ],
            timekeeper: Timekeeper::start(&core)?,
        };
        core.endpoint.serve(Arc::new(SwitchSink(core.clone())))?;
        *core.directory.write() = directory::load(&store).await?;
        registrations::restore(&core, &store).await?;
        subscriptions::restore(&core, &store).await?;
        core.outside.configure(&core);
        core.loaded.set(()).expect("it is set nowhere else");
        Ok(Switch {
            core,
            store,
            tasks: Arc::new(Mutex::new(Some(tasks))),
        })
    }

    /// Makes a company's stored configuration the live one, and ends the registrations of devices that are gone.
    pub async fn configuration_changed(&self, tenant: TenantId, version: u64) -> Result<(), StoreError> {
        configuration::changed(&self.core, tenant, version).await
    }

    /// A SIP username leads to an extension from now on, or nowhere.
    pub fn directory_changed(&self, username: SipUsername, home: Option<(TenantId, ExtensionId)>) {
        let mut directory = self.core.directory.write();
        match home {
            Some((tenant_id, extension_id)) => directory.insert(
                username,
                Home {
                    tenant_id,
                    extension_id,
                },
            ),
            None => directory.remove(&username),
        }
    }

    /// A public number leads to a company from now on, or nowhere.
    pub fn number_changed(&self, number: PhoneNumber, home: Option<NumberHome>) {
        let mut directory = self.core.directory.write();
        match home {
            Some(home) => directory.insert_number(number, home),
            None => directory.remove_number(&number),
        }
    }

    /// The stored gateways are the ones in use from now on.
    pub async fn gateways_changed(&self) -> Result<(), StoreError> {
        directory::reload_gateways(&self.core, &self.store).await
    }

    /// The running calls of a company, oldest first.
    pub fn live_calls(&self, tenant: TenantId) -> Vec<LiveCall> {
        let calls = self.core.calls.of_tenant(tenant);
        calls
            .iter()
            .filter_map(|call| call.live.lock().view().cloned())
            .collect()
    }

    /// The live registrations of a company's extension.
    pub async fn bindings(&self, tenant: TenantId, extension: ExtensionId) -> Result<Vec<Binding>, StoreError> {
        let snapshot = self.core.snapshots.load(tenant).await?;
        let is_theirs = snapshot.is_some_and(|snapshot| snapshot.extension(extension).is_some());
        Ok(if is_theirs {
            let bindings = self.core.registrations.bindings(extension);
            bindings.into_iter().map(Arc::unwrap_or_clone).collect()
        } else {
            Vec::new()
        })
    }

    /// Ends the registrations and connections of a company's device.
    pub async fn sign_out(&self, tenant: TenantId, device: DeviceId) -> Result<(), StoreError> {
        let snapshot = self.core.snapshots.load(tenant).await?;
        if let Some(extension) = snapshot.and_then(|snapshot| snapshot.extension_of(device)) {
            let home = Home {
                tenant_id: tenant,
                extension_id: extension,
            };
            self.core
                .registrations
                .sign_out(&self.core, home, device, self.core.clock.now());
            self.core.subscriptions.sign_out(&self.core, device);
        }
        Ok(())
    }

    /// The story of a company's call, running or over.
    pub async fn trace(&self, tenant: TenantId, call: CallId) -> io::Result<Option<CallTrace>> {
        if let Some(running) = self.core.calls.find(tenant, call) {
            let (reply, answer) = oneshot::channel();
            if self.core.calls.send(running, Mail::Explain(reply))
                && let Ok(trace) = answer.await
            {
                return Ok(Some(trace));
            }
        }
        Ok(self
            .core
            .traces
            .trace(tenant, call)
            .await?
            .map(|text| trace::read(&text)))
    }

    /// Whether new calls are taken.
    pub fn takes_calls(&self) -> bool {
        !self.core.is_draining()
    }

    /// The switch's figures in the Prometheus text format.
    pub fn metrics(&self) -> String {
        figures::print(&self.core)
    }

    /// Takes no new calls, gives the running ones `patience`, ends them with BYE, and stops everything.
    pub async fn shutdown(&self, patience: Duration) {
        let core = &self.core;
        core.draining.store(true, Ordering::Relaxed);
        let patience_ends = Instant::now() + patience;
        while core.calls.len() > 0 && Instant::now() < patience_ends {
            sleep_until(Instant::now() + LOOK).await;
        }
        for call in core.calls.all() {
            let ended = core.calls.send(call, Mail::HangUp(HangupCause::ServerRestarted));
            info!(ended, "a running call is ended");
        }
        let farewell = Instant::now() + Duration::from_secs(3);
        while core.calls.len() > 0 && Instant::now() < farewell {
            sleep_until(Instant::now() + LOOK).await;
        }
        core.endpoint.shutdown().await;
        core.media.clone().shutdown();
        let tasks = self.tasks.lock().take();
        if let Some(tasks) = tasks {
            tasks.stop().await;
        }
        core.calls.close();
    }

    /// Where companies, phones and bindings are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Tasks {
    async fn stop(self) {
        self.timekeeper.stop().await;
        for timer in self.timers {
            timer.abort();
            // An aborted task has nothing to say.
            let _ = timer.await;
        }
        let enough = Instant::now() + WRITING;
        for (keeper, stop) in self.keepers {
            // A keeper that has ended already has nothing left to write.
            let _ = stop.send(());
            if timeout_at(enough, keeper).await.is_err() {
                warn!("the database does not take the last registrations or subscriptions: they are forgotten");
            }
        }
    }
}

/// What the media plane tells goes to the call that it is about, but not on the plane's own threads.
fn hear(calls: &Table, event: MediaEvent) {
    let leg = event.leg();
    let observed = match event {
        MediaEvent::NoMedia { silent_for, .. } => Observed::Silent(silent_for),
        MediaEvent::MediaResumed { .. } => Observed::Heard,
        MediaEvent::Closed { statistics, .. } => Observed::Measured(statistics.figures()),
        MediaEvent::Dtmf { digit, .. } => Observed::Pressed(digit.as_char()),
        MediaEvent::Played {
            programme: LAST_WORDS, ..
        } => Observed::Played,
        MediaEvent::Latched { .. }
        | MediaEvent::Played { .. }
        | MediaEvent::Stopped { .. }
        | MediaEvent::Speaks { .. } => return,
    };
    let mail = Mail::Media {
        leg: LegId(leg.leg),
        observed,
    };
    calls.agenda().post(CallNumber(leg.call), mail);
}

impl std::fmt::Debug for Switch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Switch")
            .field("calls", &self.core.calls.len())
            .finish_non_exhaustive()
    }
}
