#include "bench/regex_texts.h"

#include <random>

#include "impl/regex/byte_set.h"
#include "impl/regex/scan.h"

namespace assay::bench {
namespace {

// Prose without digits, dashes and tags: small letters, spaces, full stops.
std::string prose(std::mt19937& random, std::size_t bytes) {
  std::string text;
  std::uniform_int_distribution<int> letter('a', 'z');
  std::uniform_int_distribution<int> length(2, 9);
  while (text.size() < bytes) {
    for (int i = length(random); i > 0; --i) text += static_cast<char>(letter(random));
    text += random() % 12 == 0 ? ".\n" : " ";
  }
  return text;
}

// Prose in paragraphs with links, as a page has them.
std::string page(std::mt19937& random, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += "<p>" + prose(random, 60) + "<a href='" + prose(random, 8) + "'>";
    text += prose(random, 10) + "</a></p>\n";
  }
  return text;
}

constexpr std::size_t shortest_page = 1024;

using filler = std::string (*)(std::mt19937&, std::size_t);

// Filling with a piece after about every so many bytes. A text shorter than a page's paragraphs is
// prose about one piece.
std::string sprinkled(std::size_t bytes, std::size_t distance, filler filling,
                      const std::function<std::string(std::size_t)>& piece, std::size_t& pieces) {
  std::mt19937 random(20260101);
  std::string text;
  if (bytes < shortest_page) {
    distance = bytes / 2;
    filling = prose;
  }
  for (pieces = 0; text.size() + distance < bytes; ++pieces) {
    text += filling(random, distance);
    text += piece(pieces);
  }
  return text + filling(random, bytes > text.size() ? bytes - text.size() : 0);
}

// Every place of a literal; `take` gets the text behind it and says how much of that it used.
template <typename Take>
void each_place(std::string_view text, std::string_view literal, Take&& take) {
  std::size_t at = 0;
  while ((at = ref::scan::find(text, at, literal)) != std::string_view::npos) {
    at += literal.size();
    at += take(text.substr(at));
  }
}

std::size_t digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  return count;
}

regex_case lazy_digits(std::size_t bytes) {
  regex_case made{"P1 lazy digits between letters", "a lazy repeat between two literals, few hits",
                  R"(aa(\d+?)ddd)"};
  made.text = sprinkled(
      bytes, 1000, prose, [](std::size_t i) { return i % 4 == 3 ? "aa23d " : "aa2343ddd "; },
      made.expected.matches);
  made.expected.matches -= made.expected.matches / 4;
  made.expected.length = 4 * made.expected.matches;
  made.floor = [](std::string_view text) {
    found all;
    each_place(text, "aa", [&](std::string_view rest) {
      const std::size_t count = digits(rest);
      if (count == 0 || rest.substr(count, 3) != "ddd") return std::size_t{0};
      ++all.matches;
      all.length += count;
      return count + 3;
    });
    return all;
  };
  return made;
}

regex_case numbers_behind_dashes(std::size_t bytes) {
  regex_case made{"P2a number behind a dash", "the notes' telephone number, 2,000 hits a MiB",
                  R"(([^-]*)-(\d+))"};
  std::size_t pieces = 0;
  made.text = sprinkled(
      bytes, 500, prose, [](std::size_t) { return "-12345678"; }, pieces);
  made.text += "-0";  // so that the first group of each match is all that stands before
  made.expected = {pieces + 1, made.text.size() - (pieces + 1)};
  made.floor = [](std::string_view text) {
    found all;
    each_place(text, "-", [&](std::string_view rest) {
      const std::size_t count = digits(rest);
      if (count > 0) ++all.matches;
      return count;
    });
    all.length = text.size() - all.matches;
    return all;
  };
  return made;
}

regex_case no_dash(std::size_t bytes) {
  regex_case made{"P2b the same without a hit", "what a failing search costs where [^-]* runs far",
                  R"(([^-]*)-(\d+))"};
  std::size_t pieces = 0;
  made.text = sprinkled(
      bytes, 300, page, [](std::size_t) { return "<p class='a'>12345</p>\n"; }, pieces);
  made.floor = [](std::string_view text) {
    found all;
    each_place(text, "-", [&](std::string_view) {
      ++all.matches;
      return std::size_t{0};
    });
    return all;
  };
  return made;
}

regex_case image_addresses(std::size_t bytes) {
  regex_case made{"P3 attribute of an image", "the crawler's lazy capture between quotes",
                  R"(data-original='(.*?)')"};
  made.text = sprinkled(
      bytes, 900, page, [](std::size_t) { return "<img data-original='http://h/i/00.jpg'>\n"; },
      made.expected.matches);
  made.expected.length = 17 * made.expected.matches;
  made.floor = [](std::string_view text) {
    found all;
    each_place(text, "data-original='", [&](std::string_view rest) {
      const std::size_t end = rest.find('\'');
      ++all.matches;
      all.length += end;
      return end + 1;
    });
    return all;
  };
  return made;
}

regex_case tags(std::size_t bytes) {
  regex_case made{"P4 tags that match", "the notes' nested tags, closed by backreferences",
                  R"(<(\w*)><(\w*)>.*</\2></\1>)"};
  made.text = sprinkled(
      bytes, 900, page,
      [](std::size_t i) {
        return i % 2 == 0 ? "<html><h1>www</h1></html>\n" : "<html><h1>www</h1></body>\n";
      },
      made.expected.matches);
  made.expected.matches = (made.expected.matches + 1) / 2;
  made.expected.length = 6 * made.expected.matches;
  made.floor = [](std::string_view text) {
    found all;
    each_place(text, "<html><h1>", [&](std::string_view rest) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      if (!line.ends_with("</h1></html>")) return line.size();
      ++all.matches;
      all.length += 6;
      return line.size();
    });
    return all;
  };
  return made;
}

regex_case all_numbers(std::size_t bytes) {
  regex_case made{"P5 substitution of numbers", "sub with a template, 22,000 hits a MiB", R"(\d+)"};
  made.substitutes = true;
  made.text = sprinkled(
      bytes, 40, prose, [](std::size_t) { return "99 "; }, made.expected.matches);
  made.expected.length = made.text.size() - made.expected.matches;
  ref::detail::byte_set numeric;
  numeric.add('0', '9');
  made.floor = [numeric](std::string_view text) {
    found all;
    std::string out(text.size(), '\0');
    std::size_t to = 0;
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t place = numeric.find(text, from);
      text.copy(out.data() + to, place - from, from);
      to += place - from;
      from = numeric.find_end(text, place);
      if (from == place) break;
      out[to++] = '-';
      ++all.matches;
    }
    all.length = to;
    return all;
  };
  return made;
}

}  // namespace

std::vector<regex_case> regex_cases(std::size_t bytes) {
  return {lazy_digits(bytes), numbers_behind_dashes(bytes),
          no_dash(bytes),     image_addresses(bytes),
          tags(bytes),        all_numbers(bytes)};
}

}  // namespace assay::bench
