//! Every way through a DVD's programs, and what can be said of the titles that they play.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::super::answer::{How, Navigation, PlayedBy, Under};
use super::super::graph::{Graph, Node, NodeId};
use super::machine::{Machine, State};
use super::programs::Programs;

/// States that are looked at; commercial discs have some hundreds.
const STATES: usize = 20_000;
/// Edges that are walked backwards, all titles together.
const WALKS: u64 = 5_000_000;

const NO_MENUS: &str = "menus that cannot be read";
const LOST: &str = "a command that leads nowhere";
const UNFINISHED: &str = "more states than are followed";

/// Follows the programs of a disc.
#[must_use]
pub fn follow(programs: &Programs) -> Navigation {
    let mut explorer = Explorer {
        machine: Machine { programs },
        graph: Graph::default(),
        known: HashMap::new(),
        open: VecDeque::new(),
        playing: BTreeMap::new(),
        blind: BTreeSet::new(),
    };
    if programs.lacks_menus {
        explorer.blind.insert(NO_MENUS);
    }
    let first = explorer.machine.first().and_then(|state| explorer.id(state));
    explorer.explore();
    let numbers = (1..).zip(&programs.titles).filter_map(|(number, _)| explorer.machine.title(number));
    let numbers: Vec<State> = numbers.collect();
    let numbers: Vec<NodeId> = numbers.into_iter().filter_map(|state| explorer.id(state)).collect();
    explorer.explore();
    let played = explorer.answer(first, &numbers);
    Navigation::new(played, explorer.blind.into_iter().collect())
}

struct Explorer<'a> {
    machine: Machine<'a>,
    graph: Graph,
    known: HashMap<State, NodeId>,
    open: VecDeque<(NodeId, State)>,
    /// The states in which each title plays.
    playing: BTreeMap<u16, Vec<NodeId>>,
    blind: BTreeSet<&'static str>,
}

impl Explorer<'_> {
    /// The node of a state, new ones to be explored; `None` when there are too many.
    fn id(&mut self, state: State) -> Option<NodeId> {
        if let Some(id) = self.known.get(&state) {
            return Some(*id);
        }
        if self.known.len() >= STATES {
            self.blind.insert(UNFINISHED);
            return None;
        }
        let id = self.graph.add();
        self.known.insert(state.clone(), id);
        self.open.push_back((id, state));
        Some(id)
    }

    fn explore(&mut self) {
        while let Some((id, state)) = self.open.pop_front() {
            if let Some(title) = self.machine.playing(&state) {
                self.playing.entry(title).or_default().push(id);
            }
            let follow = self.machine.follow(&state);
            if follow.is_lost {
                self.blind.insert(LOST);
            }
            let next = follow.next.into_iter().filter_map(|state| self.id(state)).collect();
            let choices = follow.choices.into_iter().filter_map(|state| self.id(state)).collect();
            self.graph.set(id, Node { next, choices });
        }
    }

    /// How each title is played.
    fn answer(&mut self, first: Option<NodeId>, numbers: &[NodeId]) -> BTreeMap<String, Vec<PlayedBy>> {
        let mut backward = self.graph.backward(WALKS);
        let mut played = BTreeMap::new();
        for (title, targets) in &self.playing {
            let by_itself = backward.sure(targets, false);
            let chosen = backward.sure(targets, true);
            let (Some(by_itself), Some(chosen)) = (by_itself, chosen) else {
                self.blind.insert(UNFINISHED);
                continue;
            };
            let how = if first.is_some_and(|id| by_itself.contains(&id)) {
                How::Direct
            } else if first.is_some_and(|id| chosen.contains(&id)) {
                How::Button
            } else if numbers.iter().any(|id| by_itself.contains(id)) {
                How::Number
            } else {
                How::Unknown
            };
            played.insert(title.to_string(), vec![PlayedBy { under: Under::Title(*title), how }]);
        }
        played
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
