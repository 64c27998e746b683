//! The one table of roles and permissions; `docs/roles.md` says it in prose. Pure.

use serde::{Deserialize, Serialize};

use Role::{Admin, Agent, Operator, Scripter, Viewer};

/// The five preset roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Operator,
    Scripter,
    Agent,
    Viewer,
}

/// Whose rows a role sees of what it may see at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Leads given to this user, and the calls of those leads.
    Own,
    All,
}

impl Role {
    pub const ALL: [Role; 5] = [Admin, Operator, Scripter, Agent, Viewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Admin => "admin",
            Operator => "operator",
            Scripter => "scripter",
            Agent => "agent",
            Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    pub fn may(self, key: Key) -> bool {
        key.roles().contains(&self)
    }

    pub fn permissions(self) -> Vec<&'static str> {
        Key::ALL.iter().filter(|key| self.may(**key)).map(|key| key.as_str()).collect()
    }

    pub fn scope(self) -> Scope {
        if self == Agent { Scope::Own } else { Scope::All }
    }

    /// The scripter reads what was said, not who said it: no names, no digits in the transcript.
    pub fn sees_people(self) -> bool {
        self != Scripter
    }
}

/// A marker type per permission; handlers take `Can<Marker>`.
pub trait Permission: Send + Sync + 'static {
    const KEY: Key;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $($role:ident)+;)*) => {
        /// A permission as a value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Key { $($(#[$doc])* $name,)* }

        impl Key {
            pub const ALL: &'static [Key] = &[$(Key::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Key::$name => $text,)* }
            }

            pub fn roles(self) -> &'static [Role] {
                match self { $(Key::$name => &[$(Role::$role,)+],)* }
            }
        }

        $($(#[$doc])* pub struct $name;
        impl Permission for $name { const KEY: Key = Key::$name; })*
    };
}

permissions! {
    /// Own account, own password, the event stream.
    SignedIn = "me": Admin Operator Scripter Agent Viewer;

    UsersRead = "users.read": Admin Viewer;
    UsersManage = "users.manage": Admin;
    AuditRead = "audit.read": Admin Viewer;
    SystemRead = "system.read": Admin Viewer;

    TrunksRead = "trunks.read": Admin Operator Viewer;
    TrunksManage = "trunks.manage": Admin;
    /// Report a line as faulty, and withdraw the report.
    TrunksReport = "trunks.report": Admin;
    EdgesRead = "edges.read": Admin Viewer;
    EdgesManage = "edges.manage": Admin;

    ContactsRead = "contacts.read": Operator Viewer;
    ContactsManage = "contacts.manage": Operator;
    ImportsRead = "imports.read": Operator Viewer;
    ImportsManage = "imports.manage": Operator;
    BlacklistRead = "blacklist.read": Operator Viewer;
    BlacklistManage = "blacklist.manage": Operator;

    LabelsRead = "labels.read": Operator Scripter Agent Viewer;
    LabelsManage = "labels.manage": Scripter;
    /// Choosing a script for a campaign needs no more than this.
    ScriptsRead = "scripts.read": Operator Scripter Viewer;
    ScriptsManage = "scripts.manage": Scripter;

    CampaignsRead = "campaigns.read": Operator Viewer;
    CampaignsManage = "campaigns.manage": Operator;
    /// Start, pause, resume, stop, restart.
    CampaignsControl = "campaigns.control": Operator;

    /// The agent sees the calls of own leads; the scripter sees them without people in them.
    CallsRead = "calls.read": Operator Scripter Agent Viewer;
    RecordingsRead = "recordings.read": Operator Agent Viewer;

    LeadsRead = "leads.read": Operator Agent Viewer;
    /// Accept, follow up, complete the contact's data; presence.
    LeadsWork = "leads.work": Agent;
    /// One number of an accepted lead in full, with a reason.
    LeadsReveal = "leads.reveal": Agent;
    PresenceRead = "presence.read": Operator Agent Viewer;

    ReportsRead = "reports.read": Operator Viewer;
    ReportsExport = "reports.export": Operator Viewer;

    AlertsRead = "alerts.read": Admin Operator Viewer;
    AlertsAcknowledge = "alerts.acknowledge": Admin Operator;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(role: Role) -> Vec<&'static str> {
        role.permissions()
    }

    #[test]
    fn the_viewer_changes_nothing() {
        let changes: Vec<_> = keys_of(Viewer).into_iter().filter(|key| !key.ends_with(".read")).collect();
        assert_eq!(changes, ["me", "reports.export"]);
    }

    #[test]
    fn the_admin_has_no_contacts_scripts_or_campaigns() {
        for walled in ["contacts", "imports", "blacklist", "scripts", "labels", "campaigns", "calls", "leads"] {
            assert!(!keys_of(Admin).iter().any(|key| key.starts_with(walled)), "{walled}");
        }
    }

    #[test]
    fn the_scripter_sees_no_campaign_and_no_agent() {
        for walled in ["campaigns", "leads", "presence", "recordings", "contacts", "trunks"] {
            assert!(!keys_of(Scripter).iter().any(|key| key.starts_with(walled)), "{walled}");
        }
    }
}
