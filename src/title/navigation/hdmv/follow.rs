//! Every way through a disc's programs, and what can be said of what they play.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::super::answer::{How, Navigation, PlayedBy, Under};
use super::super::graph::{Graph, Node, NodeId};
use super::machine::{Machine, Outcome, Place, State, UNFINISHED, Waiting};
use super::programs::Programs;
use super::registers::{PLAYLIST, Registers, TITLE};
use crate::base::allowance::{ALLOCATION, Allowance};
use crate::bluray::program::index::{FIRST_PLAYBACK, Object, TOP_MENU};

/// How much may be followed.
#[derive(Clone, Copy)]
struct Limits {
    /// Bytes that all states take.
    memory: u64,
    /// Commands that are run.
    commands: u32,
    /// Edges that are walked backwards, all playlists together.
    walks: u64,
    /// Register sets with which titles are entered by their numbers.
    contexts: usize,
}

const LIMITS: Limits = Limits { memory: 16 << 20, commands: 1_000_000, walks: 20_000_000, contexts: 8 };

/// The node that nothing follows.
const NOWHERE: NodeId = 0;

const JAVA: &str = "a Java program";
const NO_OBJECTS: &str = "movie objects that cannot be read";
const NO_MENUS: &str = "menus that cannot be read";

/// Follows the programs of a disc.
#[must_use]
pub fn follow(programs: &Programs) -> Navigation {
    run(programs, Machine::new(programs), LIMITS)
}

fn run<'a>(programs: &'a Programs, machine: Machine<'a>, limits: Limits) -> Navigation {
    let mut explorer = Explorer::new(machine, limits);
    let mut starts = explorer.begin();
    if programs.objects.is_none() {
        explorer.blind.insert(NO_OBJECTS);
    }
    if programs.lacks_menus {
        explorer.blind.insert(NO_MENUS);
    }
    starts.numbers = explorer.begin_by_number(starts.first, limits.contexts);
    let mut played = explorer.answer(&starts, limits.walks);
    listed(programs, &mut explorer.blind, &mut played);
    let mut by_id: BTreeMap<String, Vec<PlayedBy>> = BTreeMap::new();
    for ((playlist, under), how) in played {
        by_id.entry(format!("{playlist:05}")).or_default().push(PlayedBy { under, how });
    }
    Navigation::new(by_id, explorer.blind.into_iter().collect())
}

/// A playlist and the title under which it plays.
type Played = BTreeMap<(u32, Under), How>;

/// What the tables of Java programs have.
fn listed(programs: &Programs, blind: &mut BTreeSet<&'static str>, played: &mut Played) {
    for (number, object) in programs.index.entries() {
        let Object::Java(name) = object else { continue };
        blind.insert(JAVA);
        let table = programs.java.get(name).filter(|table| !table.plays_any);
        for playlist in table.into_iter().flat_map(|table| &table.playlists) {
            let how = played.entry((*playlist, under(number))).or_insert(How::Listed);
            *how = (*how).max(How::Listed);
        }
    }
}

fn under(title: u16) -> Under {
    match title {
        FIRST_PLAYBACK => Under::FirstPlay,
        TOP_MENU => Under::Menu,
        title => Under::Title(title),
    }
}

/// Where ways begin.
#[derive(Default)]
struct Starts {
    /// When the disc is inserted.
    first: Option<NodeId>,
    /// When the viewer calls the menu.
    menu: Option<NodeId>,
    /// When the viewer asks for a title.
    numbers: Vec<NodeId>,
}

struct Explorer<'a> {
    machine: Machine<'a>,
    graph: Graph,
    known: HashMap<State, NodeId>,
    open: VecDeque<(NodeId, State)>,
    left: Allowance,
    commands: u32,
    /// Whether a state was left out.
    is_full: bool,
    /// The states that play something, and under which title.
    playing: BTreeMap<NodeId, (u32, Under)>,
    /// What registers hold where the viewer can do something: while something plays, and when an object has ended.
    resting: BTreeMap<NodeId, Registers>,
    blind: BTreeSet<&'static str>,
}

impl<'a> Explorer<'a> {
    fn new(machine: Machine<'a>, limits: Limits) -> Self {
        let mut graph = Graph::default();
        // Nothing follows it.
        graph.add();
        Self {
            machine,
            graph,
            known: HashMap::new(),
            open: VecDeque::new(),
            left: Allowance::new(limits.memory),
            commands: limits.commands,
            is_full: false,
            playing: BTreeMap::new(),
            resting: BTreeMap::new(),
            blind: BTreeSet::new(),
        }
    }

    fn begin(&mut self) -> Starts {
        let registers = Registers::default();
        let first = self.start(FIRST_PLAYBACK, &registers);
        let menu = self.start(TOP_MENU, &registers);
        self.explore();
        Starts { first, menu, numbers: Vec::new() }
    }

    /// The titles that the viewer may ask for, with what registers hold where the disc comes to by itself.
    fn begin_by_number(&mut self, first: Option<NodeId>, most: usize) -> Vec<NodeId> {
        let mut contexts = Vec::new();
        for id in first.map(|first| self.graph.by_itself(first)).unwrap_or_default() {
            let Some(mut registers) = self.resting.get(&id).cloned() else { continue };
            registers.set(TITLE, None);
            registers.set(PLAYLIST, None);
            if contexts.contains(&registers) {
                continue;
            }
            if contexts.len() == most {
                self.blind.insert(UNFINISHED);
                break;
            }
            contexts.push(registers);
        }
        if contexts.is_empty() {
            contexts.push(Registers::default());
        }
        let mut numbers = Vec::new();
        for (title, entry) in (1..FIRST_PLAYBACK).zip(&self.machine.programs.index.titles) {
            if entry.may_be_searched && !self.is_full {
                numbers.extend(contexts.iter().filter_map(|registers| self.start(title, registers)));
            }
        }
        self.explore();
        numbers
    }

    /// The state in which a title begins; `None` where no object does.
    fn start(&mut self, title: u16, registers: &Registers) -> Option<NodeId> {
        match self.machine.start(title, registers) {
            Ok(state) => Some(self.id(state)),
            Err(why) => {
                self.blind.extend(why);
                None
            }
        }
    }

    /// The node of a state, new ones to be explored; [`NOWHERE`] when there is no room for more.
    fn id(&mut self, state: State) -> NodeId {
        if let Some(id) = self.known.get(&state) {
            return *id;
        }
        // Kept in the table, waiting to be explored, resting, and as a node with its edges.
        if !self.left.take(3 * state.memory() + 2 * size_of::<Node>() + 4 * ALLOCATION) {
            self.is_full = true;
            return NOWHERE;
        }
        let id = self.graph.add();
        self.known.insert(state.clone(), id);
        self.open.push_back((id, state));
        id
    }

    fn explore(&mut self) {
        while let Some((id, state)) = self.open.pop_front().filter(|_| !self.is_full) {
            let node = match state.place {
                Place::Playing(waiting) => self.played(id, &state, waiting),
                _ => self.ran(id, state),
            };
            // An edge is kept in both directions.
            self.is_full |= !self.left.take((node.next.len() + node.choices.len()) * 2 * size_of::<NodeId>());
            self.graph.set(id, node);
        }
        if self.is_full {
            self.blind.insert(UNFINISHED);
        }
    }

    fn ran(&mut self, id: NodeId, state: State) -> Node {
        let mut node = Node::default();
        match self.machine.run(state, &mut self.commands) {
            Outcome::Plays(state) => node.next.push(self.id(state)),
            Outcome::Branches(holds, fails) => {
                node.next = vec![self.id(holds), self.id(fails)];
            }
            // What is left is the menu.
            Outcome::Ends(state) => {
                node.choices.extend(self.start(TOP_MENU, &state.registers));
                self.resting.insert(id, state.registers);
            }
            Outcome::Java => {
                self.blind.insert(JAVA);
            }
            Outcome::Lost(why) => {
                self.blind.insert(why);
            }
        }
        node
    }

    fn played(&mut self, id: NodeId, state: &State, waiting: Waiting) -> Node {
        if let Some(title) = state.title() {
            self.playing.insert(id, (waiting.playlist, under(title)));
        }
        self.resting.insert(id, state.registers.clone());
        let after = self.machine.after(state, waiting);
        let choices = self.machine.choices(state, waiting);
        let next = after.into_iter().map(|state| self.id(state)).collect();
        let mut choices: Vec<NodeId> = choices.into_iter().map(|state| self.id(state)).collect();
        if self.machine.may_call_menu(waiting.object) {
            choices.extend(self.start(TOP_MENU, &state.registers));
        }
        Node { next, choices }
    }

    fn answer(&mut self, starts: &Starts, walks: u64) -> Played {
        let mut states: BTreeMap<(u32, Under), Vec<NodeId>> = BTreeMap::new();
        for (id, (playlist, under)) in &self.playing {
            states.entry((*playlist, *under)).or_default().push(*id);
        }
        let mut backward = self.graph.backward(walks);
        let mut played = Played::new();
        for (key, targets) in states {
            let by_itself = backward.sure(&targets, false);
            let chosen = backward.sure(&targets, true);
            let how = match (by_itself, chosen) {
                (Some(by_itself), _) if starts.first.is_some_and(|id| by_itself.contains(&id)) => How::Direct,
                (_, Some(chosen)) => {
                    let any = |mut ids: std::slice::Iter<'_, NodeId>| ids.any(|id| chosen.contains(id));
                    let ends: Vec<NodeId> = starts.first.into_iter().chain(starts.menu).collect();
                    if any(ends.iter()) {
                        How::Button
                    } else if any(starts.numbers.iter()) {
                        How::Number
                    } else {
                        How::Unknown
                    }
                }
                _ => {
                    self.blind.insert(UNFINISHED);
                    How::Unknown
                }
            };
            played.insert(key, how);
        }
        played
    }
}

#[cfg(test)]
#[path = "play_tests.rs"]
mod play_tests;
#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
