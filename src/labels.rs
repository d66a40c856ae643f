//! The label sets of the annotation guide: each an enum with one table (variant, name, definition)
//! from which parsing, printing, help and documentation follow.

/// A string that is not a label of the set it was read for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no {set}; expected one of: {expected}")]
pub struct UnknownLabel {
    /// What was found.
    pub found: String,
    /// The label set that was expected, such as `event`.
    pub set: &'static str,
    /// The names of the set, comma-separated.
    pub expected: String,
}

macro_rules! label_set {
    ($(#[$doc:meta])* $name:ident as $set:literal { $($variant:ident = $label:literal, $definition:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $definition] $variant,)+ }

        impl $name {
            /// All labels in the order of their indices.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The name used in every file format.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $label,)+ }
            }

            /// What the label means, for help and documentation.
            pub const fn definition(self) -> &'static str {
                match self { $($name::$variant => $definition,)+ }
            }

            /// Position in [`Self::ALL`], the class index of the model heads.
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::labels::UnknownLabel;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|l| l.name() == s).ok_or_else(|| $crate::labels::UnknownLabel {
                    found: s.to_owned(),
                    set: $set,
                    expected: Self::ALL.iter().map(|l| l.name()).collect::<Vec<_>>().join(", "),
                })
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.name())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let s = <::std::borrow::Cow<str> as ::serde::Deserialize>::deserialize(d)?;
                s.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use label_set;

label_set! {
    /// Type of a mention, as in CoNLL-2003.
    EntityType as "entity type" {
        Per = "PER", "people, without titles";
        Org = "ORG", "governments' bodies, parties, armed groups, companies, media, international organisations";
        Loc = "LOC", "countries, cities, regions, rivers, bases";
        Misc = "MISC", "nationalities and other adjectives, events, treaties, languages, wars";
    }
}

label_set! {
    /// PLOVER root class of a relation (Open Event Data Alliance 2018).
    Event as "event" {
        Agree = "AGREE", "promises, agrees, signs, ratifies, accepts a plan";
        Consult = "CONSULT", "meets, talks, visits, calls, hosts, mediates";
        Support = "SUPPORT", "praises, backs, recognises, defends, accredits, upgrades ties";
        Cooperate = "COOPERATE", "trades, shares intelligence, joint exercises or projects, extradites";
        Aid = "AID", "gives money, goods, arms, troops or relief";
        Yield = "YIELD", "eases, lifts, delists, releases, withdraws, concedes, resigns, ceases fire";
        Request = "REQUEST", "asks, demands, appeals, urges";
        Accuse = "ACCUSE", "blames, criticises, condemns, sues, investigates";
        Reject = "REJECT", "refuses, denies, vetoes, declines to recognise, walks out";
        Threaten = "THREATEN", "warns of, threatens, gives an ultimatum";
        Protest = "PROTEST", "demonstrates, strikes, lodges public protest";
        Sanction = "SANCTION", "imposes sanctions, embargo, tariffs; expels diplomats, recalls ambassadors, breaks or downgrades ties, suspends aid or treaties";
        Mobilize = "MOBILIZE", "deploys, puts forces on alert, builds up";
        Coerce = "COERCE", "arrests, seizes, blockades, deports, bans, restricts, cyber-attacks, designates as terrorist";
        Assault = "ASSAULT", "attacks, bombs, kills, fights, abducts";
    }
}

label_set! {
    /// Quad class of an event: cooperation or conflict, by word or by deed.
    QuadClass as "quad class" {
        VerbalCooperation = "verbal_cooperation", "agrees, consults, supports";
        MaterialCooperation = "material_cooperation", "cooperates, aids, yields";
        VerbalConflict = "verbal_conflict", "requests, accuses, rejects, threatens";
        MaterialConflict = "material_conflict", "protests, sanctions, mobilizes, coerces, assaults";
    }
}

impl Event {
    /// The quad class that the event belongs to.
    pub const fn quad(self) -> QuadClass {
        match self {
            Event::Agree | Event::Consult | Event::Support => QuadClass::VerbalCooperation,
            Event::Cooperate | Event::Aid | Event::Yield => QuadClass::MaterialCooperation,
            Event::Request | Event::Accuse | Event::Reject | Event::Threaten => QuadClass::VerbalConflict,
            Event::Protest | Event::Sanction | Event::Mobilize | Event::Coerce | Event::Assault => {
                QuadClass::MaterialConflict
            }
        }
    }
}

label_set! {
    /// What a relation is about in the diplomatic relationship of the two sides.
    Act as "act" {
        RecognitionGrant = "recognition.grant", "recognises, or restores relations that had been broken off";
        RecognitionConsider = "recognition.consider", "moves towards recognition";
        RecognitionWithhold = "recognition.withhold", "has not recognised, refuses to, calls it premature";
        RecognitionWithdraw = "recognition.withdraw", "takes recognition back";
        MissionAmbassador = "mission.ambassador", "accredits, sends, accepts or keeps a resident ambassador";
        MissionLower = "mission.lower", "chargé d'affaires, lower-ranking diplomats, consulate, liaison or trade office";
        MissionNonresident = "mission.nonresident", "envoys reside elsewhere, dealt with from a third country";
        MissionOpen = "mission.open", "opens or reopens a mission";
        MissionReduce = "mission.reduce", "closes, recalls, expels, downgrades, breaks ties";
        ContactMeet = "contact.meet", "talks, visit, call";
        ContactMediate = "contact.mediate", "hosts or brokers between others";
        ListingDelist = "listing.delist", "takes off a terror list";
        ListingDesignate = "listing.designate", "puts or keeps on a terror list";
        SanctionsImpose = "sanctions.impose", "imposes sanctions or keeps them in force";
        SanctionsLift = "sanctions.lift", "lifts or eases sanctions";
        TradeExpand = "trade.expand", "trade, investment, transit, energy";
        TradeRestrict = "trade.restrict", "tariffs, embargoes, border closures";
        SecurityCooperate = "security.cooperate", "joint exercises, intelligence, bases, training";
        SecurityConfront = "security.confront", "attacks, clashes, deployments against, threats of force";
        AidGive = "aid.give", "gives money, goods, arms, relief";
        AidSuspend = "aid.suspend", "suspends or cuts aid";
        TreatyJoin = "treaty.join", "signs, ratifies, accedes, allies";
        TreatyLeave = "treaty.leave", "suspends, withdraws";
        SeatSupport = "seat.support", "supports a seat or membership in an international body";
        SeatOppose = "seat.oppose", "opposes a seat or membership in an international body";
        StatementSupport = "statement.support", "praises, backs in words";
        StatementCriticize = "statement.criticize", "criticises, condemns, protests";
        StatementDemand = "statement.demand", "demands, asks, urges";
        PeopleMove = "people.move", "refugees, deportations, visas, prisoner swaps, extradition";
        Other = "other", "anything else";
    }
}

label_set! {
    /// Side of a relation that has a state, kept in the records.
    Facet as "facet" {
        Recognition = "recognition", "is the counterpart recognised";
        Representation = "representation", "at which level the two keep missions";
        Listing = "listing", "is the counterpart on a terror list";
        Sanctions = "sanctions", "are sanctions in force or threatened";
        Trade = "trade", "does trade expand or is it restricted";
        Security = "security", "do they cooperate or confront one another";
        Treaty = "treaty", "have they joined or left a treaty";
        Aid = "aid", "is aid given, pledged or suspended";
        Seat = "seat", "does the actor support a seat of the counterpart";
    }
}

impl Act {
    /// The facet of a record that evidence for this act bears on, if any.
    pub fn facet(self) -> Option<Facet> {
        match self.name().split_once('.').map_or("", |(group, _)| group) {
            "recognition" => Some(Facet::Recognition),
            "mission" => Some(Facet::Representation),
            "listing" => Some(Facet::Listing),
            "sanctions" => Some(Facet::Sanctions),
            "trade" => Some(Facet::Trade),
            "security" => Some(Facet::Security),
            "treaty" => Some(Facet::Treaty),
            "aid" => Some(Facet::Aid),
            "seat" => Some(Facet::Seat),
            _ => None,
        }
    }
}

label_set! {
    /// Stance of the source towards the target in a relation.
    Stance as "stance" {
        Favor = "favor", "for the target";
        Neutral = "neutral", "neither for nor against";
        Against = "against", "against the target";
    }
}

label_set! {
    /// Whether the act happened.
    Modality as "modality" {
        Actual = "actual", "happened, is so, is said";
        Planned = "planned", "announced, offered, intended, under way towards";
        Hypothetical = "hypothetical", "may, if, could, called for by somebody else";
        Denied = "denied", "the text says that it did not or does not happen";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for &l in Act::ALL {
            assert_eq!(l.name().parse::<Act>(), Ok(l));
            assert_eq!(Act::ALL[l.index()], l);
        }
        for &l in Event::ALL {
            assert_eq!(l.name().parse::<Event>(), Ok(l));
        }
        assert!("agree".parse::<Event>().unwrap_err().to_string().contains("AGREE"));
    }

    #[test]
    fn acts_know_their_facet() {
        assert_eq!(Act::MissionReduce.facet(), Some(Facet::Representation));
        assert_eq!(Act::StatementDemand.facet(), None);
        assert_eq!(Act::Other.facet(), None);
    }
}
