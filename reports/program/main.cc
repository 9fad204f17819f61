// assay: says what an implementation of queues, pools, regexes or servers really does.
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <system_error>

#include "reports/program/commands.h"
#include "reports/terminal.h"
#include "reports/version.h"
#include "reports/write_file.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "Says what an implementation of queues, pools, regexes or servers really does, with\n"
      "evidence. TESTEE is the name of a bundled testee (`assay list testees`) or the path of\n"
      "a testee.toml. Exit status: 0 all as expected, 1 deviations, 2 could not run."};
  app.name("assay");
  app.set_version_flag("--version", fmt::format("assay {} ({})", assay::version, assay::commit));
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  assay::program::context state;
  assay::program::add_check(app, state);
  assay::program::add_call(app, state);
  assay::program::add_list(app, state);
  assay::program::add_explain(app, state);
  assay::program::add_sabotage(app, state);
  assay::program::add_bench(app, state);
  assay::program::add_compare(app, state);
  assay::program::add_report(app, state);
  const auto commands = app.get_subcommands([](CLI::App*) { return true; });
  if (argc > 1 && argv[1][0] != '-' &&
      std::none_of(commands.begin(), commands.end(),
                   [&](const CLI::App* each) { return each->get_name() == argv[1]; })) {
    fmt::print(stderr, "assay: there is no command '{}'; `assay --help` lists them\n", argv[1]);
    return assay::program::could_not_run;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? assay::program::as_expected : assay::program::could_not_run;
  }
  return state.status;
}

// Standard error may be closed, too; nobody is left to be told of that.
void complain(const std::exception& error) {
  std::fputs(fmt::format("assay: {}\n", assay::printable(error.what())).c_str(), stderr);
}

}  // namespace

int main(int argc, char** argv) {
  // When a pager or `head` stops reading, a write fails: there is time to end testees and to write
  // files. Then the program ends as others do.
  ::signal(SIGPIPE, SIG_IGN);
  try {
    const int status = run(argc, argv);
    assay::flush_standard_output();
    return status;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) {
      ::signal(SIGPIPE, SIG_DFL);
      ::raise(SIGPIPE);
    }
    complain(error);
  } catch (const std::exception& error) {
    complain(error);
  }
  return assay::program::could_not_run;
}
