//! The demo company: made at the first start with random passwords, found again at every later one.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use wigwag_model::{
    AccessLevel, Author, Device, DeviceDraft, Extension, ExtensionDraft, ExtensionId, TenantId, UserDraft, Username,
    limits,
};
use wigwag_sansio::{Entropy, Secret, Utc};
use wigwag_store::Store;

use crate::cli::Serve;

/// Where the demo's companies and passwords are kept, sealed.
const SETTING: &str = "demo";
/// The first internal number of each demo company.
const FIRST_NUMBER: u32 = 201;
/// The names of the first extensions.
const NAMES: [&str; 3] = ["Reception", "Sales", "Workshop"];

/// How large a demo is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    extensions: u32,
    per_company: u32,
}

impl From<&Serve> for Size {
    fn from(serve: &Serve) -> Self {
        Size {
            extensions: serve.demo_extensions,
            per_company: serve.demo_per_company,
        }
    }
}

/// How to use the demo.
#[derive(Debug)]
pub(crate) struct Demo {
    pub(crate) users: Vec<DemoUser>,
    pub(crate) extensions: Vec<(Extension, Device)>,
}

/// Somebody who can sign in to the demo company.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DemoUser {
    pub(crate) username: String,
    pub(crate) password: Secret<String>,
    pub(crate) access: AccessLevel,
    /// Whether the platform is run with this sign-in.
    #[serde(default)]
    pub(crate) operator: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    companies: Vec<TenantId>,
    users: Vec<DemoUser>,
}

impl Demo {
    /// Makes sure that there are so many demo extensions with a phone each, and people who sign in.
    pub(crate) async fn prepare(store: &Store, size: Size, now: Utc, entropy: &mut Entropy) -> anyhow::Result<Demo> {
        let mut kept: Kept = match store.setting(SETTING).await? {
            Some(text) => serde_json::from_str(text.expose()).context("the demo's settings cannot be read")?,
            None => Kept::default(),
        };
        let companies = size.extensions.div_ceil(size.per_company) as usize;
        if kept.companies.len() < companies {
            for company in kept.companies.len()..companies {
                let tenant = store.create_tenant(&company_name(company), now, entropy).await?;
                kept.companies.push(tenant.id);
            }
            keep(store, &kept, entropy).await?;
        }
        let mut extensions = Vec::new();
        for company in &kept.companies[..companies] {
            let wanted = (size.extensions - extensions.len() as u32).min(size.per_company);
            extensions.extend(phones(store, *company, wanted, now, entropy).await?);
        }
        if kept.users.is_empty() {
            kept.users = people(
                store,
                kept.companies[0],
                extensions.first().map(|(e, _)| e.id),
                now,
                entropy,
            )
            .await?;
            keep(store, &kept, entropy).await?;
        }
        if !kept.users.iter().any(|user| user.operator) {
            kept.users.push(operator(store, kept.companies[0], now, entropy).await?);
            keep(store, &kept, entropy).await?;
        }
        Ok(Demo {
            users: kept.users,
            extensions,
        })
    }
}

async fn keep(store: &Store, kept: &Kept, entropy: &mut Entropy) -> anyhow::Result<()> {
    let text = Secret::new(serde_json::to_string(kept)?);
    store.set_setting(SETTING, &text, entropy).await?;
    Ok(())
}

fn company_name(index: usize) -> String {
    if index == 0 {
        "Demo Company".to_owned()
    } else {
        format!("Demo Company {}", index + 1)
    }
}

/// The first `wanted` extensions of a company, each with a phone; what is missing is made.
async fn phones(
    store: &Store,
    company: TenantId,
    wanted: u32,
    now: Utc,
    entropy: &mut Entropy,
) -> anyhow::Result<Vec<(Extension, Device)>> {
    let mut tx = store.write(company, Author::server(now)).await?;
    let known = tx.extensions().await?;
    let mut phones = Vec::new();
    for index in 0..wanted {
        let number = (FIRST_NUMBER + index).to_string();
        let extension = match known.iter().find(|extension| extension.number.as_str() == number) {
            Some(extension) => extension.clone(),
            None => {
                let name = NAMES
                    .get(index as usize)
                    .map_or_else(|| format!("Desk {number}"), |name| (*name).to_owned());
                let draft = ExtensionDraft::new(number.parse()?, name);
                tx.create_extension(&draft, now, entropy).await?
            }
        };
        let device = match tx.devices(extension.id).await?.into_iter().next() {
            Some(device) => device,
            None => {
                let draft = DeviceDraft {
                    name: "Demo phone".to_owned(),
                    authentication: Default::default(),
                };
                let made = tx.create_device(extension.id, &draft, now, entropy).await?;
                made.context("the extension was there a moment ago")?
            }
        };
        phones.push((extension, device));
    }
    // The switch starts after this, and loads what it finds.
    let _ = tx.commit().await?;
    Ok(phones)
}

/// An owner, an admin and somebody with an extension only.
async fn people(
    store: &Store,
    company: TenantId,
    extension: Option<ExtensionId>,
    now: Utc,
    entropy: &mut Entropy,
) -> anyhow::Result<Vec<DemoUser>> {
    let mut tx = store.write(company, Author::server(now)).await?;
    let mut people = Vec::new();
    let cast = [
        ("demoowner", "Olivia Owner", AccessLevel::Owner),
        ("demoadmin", "Adam Admin", AccessLevel::Admin),
        ("demouser", "Una User", AccessLevel::Extension),
    ];
    for (username, name, access) in cast {
        let password = Secret::new(password(entropy));
        let draft = UserDraft {
            username: username.parse::<Username>().context("a demo username is valid")?,
            name: name.to_owned(),
            access_level: access,
            default_extension_id: extension,
        };
        let hash = wigwag_api::hash_password(&password, entropy);
        tx.create_user(&draft, &hash, now, entropy).await?;
        people.push(DemoUser {
            username: username.to_owned(),
            password,
            access,
            operator: false,
        });
    }
    // The switch starts after this, and loads what it finds.
    let _ = tx.commit().await?;
    Ok(people)
}

/// Somebody who runs the platform, and sees nothing of the company.
async fn operator(store: &Store, company: TenantId, now: Utc, entropy: &mut Entropy) -> anyhow::Result<DemoUser> {
    const USERNAME: &str = "demooperator";
    let username: Username = USERNAME.parse().context("a demo username is valid")?;
    let password = Secret::new(password(entropy));
    let draft = UserDraft {
        username: username.clone(),
        name: "Oscar Operator".to_owned(),
        access_level: AccessLevel::Extension,
        default_extension_id: None,
    };
    let hash = wigwag_api::hash_password(&password, entropy);
    let mut tx = store.write(company, Author::server(now)).await?;
    tx.create_user(&draft, &hash, now, entropy).await?;
    // People are no part of what calls are decided from.
    let _ = tx.commit().await?;
    let mut tx = store.write_platform(Author::server(now)).await?;
    tx.set_operator(&username, true).await?;
    tx.commit().await?;
    Ok(DemoUser {
        username: USERNAME.to_owned(),
        password,
        access: draft.access_level,
        operator: true,
    })
}

/// A random password that meets every rule for passwords.
pub(crate) fn password(entropy: &mut Entropy) -> String {
    let password = format!("{}-{}-{}7K", entropy.word(5), entropy.word(5), entropy.word(5));
    debug_assert!(
        limits::PASSWORD_CHARS.contains(&password.len()),
        "5 + 1 + 5 + 1 + 5 + 2 characters"
    );
    password
}
