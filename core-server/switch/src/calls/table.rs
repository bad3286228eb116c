//! Which call a message belongs to.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use smol_str::SmolStr;
use wigwag_model::{CallId, ExtensionId, LegId, TenantId};
use wigwag_sip::transaction::ServerKey;

use super::{Agenda, Desk, Live, Mail, Running};
use crate::owner::CallNumber;

/// All running calls, and how messages find them.
#[derive(Debug, Default)]
pub(crate) struct Table {
    inner: Mutex<Inner>,
    agenda: Agenda,
}

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    calls: HashMap<CallNumber, Entry>,
    by_tag: HashMap<SmolStr, (CallNumber, LegId)>,
    by_invite: HashMap<ServerKey, CallNumber>,
    by_fingerprint: HashMap<Fingerprint, CallNumber>,
    by_extension: HashMap<ExtensionId, Vec<CallNumber>>,
    by_tenant: HashMap<TenantId, Vec<CallNumber>>,
    by_id: HashMap<CallId, CallNumber>,
    /// Where the legs are now that have gone to other calls.
    moved: HashMap<(CallNumber, LegId), (CallNumber, LegId)>,
    /// Calls that are over for everybody, and only say good-bye.
    retired: usize,
}

/// What tells an INVITE from all others, by whatever way it comes (RFC 3261 §8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint {
    pub(crate) call_id: SmolStr,
    pub(crate) from_tag: SmolStr,
    pub(crate) cseq: u32,
}

/// A running call.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) number: CallNumber,
    pub(crate) call_id: CallId,
    pub(crate) tenant_id: TenantId,
    desk: Arc<Desk<Running, Mail>>,
    pub(crate) live: Arc<Mutex<Live>>,
    invite: ServerKey,
    fingerprint: Fingerprint,
    retired: bool,
    tags: Vec<SmolStr>,
    extensions: Vec<ExtensionId>,
    /// What its legs were in other calls.
    adopted: Vec<(CallNumber, LegId)>,
}

impl Table {
    /// Enters a call that begins with the INVITE of the transaction `invite`; its mail is brought to the desk.
    pub(crate) fn enter(
        &self,
        call_id: CallId,
        tenant_id: TenantId,
        invite: ServerKey,
        fingerprint: Fingerprint,
        live: Arc<Mutex<Live>>,
    ) -> (CallNumber, Arc<Desk<Running, Mail>>) {
        let desk = Arc::new(Desk::new());
        let inner = &mut *self.inner.lock();
        inner.last += 1;
        let number = CallNumber(inner.last);
        let entry = Entry {
            number,
            call_id,
            tenant_id,
            desk: desk.clone(),
            live,
            invite,
            fingerprint: fingerprint.clone(),
            retired: false,
            tags: Vec::new(),
            extensions: Vec::new(),
            adopted: Vec::new(),
        };
        inner.calls.insert(number, entry);
        inner.by_invite.insert(invite, number);
        inner.by_fingerprint.insert(fingerprint, number);
        inner.by_id.insert(call_id, number);
        inner.by_tenant.entry(tenant_id).or_default().push(number);
        (number, desk)
    }

    /// Messages with `tag` as To tag belong to the call's `leg`.
    pub(crate) fn add_tag(&self, number: CallNumber, leg: LegId, tag: &SmolStr) {
        let inner = &mut *self.inner.lock();
        if let Some(entry) = inner.calls.get_mut(&number) {
            entry.tags.push(tag.clone());
            let before = inner.by_tag.insert(tag.clone(), (number, leg));
            if let Some((other, _)) = before.filter(|(other, _)| *other != number)
                && let Some(other) = inner.calls.get_mut(&other)
            {
                other.tags.retain(|known| known != tag);
            }
        }
    }

    /// A leg has gone to another call: what comes for it goes there from now on.
    pub(crate) fn move_leg(&self, from: (CallNumber, LegId), to: (CallNumber, LegId)) {
        let inner = &mut *self.inner.lock();
        let mut names = vec![from];
        if let Some(entry) = inner.calls.get_mut(&from.0) {
            let is_it = |name: &(CallNumber, LegId)| inner.moved.get(name) == Some(&from);
            names.extend(entry.adopted.extract_if(.., |name| is_it(name)));
        }
        inner.moved.extend(names.iter().map(|name| (*name, to)));
        if let Some(entry) = inner.calls.get_mut(&to.0) {
            entry.adopted.extend(names);
        }
    }

    /// The call wants to know when a phone of `extension` registers.
    pub(crate) fn add_extension(&self, number: CallNumber, extension: ExtensionId) {
        let inner = &mut *self.inner.lock();
        if let Some(entry) = inner.calls.get_mut(&number)
            && !entry.extensions.contains(&extension)
        {
            entry.extensions.push(extension);
            inner.by_extension.entry(extension).or_default().push(number);
        }
    }

    /// The call is over: it is shown and counted no longer, but still gets its mail.
    pub(crate) fn retire(&self, number: CallNumber) {
        let inner = &mut *self.inner.lock();
        let Some(entry) = inner.calls.get_mut(&number).filter(|entry| !entry.retired) else {
            return;
        };
        entry.retired = true;
        inner.retired += 1;
        forget(&mut inner.by_tenant, entry.tenant_id, number);
        for extension in entry.extensions.drain(..) {
            forget(&mut inner.by_extension, extension, number);
        }
    }

    /// Forgets a call.
    pub(crate) fn remove(&self, number: CallNumber) {
        let inner = &mut *self.inner.lock();
        let Some(entry) = inner.calls.remove(&number) else {
            return;
        };
        inner.by_invite.remove(&entry.invite);
        inner.by_fingerprint.remove(&entry.fingerprint);
        inner.by_id.remove(&entry.call_id);
        inner.retired -= usize::from(entry.retired);
        entry.adopted.iter().for_each(|name| {
            inner.moved.remove(name);
        });
        entry.tags.iter().for_each(|tag| {
            inner.by_tag.remove(tag);
        });
        forget(&mut inner.by_tenant, entry.tenant_id, number);
        entry
            .extensions
            .iter()
            .for_each(|extension| forget(&mut inner.by_extension, *extension, number));
    }

    /// The call and leg that messages with this To tag belong to.
    pub(crate) fn by_tag(&self, tag: &str) -> Option<(CallNumber, LegId)> {
        self.inner.lock().by_tag.get(tag).copied()
    }

    /// The call that the INVITE of this transaction began.
    pub(crate) fn by_invite(&self, key: ServerKey) -> Option<CallNumber> {
        self.inner.lock().by_invite.get(&key).copied()
    }

    /// Whether a call has begun with this INVITE already.
    pub(crate) fn has_begun(&self, fingerprint: &Fingerprint) -> bool {
        self.inner.lock().by_fingerprint.contains_key(fingerprint)
    }

    /// Brings something to a call, which is turned before this returns, unless somebody else turns it already; false
    /// when the call is over or too much waits for it. Whoever calls this holds no lock.
    pub(crate) fn send(&self, number: CallNumber, mail: Mail) -> bool {
        let inner = self.inner.lock();
        let moved = mail.leg().and_then(|leg| inner.moved.get(&(number, leg)).copied());
        let (number, mail) = match moved {
            Some((number, leg)) => (number, mail.readdressed(leg)),
            None => (number, mail),
        };
        let desk = inner.calls.get(&number).map(|entry| entry.desk.clone());
        drop(inner);
        desk.is_some_and(|desk| desk.bring(mail, Running::take))
    }

    /// What calls are to be turned for besides messages.
    pub(crate) fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    /// The calls that an extension takes part in.
    pub(crate) fn of_extension(&self, extension: ExtensionId) -> Vec<CallNumber> {
        self.inner
            .lock()
            .by_extension
            .get(&extension)
            .cloned()
            .unwrap_or_default()
    }

    /// The calls of a company, oldest first.
    pub(crate) fn of_tenant(&self, tenant: TenantId) -> Vec<Entry> {
        let inner = self.inner.lock();
        let numbers = inner.by_tenant.get(&tenant).map_or(&[][..], Vec::as_slice);
        numbers
            .iter()
            .filter_map(|number| inner.calls.get(number).cloned())
            .collect()
    }

    /// The company's call with this identity, also when it only says good-bye.
    pub(crate) fn find(&self, tenant: TenantId, call_id: CallId) -> Option<CallNumber> {
        let inner = self.inner.lock();
        let number = *inner.by_id.get(&call_id)?;
        (inner.calls.get(&number)?.tenant_id == tenant).then_some(number)
    }

    /// The identity of a company's call.
    pub(crate) fn id_of(&self, tenant: TenantId, number: CallNumber) -> Option<CallId> {
        let inner = self.inner.lock();
        let entry = inner.calls.get(&number).filter(|entry| entry.tenant_id == tenant);
        entry.map(|entry| entry.call_id)
    }

    /// All running calls, oldest first.
    pub(crate) fn all(&self) -> Vec<CallNumber> {
        let inner = self.inner.lock();
        let mut numbers: Vec<CallNumber> = inner.by_id.clone().into_values().collect();
        numbers.retain(|number| inner.calls.get(number).is_some_and(|entry| !entry.retired));
        numbers.sort_unstable();
        numbers
    }

    /// Ends all calls without another word.
    pub(crate) fn close(&self) {
        let calls = std::mem::take(&mut self.inner.lock().calls);
        calls.into_values().for_each(|entry| entry.desk.close());
    }

    /// How many calls are running.
    pub(crate) fn len(&self) -> usize {
        let inner = self.inner.lock();
        inner.calls.len() - inner.retired
    }

    /// How many calls are over and still get mail.
    pub(crate) fn lingering(&self) -> usize {
        self.inner.lock().retired
    }
}

fn forget<K: std::hash::Hash + Eq>(index: &mut HashMap<K, Vec<CallNumber>>, key: K, number: CallNumber) {
    if let Some(numbers) = index.get_mut(&key) {
        numbers.retain(|known| *known != number);
        if numbers.is_empty() {
            index.remove(&key);
        }
    }
}
