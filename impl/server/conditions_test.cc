// Preconditions, dates and ranges, each row with the clause of RFC 9110 that it is from.
#include "impl/server/conditions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ref::server {
namespace {

constexpr std::time_t modified = 784111777;  // the RFC's example
constexpr const char* same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* after = "Sun, 06 Nov 1994 08:49:38 GMT";

using field_rows = std::initializer_list<http::field>;

http::field_list list_of(field_rows given) {
  http::field_list made;
  for (const http::field& each : given) made.add(each);
  return made;
}

std::string shown(field_rows given) {
  std::string text;
  for (const http::field& each : given) {
    text += std::string(each.name) + ": " + std::string(each.value) + "\n";
  }
  return text;
}

served_file file_of(std::uint64_t size = 100) {
  served_file file;
  file.size = size;
  file.modified = modified;
  file.etag = "\"tag\"";
  return file;
}

TEST(HttpDate, IsReadInItsThreeForms) {
  struct row {
    const char* clause;
    const char* text;
    std::time_t when;
  };
  const row rows[] = {
      {"5.6.7 IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
      {"5.6.7 rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
      {"5.6.7 asctime-date", "Sun Nov  6 08:49:37 1994", 784111777},
      {"5.6.7 asctime-date, two digits", "Wed Nov 16 08:49:37 1994", 784975777},
      {"5.6.7 epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"5.6.7 before it", "Wed, 31 Dec 1969 23:59:59 GMT", -1},
      {"5.6.7 leap day", "Thu, 29 Feb 2024 12:00:00 GMT", 1709208000},
      {"5.6.7 leap day of a century", "Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
      {"5.6.7 leap second", "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
      {"5.6.7 beyond 32 bits", "Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
      {"5.6.7 far", "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
      {"5.6.7 year of this century", "Friday, 06-Nov-26 08:49:37 GMT", 1793954977},
  };
  for (const row& each : rows) {
    const auto got = parse_http_date(each.text);
    ASSERT_TRUE(got.has_value()) << each.clause << " " << each.text;
    EXPECT_EQ(*got, each.when) << each.clause << " " << each.text;
  }
}

TEST(HttpDate, IsNothingElse) {
  const char* bad[] = {
      "",
      "0",
      "784111777",
      "yesterday",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMTx",
      "Sun, 06 Nov 1994 08:49 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:62 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 32 Nov 1994 08:49:37 GMT",
      "Thu, 31 Nov 1994 08:49:37 GMT",
      "Wed, 29 Feb 2023 12:00:00 GMT",
      "Thu, 29 Feb 1900 12:00:00 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT",
      "Foo, 06 Nov 1994 08:49:37 GMT",
      "06 Nov 1994 08:49:37 GMT",
      "1994-11-06T08:49:37Z",
      "\"Sun, 06 Nov 1994 08:49:37 GMT\"",
      "Sunday, 31-Nov-94 08:49:37 GMT",
      "Sun Nov 31 08:49:37 1994",
  };
  for (const char* each : bad) EXPECT_FALSE(parse_http_date(each).has_value()) << each;
}

TEST(HttpDate, IsReadAsItIsWritten) {
  for (std::time_t when = 0; when < 4'000'000'000; when += 86'400 * 11 + 3'607) {
    EXPECT_EQ(parse_http_date(http_date(when)), when) << http_date(when);
  }
  EXPECT_EQ(http_date(modified), same);
}

struct precondition {
  const char* clause;
  field_rows fields;
  int status;
};

void expect_statuses(std::initializer_list<precondition> rows) {
  const served_file file = file_of();
  for (const precondition& each : rows) {
    EXPECT_EQ(check_preconditions(list_of(each.fields), file), each.status) << each.clause << "\n"
                                                                            << shown(each.fields);
  }
}

TEST(Preconditions, CompareTags) {
  expect_statuses({
      {"13.2.2, none", {}, 0},
      {"13.1.2", {{"If-None-Match", "\"tag\""}}, 304},
      {"13.1.2", {{"If-None-Match", "\"other\""}}, 0},
      {"13.1.2, *", {{"If-None-Match", "*"}}, 304},
      {"13.1.2, weak comparison", {{"If-None-Match", "W/\"tag\""}}, 304},
      {"13.1.2, weak comparison", {{"If-None-Match", "W/\"other\""}}, 0},
      {"5.1, names in any case", {{"if-none-match", "\"tag\""}}, 304},
      {"13.1.1", {{"If-Match", "\"tag\""}}, 0},
      {"13.1.1", {{"If-Match", "\"other\""}}, 412},
      {"13.1.1, *", {{"If-Match", "*"}}, 0},
      {"13.1.1, strong comparison", {{"If-Match", "W/\"tag\""}}, 412},
      {"13.1.1, a strong one behind", {{"If-Match", "W/\"tag\", \"tag\""}}, 0},
      {"8.8.3, case matters", {{"If-None-Match", "\"TAG\""}}, 0},
      {"8.8.3, W is upper case", {{"If-None-Match", "w/\"tag\""}}, 0},
      {"8.8.3, whole tags only", {{"If-None-Match", "\"ta\""}}, 0},
      {"8.8.3, whole tags only", {{"If-None-Match", "\"tags\""}}, 0},
      {"8.8.3, the empty tag", {{"If-None-Match", "\"\""}}, 0},
      {"8.8.3, without quotes", {{"If-None-Match", "tag"}}, 0},
      {"8.8.3, one quote", {{"If-None-Match", "\"tag"}}, 0},
      {"8.8.3, one quote", {{"If-None-Match", "tag\""}}, 0},
      {"8.8.3, no tag at all", {{"If-Match", "tag"}}, 412},
      {"8.8.3, an empty value", {{"If-Match", ""}}, 412},
      {"8.8.3, an empty value", {{"If-None-Match", ""}}, 0},
  });
}

TEST(Preconditions, ReadLists) {
  expect_statuses({
      {"5.6.1", {{"If-None-Match", "\"a\", \"tag\", \"b\""}}, 304},
      {"5.6.1, without spaces", {{"If-None-Match", "\"a\",\"b\",\"tag\""}}, 304},
      {"5.6.1, tabs", {{"If-None-Match", "\"a\"\t,\t\"tag\""}}, 304},
      {"5.6.1.2, empty elements", {{"If-None-Match", ", ,\"a\",,\"tag\","}}, 304},
      {"5.6.1.2, empty elements only", {{"If-None-Match", ", ,"}}, 0},
      {"5.6.1", {{"If-Match", "\"a\", \"b\""}}, 412},
      {"5.6.1, weak among strong", {{"If-None-Match", "\"a\", W/\"tag\""}}, 304},
      {"8.8.3, a comma in a tag", {{"If-None-Match", "\"a,b\", \"tag\""}}, 304},
      {"8.8.3, a tag in a tag", {{"If-None-Match", "\"a, tag\""}}, 0},
      {"8.8.3, a backslash is a byte", {{"If-None-Match", "\"a\\\", \"tag\""}}, 304},
      {"13.1.2, * is no element", {{"If-None-Match", "\"a\", *"}}, 0},
      {"5.3, several lines", {{"If-None-Match", "\"a\""}, {"If-None-Match", "\"tag\""}}, 304},
      {"5.3, several lines", {{"If-Match", "\"a\""}, {"If-Match", "\"tag\""}}, 0},
      {"5.3, several lines", {{"If-Match", "\"a\""}, {"If-Match", "\"b\""}}, 412},
  });
}

TEST(Preconditions, CompareDates) {
  expect_statuses({
      {"13.1.3", {{"If-Modified-Since", same}}, 304},
      {"13.1.3", {{"If-Modified-Since", after}}, 304},
      {"13.1.3", {{"If-Modified-Since", before}}, 0},
      {"13.1.3, rfc850", {{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}, 304},
      {"13.1.3, asctime", {{"If-Modified-Since", "Sun Nov  6 08:49:37 1994"}}, 304},
      {"13.1.3, no date is ignored", {{"If-Modified-Since", "yesterday"}}, 0},
      {"13.1.3, no date is ignored", {{"If-Modified-Since", ""}}, 0},
      {"13.1.3, a list", {{"If-Modified-Since", same}, {"If-Modified-Since", same}}, 0},
      {"13.1.4", {{"If-Unmodified-Since", same}}, 0},
      {"13.1.4", {{"If-Unmodified-Since", after}}, 0},
      {"13.1.4", {{"If-Unmodified-Since", before}}, 412},
      {"13.1.4, no date is ignored", {{"If-Unmodified-Since", "yesterday"}}, 0},
      {"13.1.4, a list", {{"If-Unmodified-Since", before}, {"If-Unmodified-Since", before}}, 0},
  });
}

TEST(Preconditions, HaveAnOrder) {
  const http::field match{"If-Match", "\"tag\""};
  const http::field no_match{"If-Match", "\"other\""};
  const http::field none_match{"If-None-Match", "\"other\""};
  const http::field is_known{"If-None-Match", "\"tag\""};
  expect_statuses({
      {"13.1.3, tags before dates", {none_match, {"If-Modified-Since", after}}, 0},
      {"13.1.3, tags before dates", {{"If-Modified-Since", after}, none_match}, 0},
      {"13.1.3, tags before dates", {is_known, {"If-Modified-Since", before}}, 304},
      {"13.1.4, tags before dates", {match, {"If-Unmodified-Since", before}}, 0},
      {"13.1.4, tags before dates", {no_match, {"If-Unmodified-Since", after}}, 412},
      {"13.2.2, steps 1 and 3", {match, is_known}, 304},
      {"13.2.2, steps 1 and 3", {no_match, is_known}, 412},
      {"13.2.2, steps 1 and 4", {match, {"If-Modified-Since", same}}, 304},
      {"13.2.2, steps 2 and 3", {{"If-Unmodified-Since", same}, is_known}, 304},
      {"13.2.2, steps 2 and 3", {{"If-Unmodified-Since", before}, is_known}, 412},
      {"13.2.2, steps 2 and 4", {{"If-Unmodified-Since", same}, {"If-Modified-Since", same}}, 304},
  });
}

struct range_row {
  const char* clause;
  const char* value;
  range_kind kind;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

void expect_ranges(std::uint64_t size, std::initializer_list<range_row> rows) {
  for (const range_row& each : rows) {
    const byte_range got = requested_range(list_of({{"Range", each.value}}), file_of(size));
    EXPECT_EQ(static_cast<int>(got.kind), static_cast<int>(each.kind))
        << each.clause << " " << each.value;
    EXPECT_EQ(got.offset, each.offset) << each.clause << " " << each.value;
    EXPECT_EQ(got.length, each.length) << each.clause << " " << each.value;
  }
}

TEST(Range, SelectsAPart) {
  expect_ranges(100, {
                         {"14.1.2", "bytes=0-0", range_kind::part, 0, 1},
                         {"14.1.2", "bytes=0-99", range_kind::part, 0, 100},
                         {"14.1.2", "bytes=10-19", range_kind::part, 10, 10},
                         {"14.1.2", "bytes=99-99", range_kind::part, 99, 1},
                         {"14.1.2, to the end", "bytes=10-", range_kind::part, 10, 90},
                         {"14.1.2, to the end", "bytes=0-", range_kind::part, 0, 100},
                         {"14.1.2, beyond", "bytes=90-100", range_kind::part, 90, 10},
                         {"14.1.2, beyond", "bytes=0-1000", range_kind::part, 0, 100},
                         {"14.1.2, suffix", "bytes=-1", range_kind::part, 99, 1},
                         {"14.1.2, suffix", "bytes=-100", range_kind::part, 0, 100},
                         {"14.1.2, longer suffix", "bytes=-101", range_kind::part, 0, 100},
                         {"14.1, unit in any case", "Bytes=0-0", range_kind::part, 0, 1},
                         {"5.6.1, space", "bytes= 0-0 ", range_kind::part, 0, 1},
                         {"14.1.1, zeros in front", "bytes=0010-0019", range_kind::part, 10, 10},
                     });
}

TEST(Range, KnowsWhatCannotBe) {
  constexpr range_kind no = range_kind::unsatisfiable;
  expect_ranges(100, {
                         {"14.1.2", "bytes=100-", no},
                         {"14.1.2", "bytes=100-100", no},
                         {"14.1.2", "bytes=1000-2000", no},
                         {"14.1.2, suffix", "bytes=-0", no},
                         {"14.1.2, suffix", "bytes=-000", no},
                     });
  expect_ranges(0, {
                       {"14.1.2, empty file", "bytes=0-", no},
                       {"14.1.2, empty file", "bytes=0-0", no},
                       {"14.1.2, empty file", "bytes=-0", no},
                       {"14.1.2, satisfiable", "bytes=-5", range_kind::whole},
                   });
}

TEST(Range, IsNotFooledByLargeNumbers) {
  constexpr range_kind part = range_kind::part;
  constexpr range_kind no = range_kind::unsatisfiable;
  expect_ranges(100, {
                         {"17.1, 2^63 - 1", "bytes=1-9223372036854775807", part, 1, 99},
                         {"17.1, 2^64 - 1", "bytes=1-18446744073709551615", part, 1, 99},
                         {"17.1, 2^64 + 4", "bytes=1-18446744073709551620", part, 1, 99},
                         {"17.1, 30 digits", "bytes=1-999999999999999999999999999999", part, 1, 99},
                         {"17.1, 2^64 - 1", "bytes=18446744073709551615-", no},
                         {"17.1, 2^64", "bytes=18446744073709551616-", no},
                         {"17.1, 2^64 + 1", "bytes=18446744073709551617-18446744073709551618", no},
                         {"17.1, suffix", "bytes=-18446744073709551615", part, 0, 100},
                         {"17.1, suffix", "bytes=-18446744073709551617", part, 0, 100},
                     });
  constexpr std::uint64_t large = std::uint64_t{5} << 40;
  expect_ranges(large, {
                           {"14.1.2", "bytes=4294967296-4294967297", part, 4294967296, 2},
                           {"14.1.2", "bytes=5497558138879-", part, large - 1, 1},
                           {"14.1.2", "bytes=-4294967296", part, large - 4294967296, 4294967296},
                       });
}

// Section 14.2: a server may ignore the field, and must where its unit is not known.
TEST(Range, IsIgnoredWhereItIsNotUnderstood) {
  for (const char* value : {"",
                            "bytes",
                            "bytes=",
                            "bytes=-",
                            "bytes=--1",
                            "bytes=1",
                            "bytes=a-b",
                            "bytes=1-b",
                            "bytes=a-1",
                            "bytes=5-4",
                            "bytes=99-0",
                            "bytes=+1-2",
                            "bytes=1-+2",
                            "bytes=1-2-3",
                            "bytes=1 -2",
                            "bytes=1- 2",
                            "bytes=- 5",
                            "bytes=0x1-2",
                            "bytes=1.0-2",
                            "bytes=-1-",
                            "bytes=0-1,",
                            "bytes=0-0,2-2",
                            "bytes=0-0, -1",
                            "bytes=,0-0",
                            "bytes 0-0",
                            "bytes:0-0",
                            "bytes =0-0",
                            "byte=0-0",
                            "lines=0-0",
                            "none=0-0",
                            "=0-0",
                            "0-0",
                            "bytes=0-0;",
                            "bytes=0-0/100",
                            "bytes=*",
                            "bytes==0-0",
                            "bytes=1-18446744073709551616x"}) {
    const byte_range got = requested_range(list_of({{"Range", value}}), file_of());
    EXPECT_EQ(static_cast<int>(got.kind), static_cast<int>(range_kind::whole)) << value;
  }
  EXPECT_EQ(static_cast<int>(requested_range(list_of({}), file_of()).kind),
            static_cast<int>(range_kind::whole));
  const auto twice = list_of({{"Range", "bytes=0-0"}, {"Range", "bytes=1-1"}});
  EXPECT_EQ(static_cast<int>(requested_range(twice, file_of()).kind),
            static_cast<int>(range_kind::whole));
}

TEST(IfRange, DecidesWhetherTheRangeCounts) {
  struct row {
    const char* clause;
    field_rows fields;
    bool counts;
  };
  const row rows[] = {
      {"13.1.5", {{"If-Range", "\"tag\""}}, true},
      {"13.1.5", {{"If-Range", "\"other\""}}, false},
      {"13.1.5, strong comparison", {{"If-Range", "W/\"tag\""}}, false},
      {"13.1.5, no list", {{"If-Range", "\"tag\", \"other\""}}, false},
      {"13.1.5, no *", {{"If-Range", "*"}}, false},
      {"13.1.5, no quotes", {{"If-Range", "tag"}}, false},
      {"13.1.5, empty", {{"If-Range", ""}}, false},
      {"13.1.5, twice", {{"If-Range", "\"tag\""}, {"If-Range", "\"other\""}}, false},
      {"13.1.5, exact date", {{"If-Range", same}}, true},
      {"13.1.5, later date", {{"If-Range", after}}, false},
      {"13.1.5, earlier date", {{"If-Range", before}}, false},
      {"13.1.5, rfc850", {{"If-Range", "Sunday, 06-Nov-94 08:49:37 GMT"}}, true},
      {"13.1.5, asctime", {{"If-Range", "Sun Nov  6 08:49:37 1994"}}, true},
      {"13.1.5, no date", {{"If-Range", "yesterday"}}, false},
  };
  for (const row& each : rows) {
    http::field_list fields = list_of(each.fields);
    fields.add({"Range", "bytes=0-0"});
    const byte_range got = requested_range(fields, file_of());
    EXPECT_EQ(got.kind == range_kind::part, each.counts) << each.clause << shown(each.fields);
    fields = list_of(each.fields);
    fields.add({"Range", "bytes=100-"});
    EXPECT_EQ(requested_range(fields, file_of()).kind == range_kind::unsatisfiable, each.counts)
        << each.clause << shown(each.fields);
    EXPECT_EQ(static_cast<int>(requested_range(list_of(each.fields), file_of()).kind),
              static_cast<int>(range_kind::whole))
        << "13.1.5, without Range " << shown(each.fields);
  }
}

}  // namespace
}  // namespace ref::server
