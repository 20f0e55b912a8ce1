//! A player that really plays: it decides by chance, and whatever it plays must have been found.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::super::answer::Under;
use super::tests::{disc, program, with_menu};
use super::*;
use crate::bluray::program::command::{Command, Operand, Operation, Setting};

/// Decisions, one after the other.
struct Chance(std::vec::IntoIter<u8>);

impl Chance {
    /// A number below `end`; `None` when the play is over.
    fn below(&mut self, end: usize) -> Option<usize> {
        Some(usize::from(self.0.next()?) % end.max(1))
    }
}

struct Player<'a> {
    programs: &'a Programs,
    chance: Chance,
    general: HashMap<u16, u32>,
    own: HashMap<u8, u32>,
    suspended: Option<(Suspended, u32)>,
    played: Vec<(u32, Under)>,
    /// The viewer has not chosen anything yet.
    untouched: bool,
}

#[derive(Clone, Copy)]
enum Suspended {
    Object(u16, usize),
    Playlist(u32, u16, usize),
}

/// What happens next.
enum Next {
    Object(u16, usize),
    Playlist(u32, u16, usize),
    Title(u32),
    /// The object has ended.
    Rest,
}

impl Player<'_> {
    fn value(&mut self, operand: Operand) -> Option<u32> {
        Some(match operand {
            Operand::Number(number) => number,
            Operand::General(register) => self.general.get(&register).copied().unwrap_or(0),
            Operand::Player(register) => match self.own.get(&register) {
                Some(value) => *value,
                None => {
                    let value = u32::try_from(self.chance.below(6)?).ok()?;
                    self.own.insert(register, value);
                    value
                }
            },
        })
    }

    /// Plays until chance runs out; a disc that goes round in circles is left.
    fn play(&mut self) -> Option<()> {
        let mut next = Next::Title(u32::from(FIRST_PLAYBACK));
        for _ in 0..200 {
            next = match next {
                Next::Object(object, at) => self.object(object, at)?,
                Next::Playlist(playlist, object, at) => self.playlist(playlist, object, at)?,
                Next::Title(title) => {
                    self.own.insert(4, title);
                    match self.programs.index.object(u16::try_from(title).ok()?) {
                        Some(Object::Movie(object)) => Next::Object(*object, 0),
                        _ => Next::Rest,
                    }
                }
                Next::Rest => self.rest()?,
            };
        }
        None
    }

    fn rest(&mut self) -> Option<Next> {
        self.suspended = None;
        if self.untouched && self.chance.below(2)? == 0 {
            self.untouched = false;
            return Some(Next::Title(1 + u32::try_from(self.chance.below(self.programs.index.titles.len())?).ok()?));
        }
        self.untouched = false;
        Some(Next::Title(u32::from(TOP_MENU)))
    }

    fn playlist(&mut self, playlist: u32, object: u16, at: usize) -> Option<Next> {
        let title = u16::try_from(*self.own.get(&4)?).ok()?;
        self.played.push((playlist, under(title)));
        let menu = self.programs.menus.get(&playlist);
        let places: Vec<_> = menu.into_iter().flat_map(|menu| menu.places()).collect();
        let waits = menu.is_some() && self.programs.endless.contains(&playlist);
        match self.chance.below(3)? {
            0 if !waits => Some(Next::Object(object, at)),
            1 => self.rest(),
            _ if places.is_empty() => (!waits).then_some(Next::Object(object, at)),
            _ => {
                self.untouched = false;
                let place = places[self.chance.below(places.len())?];
                let (page, button) = menu?.button(place)?;
                self.own.extend([(10, u32::from(button.id)), (11, u32::from(page))]);
                self.commands(&button.commands, Suspended::Playlist(playlist, object, at))
            }
        }
    }

    fn object(&mut self, object: u16, at: usize) -> Option<Next> {
        let commands = &self.programs.object(object)?.commands;
        self.commands(commands, Suspended::Object(object, at))
    }

    /// Runs commands: of an object from its place, of a button over its playlist.
    fn commands(&mut self, commands: &[Command], from: Suspended) -> Option<Next> {
        let mut at = if let Suspended::Object(_, at) = from { at } else { 0 };
        for _ in 0..100 {
            let over = match from {
                Suspended::Object(..) => Next::Rest,
                Suspended::Playlist(playlist, object, behind) => Next::Playlist(playlist, object, behind),
            };
            let Some(command) = commands.get(at).copied() else { return Some(over) };
            at += 1;
            let back = match from {
                Suspended::Object(object, _) => Suspended::Object(object, at),
                playlist @ Suspended::Playlist(..) => playlist,
            };
            match command {
                Command::Break => return Some(over),
                Command::Goto(a) => at = self.value(a)? as usize,
                Command::Compare(how, a, b) => at += usize::from(!how.holds(self.value(a)?, self.value(b)?)),
                Command::JumpObject(a) => return Some(Next::Object(u16::try_from(self.value(a)?).ok()?, 0)),
                Command::JumpTitle(a) => {
                    self.suspended = None;
                    return Some(Next::Title(self.value(a)?));
                }
                Command::CallTitle(a) => {
                    let title = self.value(a)?;
                    self.suspended = Some((back, *self.own.get(&4)?));
                    return Some(Next::Title(title));
                }
                Command::Resume => {
                    let Some((place, title)) = self.suspended.take() else { return Some(over) };
                    self.own.insert(4, title);
                    return Some(match place {
                        Suspended::Object(object, at) => Next::Object(object, at),
                        Suspended::Playlist(playlist, object, at) => Next::Playlist(playlist, object, at),
                    });
                }
                Command::Play(a, _) => {
                    let playlist = self.value(a)?;
                    return Some(match back {
                        Suspended::Object(object, at) | Suspended::Playlist(_, object, at) => {
                            Next::Playlist(playlist, object, at)
                        }
                    });
                }
                Command::Stop => {
                    if let Suspended::Playlist(_, object, behind) = from {
                        return Some(Next::Object(object, behind));
                    }
                }
                Command::Set(how, to, from) => self.set(how, to, from)?,
                Command::Player(Setting::ButtonPage, a, b) => {
                    for (register, operand, mask) in [(10, a, 0xffff), (11, b, 0xff)] {
                        let value = self.value(operand)?;
                        if value >> 31 != 0 {
                            self.own.insert(register, value & mask);
                        }
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn set(&mut self, how: Operation, to: Operand, from: Operand) -> Option<()> {
        let (a, b) = (self.value(to)?, self.value(from)?);
        let result = match how.result(a, b) {
            Some(result) => result,
            None => 1 + u32::try_from(self.chance.below(b as usize)?).ok()?,
        };
        if let Operand::General(register) = to {
            self.general.insert(register, result);
            if let (Operation::Swap, Operand::General(register)) = (how, from) {
                self.general.insert(register, a);
            }
        }
        Some(())
    }
}

proptest! {
    #[test]
    fn whatever_a_player_plays_was_found(
        objects in prop::collection::vec(program(), 3..6),
        buttons in prop::collection::vec(program(), 0..3),
        waits: bool,
        plays in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 20),
    ) {
        let objects: Vec<&[Command]> = objects.iter().map(Vec::as_slice).collect();
        let buttons: Vec<&[Command]> = buttons.iter().map(Vec::as_slice).collect();
        let mut programs = with_menu(disc(&objects), &buttons);
        if !waits {
            programs.endless.clear();
        }
        let limits = Limits { contexts: usize::MAX, memory: 1 << 17, ..LIMITS };
        let found = run(&programs, Machine::new(&programs), limits);
        if !found.proves_absence() {
            return Ok(());
        }
        for chance in plays {
            let chance = Chance(chance.into_iter());
            let (general, own) = (HashMap::new(), HashMap::new());
            let mut player =
                Player { programs: &programs, chance, general, own, suspended: None, played: Vec::new(), untouched: true };
            let _ = player.play();
            for (playlist, under) in player.played {
                let ways = found.played_by(&format!("{playlist:05}"));
                prop_assert!(ways.iter().any(|way| way.under == under), "{playlist} under {under} is not in {ways:?}");
            }
        }
    }
}
