#include "impl/crawler/command_line.h"

#include <CLI/CLI.hpp>

namespace ref::crawler {
namespace {

constexpr int wrong_use = 2;

std::chrono::nanoseconds of_seconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

std::optional<int> read_command_line(int argc, char** argv, options& how) {
  CLI::App app{"Downloads the images of a gallery, page after page."};
  app.name("image-crawler");
  app.footer(
      "Status: 0 every image is there, 1 stopped, 2 wrong use, 3 some images are missing,\n"
      "130 and 143 ended by SIGINT and SIGTERM.");
  double timeout = 20;
  double rest = 30;
  app.add_option("URL", how.url, "first page, of http or https")
      ->required()
      ->check([](const std::string& url) {
        return resolve("", url) ? std::string() : "not an address of http or https: " + url;
      });
  app.add_option("DIR", how.directory, "where the images go; made when missing")->required();
  app.add_option("--max-pages", how.max_pages, "pages to read (default 1000)")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--threads", how.threads, "downloads at once (default 4, 16 at most)")
      ->check(CLI::Range(1, 16));
  app.add_option("--timeout", timeout, "seconds for each request (default 20)")
      ->check(CLI::Range(0.001, 86400.0));
  app.add_option("--rest", rest, "seconds to rest after empty answers (default 30)")
      ->check(CLI::Range(0.0, 86400.0));
  app.add_option("--user-agent", how.user_agent, "who asks (default image-crawler/1.0)");
  app.add_option("--referer", how.referer, "where links are said to come from (default URL)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wrong_use;
  }
  how.timeout = of_seconds(timeout);
  how.rest = of_seconds(rest);
  return std::nullopt;
}

}  // namespace ref::crawler
