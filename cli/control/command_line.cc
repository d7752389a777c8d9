// The control commands' part of the command line.

#include <CLI/CLI.hpp>

#include "cli/control/commands.h"

namespace thresh {
namespace {

void AddPlace(CLI::App* command, PlaceOptions& place) {
  command->add_option("--state", place.state, "State folder of thresh-fetcher and thresh-sink");
  command->add_option("-o,--out", place.out, "Folder of a thresh run, instead of --state");
}

void AddTop(CLI::App& app, TopOptions& o) {
  CLI::App* top = app.add_subcommand("top", "Watch rates, queue, parsers and hosts");
  AddPlace(top, o.place);
  top->add_flag("--once", o.once, "Print one picture and end; so it is without a terminal");
  top->footer(
      "Keys: q quit, p and h sort parsers and hosts, m all metrics by name, up and down scroll,\n"
      "space stops the picture.");
}

void AddTap(CLI::App& app, TapOptions& o) {
  CLI::App* tap = app.add_subcommand("tap", "Watch some of what passes a stage, as it passes");
  AddPlace(tap, o.place);
  tap->add_option("stage", o.stage, "fetch, parse or sink")
      ->required()
      ->check(CLI::IsMember({"fetch", "parse", "sink"}));
  tap->add_option("--recipe", o.recipe, "Only pages of this recipe");
  tap->add_option("--host", o.host, "Only pages of this host, as example.org or example.org:8080");
  tap->add_option("--per-s", o.per_s, "Events to show a second at most")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1000.0));
  tap->add_option("-n,--count", o.count, "End after this many events");
  tap->add_flag("--json", o.json, "Each as a line of JSON");
}

void AddTail(CLI::App& app, TailOptions& o) {
  CLI::App* tail = app.add_subcommand("tail", "Follow the records as they are written");
  AddPlace(tail, o.place);
  tail->add_option("item", o.item, "An item's name, dead or jobs (default: all items)");
  tail->add_option("-n,--lines", o.lines, "Lines to begin with, of each file")
      ->capture_default_str();
  tail->add_flag("--from-start", o.from_start, "Begin with the first line of each file");
  tail->footer("Follows over rotation. Whole lines only, each once.");
}

void AddJobs(CLI::App& app, JobsOptions& o) {
  CLI::App* jobs = app.add_subcommand("jobs", "Jobs that have not ended, and how far they are");
  AddPlace(jobs, o.place);
  jobs->add_option("--job", o.job, "Only those with this label");
  jobs->add_option("--limit", o.limit, "How many to list")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  jobs->add_flag("--json", o.json, "Each as a line of JSON");
}

void AddCancel(CLI::App& app, CancelOptions& o) {
  CLI::App* cancel = app.add_subcommand("cancel", "Drop URLs that wait, as cancelled");
  AddPlace(cancel, o.place);
  cancel->add_option("--job", o.job, "Those of jobs with this label: a feed line's job");
  cancel->add_option("--job-id", o.job_id, "Those of the job with this id, as thresh jobs has it")
      ->check(CLI::PositiveNumber);
  cancel->add_option("--recipe", o.recipe, "Those of this recipe");
  cancel->add_option("--host", o.host, "Those of this host");
  cancel->add_option("urls", o.urls, "These URLs");
  cancel->add_flag("--all", o.all, "All that wait");
  cancel->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
  cancel->footer(
      "All that is given has to fit. Pages under way end as they will: their records are\n"
      "written, but their links are dropped and they are not tried again.\n"
      "Exit status: 0 some were cancelled, 1 nothing matched.");
}

void AddPause(CLI::App& app, const char* name, const char* what, PauseOptions& o) {
  CLI::App* pause = app.add_subcommand(name, what);
  AddPlace(pause, o.place);
  pause->add_option("--host", o.host, "Only this host");
  pause->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
}

void AddDrain(CLI::App& app, DrainOptions& o) {
  CLI::App* drain =
      app.add_subcommand("drain", "Pause, and wait until nothing is under way any more");
  AddPlace(drain, o.place);
  drain->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
}

}  // namespace

struct ControlCommands::Options {
  TopOptions top;
  TapOptions tap;
  TailOptions tail;
  JobsOptions jobs;
  CancelOptions cancel;
  PauseOptions pause, resume;
  DrainOptions drain;
};

ControlCommands::ControlCommands(CLI::App& app) : app_(app), options_(new Options) {
  Options& o = *options_;
  AddTop(app, o.top);
  AddTap(app, o.tap);
  AddTail(app, o.tail);
  AddJobs(app, o.jobs);
  AddCancel(app, o.cancel);
  AddPause(app, "pause", "Ask for nothing new, of one host or of all, until resume", o.pause);
  AddPause(app, "resume", "Go on after pause or drain", o.resume);
  AddDrain(app, o.drain);
}

ControlCommands::~ControlCommands() = default;

std::optional<int> ControlCommands::Run() const {
  const Options& o = *options_;
  if (app_.got_subcommand("top")) return TopCommand(o.top);
  if (app_.got_subcommand("tap")) return TapCommand(o.tap);
  if (app_.got_subcommand("tail")) return TailCommand(o.tail);
  if (app_.got_subcommand("jobs")) return JobsCommand(o.jobs);
  if (app_.got_subcommand("cancel")) return CancelCommand(o.cancel);
  if (app_.got_subcommand("pause")) return PauseCommand(o.pause);
  if (app_.got_subcommand("resume")) return ResumeCommand(o.resume);
  if (app_.got_subcommand("drain")) return DrainCommand(o.drain);
  return std::nullopt;
}

}  // namespace thresh
