//! The one definition of the facets: which act and modality leads to which status, and which statuses
//! go together.

use crate::document::{Act, Facet, Modality};
use crate::labels::label_set;

label_set! {
    /// Status of a facet. Each belongs to one facet; the order is the contract's.
    Status as "status" {
        Recognized = "recognized", "recognises the counterpart";
        Considering = "considering", "moves towards recognition";
        Withheld = "withheld", "does not recognise the counterpart";
        Withdrawn = "withdrawn", "has taken recognition back";
        Ambassador = "ambassador", "an ambassador resides";
        Lower = "lower", "a chargé d'affaires, consulate, liaison or trade office";
        Nonresident = "nonresident", "envoys reside in a third country";
        Open = "open", "a mission is open, its level unknown";
        Reduced = "reduced", "mission closed, ambassador recalled, diplomats expelled or ties cut";
        Designated = "designated", "on a terror list";
        Delisting = "delisting", "about to be taken off";
        Delisted = "delisted", "taken off";
        Imposed = "imposed", "sanctions are in force";
        Threatened = "threatened", "sanctions are announced";
        Easing = "easing", "sanctions are about to be lifted";
        Lifted = "lifted", "sanctions were lifted";
        Expanding = "expanding", "trade grows or is agreed on";
        Restricted = "restricted", "tariffs, embargoes or closed borders";
        Cooperating = "cooperating", "joint exercises, intelligence, bases or training";
        Confronting = "confronting", "attacks, clashes or threats of force";
        Joined = "joined", "bound by a treaty";
        Pending = "pending", "about to join";
        Left = "left", "has suspended or left a treaty";
        Giving = "giving", "gives aid";
        Pledged = "pledged", "has promised aid";
        Suspended = "suspended", "has suspended or cut aid";
        Supported = "supported", "backs a seat of the counterpart";
        Opposed = "opposed", "opposes a seat of the counterpart";
    }
}

impl Status {
    /// The facet that the status belongs to.
    pub fn facet(self) -> Facet {
        let definition = DEFINITIONS.iter().find(|d| d.statuses.contains(&self));
        definition.map_or(Facet::Recognition, |d| d.facet)
    }
}

/// A facet: its statuses, what leads to them, and which go together.
pub(super) struct Definition {
    pub(super) facet: Facet,
    pub(super) statuses: &'static [Status],
    acts: &'static [Leads],
    links: &'static [Link],
}

/// What an act leads to: when it happened, when it is planned, and when what it led to is over.
struct Leads {
    act: Act,
    actual: Status,
    planned: Option<Status>,
    over: Option<Status>,
}

impl Leads {
    /// What is so when it is told until when the status lasted.
    const fn until(self, over: Status) -> Self {
        Leads { over: Some(over), ..self }
    }
}

/// Two statuses of which the later stage builds upon the earlier.
///
/// A document that tells both tells a story and does not contradict itself: the later stage holds.
#[derive(Debug)]
pub(super) struct Link {
    later: Status,
    earlier: Status,
    /// Whether the two go together even if other documents tell the earlier one alone.
    pub(super) compatible: bool,
    /// Whether reports of the earlier stage leave a later one standing.
    pub(super) outlasts: Outlasts,
    /// Whether the later stage can only follow upon the earlier, so that telling both tells what was before.
    pub(super) presupposes: bool,
}

/// Whether a status stands when the earlier stage is told after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlasts {
    Never,
    /// Only if the source is not against the target: "has not yet recognised" leaves a step towards recognition
    /// standing.
    IfMild,
    Always,
}

/// What a piece of evidence does to its facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Says that the status holds.
    Tells(Status),
    /// Says that the first status held and has ended in the second.
    Ends(Status, Status),
    /// Counts against the status of the deed and against that of the way there.
    Denies(Status, Option<Status>),
}

use Status::*;

/// A planned act leads to the status that names the way there. Where the status itself names a
/// direction and no deed done (trade expands, armies cooperate, a seat is backed), so does a plan, and aid
/// that is being ended is no longer given.
const fn leads(act: Act, actual: Status, planned: Option<Status>) -> Leads {
    Leads { act, actual, planned, over: None }
}

/// The later stage is news about the earlier, which goes on: a listed group that is being delisted.
const fn goes_on(later: Status, earlier: Status) -> Link {
    Link { later, earlier, compatible: true, outlasts: Outlasts::Always, presupposes: true }
}

/// The later stage includes the earlier: who recognises also considers.
const fn includes(later: Status, earlier: Status) -> Link {
    Link { later, earlier, compatible: true, outlasts: Outlasts::Always, presupposes: false }
}

/// Of two levels told at one time the higher is the present one and the lower its past or part.
const fn exceeds(higher: Status, lower: Status) -> Link {
    Link { later: higher, earlier: lower, compatible: true, outlasts: Outlasts::Never, presupposes: false }
}

/// Who tells of a mission and of its reduction in one breath tells what it was reduced to, or that it is back.
const fn remains(level: Status) -> Link {
    Link { later: level, earlier: Reduced, compatible: false, outlasts: Outlasts::Never, presupposes: false }
}

/// The later stage ends the earlier.
const fn ends(later: Status, earlier: Status) -> Link {
    Link { later, earlier, compatible: false, outlasts: Outlasts::Never, presupposes: true }
}

pub(super) const DEFINITIONS: &[Definition] = &[
    Definition {
        facet: Facet::Recognition,
        statuses: &[Recognized, Considering, Withheld, Withdrawn],
        acts: &[
            leads(Act::RecognitionGrant, Recognized, Some(Considering)).until(Withdrawn),
            leads(Act::RecognitionConsider, Considering, Some(Considering)),
            leads(Act::RecognitionWithhold, Withheld, Some(Withheld)),
            leads(Act::RecognitionWithdraw, Withdrawn, None),
        ],
        links: &[
            includes(Recognized, Considering),
            ends(Withdrawn, Recognized),
            Link { outlasts: Outlasts::IfMild, ..ends(Considering, Withheld) },
        ],
    },
    Definition {
        facet: Facet::Representation,
        statuses: &[Ambassador, Lower, Nonresident, Open, Reduced],
        acts: &[
            leads(Act::MissionAmbassador, Ambassador, None).until(Reduced),
            leads(Act::MissionLower, Lower, None).until(Reduced),
            leads(Act::MissionNonresident, Nonresident, None).until(Reduced),
            leads(Act::MissionOpen, Open, None).until(Reduced),
            leads(Act::MissionReduce, Reduced, None),
        ],
        links: &[
            includes(Ambassador, Open),
            includes(Lower, Open),
            exceeds(Ambassador, Lower),
            exceeds(Ambassador, Nonresident),
            exceeds(Lower, Nonresident),
            exceeds(Open, Nonresident),
            remains(Ambassador),
            remains(Lower),
            remains(Open),
            remains(Nonresident),
        ],
    },
    Definition {
        facet: Facet::Listing,
        statuses: &[Designated, Delisting, Delisted],
        acts: &[
            leads(Act::ListingDesignate, Designated, None).until(Delisted),
            leads(Act::ListingDelist, Delisted, Some(Delisting)),
        ],
        links: &[goes_on(Delisting, Designated), includes(Delisted, Delisting), ends(Delisted, Designated)],
    },
    Definition {
        facet: Facet::Sanctions,
        statuses: &[Imposed, Threatened, Easing, Lifted],
        acts: &[
            leads(Act::SanctionsImpose, Imposed, Some(Threatened)).until(Lifted),
            leads(Act::SanctionsLift, Lifted, Some(Easing)),
        ],
        links: &[
            includes(Imposed, Threatened),
            goes_on(Easing, Imposed),
            includes(Lifted, Easing),
            ends(Lifted, Imposed),
        ],
    },
    Definition {
        facet: Facet::Trade,
        statuses: &[Expanding, Restricted],
        acts: &[leads(Act::TradeExpand, Expanding, Some(Expanding)), leads(Act::TradeRestrict, Restricted, None)],
        links: &[],
    },
    Definition {
        facet: Facet::Security,
        statuses: &[Cooperating, Confronting],
        acts: &[
            leads(Act::SecurityCooperate, Cooperating, Some(Cooperating)),
            leads(Act::SecurityConfront, Confronting, None),
        ],
        links: &[],
    },
    Definition {
        facet: Facet::Treaty,
        statuses: &[Joined, Pending, Left],
        acts: &[leads(Act::TreatyJoin, Joined, Some(Pending)).until(Left), leads(Act::TreatyLeave, Left, None)],
        links: &[includes(Joined, Pending), ends(Left, Joined)],
    },
    Definition {
        facet: Facet::Aid,
        statuses: &[Giving, Pledged, Suspended],
        acts: &[
            leads(Act::AidGive, Giving, Some(Pledged)).until(Suspended),
            leads(Act::AidSuspend, Suspended, Some(Suspended)),
        ],
        links: &[includes(Giving, Pledged)],
    },
    Definition {
        facet: Facet::Seat,
        statuses: &[Supported, Opposed],
        acts: &[leads(Act::SeatSupport, Supported, Some(Supported)), leads(Act::SeatOppose, Opposed, Some(Opposed))],
        links: &[],
    },
];

impl Definition {
    /// What evidence of this act and modality does to the facet, if anything; `ended` when it tells until when
    /// the status lasted.
    pub(super) fn effect(&self, act: Act, modality: Modality, ended: bool) -> Option<Effect> {
        let leads = self.acts.iter().find(|l| l.act == act)?;
        match modality {
            Modality::Actual if ended => leads.over.map(|over| Effect::Ends(leads.actual, over)),
            Modality::Actual => Some(Effect::Tells(leads.actual)),
            Modality::Planned => leads.planned.map(Effect::Tells),
            Modality::Denied => Some(Effect::Denies(leads.actual, leads.planned)),
            Modality::Hypothetical => None,
        }
    }

    /// The link by which `later` builds upon `earlier`.
    pub(super) fn link(&self, later: Status, earlier: Status) -> Option<&'static Link> {
        self.links.iter().find(|l| l.later == later && l.earlier == earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_belongs_to_one_facet_and_every_facet_is_defined() {
        let listed: Vec<Status> = DEFINITIONS.iter().flat_map(|d| d.statuses.iter().copied()).collect();
        assert_eq!(listed, Status::ALL);
        let facets: Vec<Facet> = DEFINITIONS.iter().map(|d| d.facet).collect();
        assert_eq!(facets, Facet::ALL);
    }

    #[test]
    fn every_act_of_a_facet_leads_within_it() {
        for d in DEFINITIONS {
            for &act in Act::ALL.iter().filter(|a| a.facet() == Some(d.facet)) {
                assert!(matches!(d.effect(act, Modality::Actual, false), Some(Effect::Tells(_))), "{act}");
                assert_eq!(d.effect(act, Modality::Hypothetical, false), None, "{act}");
            }
            for l in d.acts {
                assert_eq!(l.act.facet(), Some(d.facet));
                let led_to = [Some(l.actual), l.planned, l.over];
                assert!(led_to.iter().flatten().all(|s| d.statuses.contains(s)));
            }
            for l in d.links {
                assert!(d.statuses.contains(&l.later) && d.statuses.contains(&l.earlier));
                assert!(d.link(l.earlier, l.later).is_none(), "a link has one direction");
            }
        }
    }
}
