//! `freemkv mux`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::base::clock::{Clock, SystemClock};
use crate::base::event::{Event, Events};
use crate::base::human::{self, printable};
use crate::base::set::SectorSet;
use crate::base::time::Ticks90;
use crate::demux::m2ts::Layout;
use crate::image::store::free_space_check;
use crate::job::disc::{self, Disc};
use crate::job::source_name::SourceName;
use crate::job::titles::{self, NoTitles, TitleWish, Titles, pick};
use crate::mux::MuxError;
use crate::mux::plan::{self, Core, Options, Plan, Selection};
use crate::mux::report::OutputReport;
use crate::mux::run::{self, Settings};
use crate::os::names;
use crate::scsi::sg_io::Sharing;
use crate::title::from_bluray::BluRay;
use crate::title::select::{Choice, Role, choose};

use super::args::{self, CoreChoice, Format, Languages};
use super::exit::{Exit, Failure};
use super::imaging::bad_name;
use super::{Context, errors, files, mux_words, report, signals};

/// Muxes the titles that were asked for.
///
/// # Errors
/// The disc cannot be read, a title cannot be muxed, or a file cannot be written.
pub(super) fn mux(options: &args::Mux, context: &Context) -> anyhow::Result<Exit> {
    if options.output.as_os_str() == "-" || names::own_descriptor(&options.output).is_some() {
        return Err(Failure::new(Exit::Usage, "writing to standard output does not work yet: name a file").into());
    }
    let name = SourceName::parse(&options.source, options.format == Some(Format::Raw)).map_err(|e| bad_name(&e))?;
    signals::install(&context.cancel, context.display.is_json())?;
    let disc = disc::open_as(&name, options.map.as_deref(), Sharing::Exclusive, &context.cancel)
        .map_err(|e| errors::disc(&e))?;
    disc.notes.iter().for_each(|note| context.display.event(Event::Warning(note.clone())));
    let angle = usize::try_from(options.angle).unwrap_or(1);
    let Titles { disc: bluray, layout } = titles::read(&disc, options.title.as_ref(), angle).map_err(|e| match e {
        NoTitles::Tables(e) => errors::titles(&e, &options.source, disc.missing.as_ref().map_or(0, |m| m.bytes)),
        NoTitles::Stream(e) => failure(&e, &options.source),
    })?;
    bluray.problems.iter().for_each(|problem| context.display.event(Event::Warning(printable(problem))));
    let work = Work { options, context, disc: &disc, bluray: &bluray, layout, missing: missing(&disc) };
    let plans = work.plans()?;
    if options.dry_run {
        tell_plans(&plans, options, context);
        return Ok(Exit::Complete);
    }
    work.room(&plans)?;
    work.write(&plans)
}

/// What is muxed, and how.
struct Work<'a> {
    options: &'a args::Mux,
    context: &'a Context,
    disc: &'a Disc,
    bluray: &'a BluRay,
    layout: Layout,
    missing: SectorSet,
}

/// A title's plan and where its file goes.
struct Target {
    plan: Plan,
    path: PathBuf,
}

impl Work<'_> {
    fn plans(&self) -> anyhow::Result<Vec<Target>> {
        let titles = &self.bluray.titles;
        let no_titles = || Failure::new(Exit::Failed, "this disc has no titles");
        let choice = choose(titles, &[]).ok_or_else(no_titles)?;
        let folder = is_folder(&self.options.output);
        let default = if folder { TitleWish::All } else { TitleWish::Main };
        let wanted = self.options.title.clone().unwrap_or(default);
        let min_length = Ticks90::from_seconds(self.options.min_length.as_secs());
        let picked =
            pick(&wanted, titles, &choice, min_length).map_err(|e| Failure::new(Exit::Usage, e.to_string()))?;
        if picked.len() > 1 && !folder {
            let message = format!("{} titles cannot go into one file", picked.len());
            return Err(Failure::new(Exit::Usage, message).hint("Name a folder, with / at its end.").into());
        }
        if wanted == TitleWish::All {
            self.name_the_left_out(&choice, &picked);
        }
        picked.into_iter().map(|index| self.plan(index, &choice, folder)).collect()
    }

    fn plan(&self, index: usize, choice: &Choice, folder: bool) -> anyhow::Result<Target> {
        let title = &self.bluray.titles[index];
        let about = plan::Disc {
            label: self.disc.files.volume().label.clone(),
            name: self.bluray.name.clone(),
            number: index + 1,
            why: choice.verdicts[index].reasons.iter().map(|r| format!("{} {:+}", r.text, r.points)).collect(),
        };
        let chosen = chosen(self.options);
        let files = self.disc.files.as_ref();
        let plan = plan::plan_as(files, title, &about, &chosen, &self.missing, self.layout, &self.context.cancel)
            .map_err(|e| failure(&e, &self.options.source))?;
        let path = if folder { self.options.output.join(plan.file_name()) } else { self.options.output.clone() };
        Ok(Target { plan, path })
    }

    /// One line for what `all` does not take.
    fn name_the_left_out(&self, choice: &Choice, picked: &[usize]) {
        let left_out: Vec<String> = (0..self.bluray.titles.len())
            .filter(|index| !picked.contains(index))
            .map(|index| format!("{} ({})", self.bluray.titles[index].id, left_out(&choice.verdicts[index].role)))
            .collect();
        if !left_out.is_empty() {
            self.context.display.event(Event::Notice(format!("Left out: {}.", left_out.join(", "))));
        }
    }

    /// Looks for what would be written over, and for room, before anything is written.
    fn room(&self, plans: &[Target]) -> anyhow::Result<()> {
        let mut files = files::of_source(self.options.source.as_ref(), self.options.format);
        self.options.map.iter().for_each(|map| files.reads(map, "the map"));
        plans.iter().for_each(|target| files.writes(&target.path, "the film"));
        files.check().map_err(|clash| files::failure(&clash))?;
        let taken = |target: &&Target| target.path.symlink_metadata().is_ok_and(|there| there.is_file());
        if let Some(target) = plans.iter().find(taken).filter(|_| !self.options.force) {
            return Err(failure(&MuxError::Exists { path: target.path.clone() }, &self.options.source).into());
        }
        if is_folder(&self.options.output) {
            std::fs::create_dir_all(&self.options.output).map_err(|e| {
                Failure::new(Exit::Failed, format!("cannot make {}: {e}", self.options.output.display()))
            })?;
        }
        if self.options.force {
            return Ok(());
        }
        let needed = plans.iter().map(|target| target.plan.size_estimate()).sum();
        let Some(target) = plans.first() else { return Ok(()) };
        match free_space_check(&target.path, needed) {
            Ok(Some(space)) if !space.is_enough() => {
                let (needed, free) = (human::bytes(needed), human::bytes(space.free));
                let message = format!("about {needed} to be written, {free} free for {}", target.path.display());
                Err(Failure::new(Exit::Failed, message).hint("Make room, or go on all the same with --force.").into())
            }
            _ => Ok(()),
        }
    }

    fn write(&self, plans: &[Target]) -> anyhow::Result<Exit> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let settings = Settings { force: self.options.force, ..Settings::new(&self.missing) };
        let (files, cancel) = (self.disc.files.as_ref(), &self.context.cancel);
        let (mut outputs, mut stopped) = (Vec::new(), None);
        for Target { plan, path } in plans {
            match run::run(files, plan, path, &settings, self.context.display.as_ref(), cancel, &clock) {
                Ok(output) => outputs.push(output),
                Err(error) => {
                    stopped = Some(failure(&error, &self.options.source));
                    break;
                }
            }
        }
        self.context.display.clear();
        Ok(tell(&outputs, stopped.as_ref(), self.options, self.context))
    }
}

/// What the person chose of a title.
fn chosen(options: &args::Mux) -> Options {
    let selection = |languages: &Languages| match languages {
        Languages::All => Selection::All,
        Languages::None => Selection::None,
        Languages::Some(codes) => Selection::Languages(codes.clone()),
    };
    let core = match options.core {
        CoreChoice::Keep => Core::Keep,
        CoreChoice::Only => Core::Only,
        CoreChoice::Drop => Core::Drop,
    };
    let (audio, subtitles) = (selection(&options.audio), selection(&options.subs));
    Options { core, audio, subtitles, chapters: !options.no_chapters }
}

/// The sectors that the source lacks.
fn missing(disc: &Disc) -> SectorSet {
    disc.missing.as_ref().map(|missing| missing.sectors.clone()).unwrap_or_default()
}

/// A folder that is there, or a name that ends in `/`.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

fn left_out(role: &Role) -> &'static str {
    match role {
        Role::Own => "too short",
        Role::DuplicateOf(_) => "the same as another",
        Role::ShuffleOf(_) => "the parts of another in another order",
        Role::PlayAll(_) => "plays others one after the other",
        Role::Repetition => "plays the same part over and over",
    }
}

fn tell_plans(plans: &[Target], options: &args::Mux, context: &Context) {
    if context.json {
        let plans: Vec<Value> = plans
            .iter()
            .filter_map(|target| {
                let mut plan = serde_json::to_value(target.plan.summary()).ok()?;
                plan.as_object_mut()?.insert("path".into(), target.path.display().to_string().into());
                Some(plan)
            })
            .collect();
        let object = json!({"command": "mux", "source": options.source, "plan": plans, "outputs": [], "exit_code": 0});
        report::print(&object.to_string());
        return;
    }
    for target in plans {
        report::print(&mux_words::plan(&target.plan.summary(), &target.path));
    }
}

/// Prints what was written and how it ended; returns the exit code.
fn tell(outputs: &[OutputReport], stopped: Option<&Failure>, options: &args::Mux, context: &Context) -> Exit {
    let exit = match stopped {
        Some(failure) => failure.exit,
        None if outputs.iter().all(OutputReport::is_complete) => Exit::Complete,
        None => Exit::Missing,
    };
    if context.json {
        let mut object = json!({
            "command": "mux", "source": options.source, "outputs": outputs, "exit_code": exit.code(),
        });
        if let (Some(failure), Some(object)) = (stopped, object.as_object_mut()) {
            object.insert("error".into(), report::error(failure));
        }
        report::print(&object.to_string());
    } else if !context.quiet {
        outputs.iter().for_each(|output| report::print(&mux_words::output(output)));
    }
    if let Some(failure) = stopped {
        context.display.failure(failure);
    }
    exit
}

/// What ends muxing, as a person sees it.
fn failure(error: &MuxError, source: &str) -> Failure {
    let sentence = error.to_string();
    match error {
        MuxError::Read(files) => errors::files(files, sentence)
            .hint(format!("Image the disc first: freemkv sweep {source} disc.iso, then mux disc.iso.")),
        MuxError::Scrambled { .. } => {
            Failure::new(Exit::Protected, sentence).hint("freemkv decrypts nothing, and no file was written.")
        }
        MuxError::Exists { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Choose another name, or write over it with --force.")
        }
        MuxError::NotAFile { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Name a file, or a folder with / at its end.")
        }
        MuxError::InTheWay { .. } => {
            Failure::new(Exit::Usage, sentence).hint("Move it away, or choose another name for the film.")
        }
        MuxError::Threads(_) => Failure::new(Exit::Failed, sentence).hint(errors::THREADS),
        MuxError::Output(output) if output.is_disk_full() => {
            Failure::new(Exit::Failed, sentence).hint("Make room and run the same command again.")
        }
        MuxError::Stopped => Failure::new(Exit::Stopped, "stopped by a signal; the unfinished file is removed"),
        _ => Failure::new(Exit::Failed, sentence),
    }
}
