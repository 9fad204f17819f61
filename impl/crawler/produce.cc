#include <set>

#include "impl/crawler/crawler.h"

namespace ref::crawler {
namespace {

constexpr std::size_t largest_page = std::size_t{16} << 20;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& each : lines) text += each + '\n';
  return text;
}

// The pages one after the other; why it ended early, or nothing.
std::string read_pages(const options& how, const parts& with, queue& found) {
  fetcher web({how.timeout, how.user_agent, how.referer.empty() ? how.url : how.referer});
  std::optional<std::string> next = resolve("", how.url);
  if (!next) return how.url + ": not an address of http or https";
  std::set<std::string> seen;
  for (int number = 1; next && number <= how.max_pages; ++number) {
    // A gallery may lead back to where it began.
    if (!seen.insert(*next).second) break;
    std::string text;
    const auto keep = [&](std::string_view piece) {
      text += piece;
      return text.size() <= largest_page;
    };
    const fetch_result answer = with.get_page(web, *next, keep);
    if (!answer.error.empty()) return *next + ": " + answer.error;
    if (answer.status != 200) return *next + ": status " + std::to_string(answer.status);
    const page_links links = with.read(text, answer.address);
    with.say("page " + std::to_string(number) + ": " + *next + ": " +
             std::to_string(links.images.size()) + " images");
    if (!links.images.empty()) found.put(joined(links.images));
    next = links.next;
  }
  return {};
}

}  // namespace

int produce(const options& how, const parts& with, queue& found) {
  std::string trouble;
  try {
    trouble = read_pages(how, with, found);
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  if (!trouble.empty()) with.say("no further pages: " + trouble);
  found.put("");
  return trouble.empty() ? all_there : page_failed;
}

}  // namespace ref::crawler
