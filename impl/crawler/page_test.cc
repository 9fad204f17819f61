#include "impl/crawler/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ref::crawler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(page, images_in_their_order) {
  const auto links = read_page(
      "<img data-original='b.jpg'><img data-original='/a.jpg'> data-original=\"c.jpg\""
      "data-original='' data-original='b.jpg#x' data-original='d\n.jpg'",
      "http://host/x/y");
  EXPECT_THAT(links.images, ElementsAre("http://host/x/b.jpg", "http://host/a.jpg"));
  EXPECT_EQ(links.next, std::nullopt);
}

TEST(page, next_page) {
  const auto links = read_page(
      "<a class=\"next page-numbers\" href=\"/old\">older</a>"
      "<a class=\"next page-numbers\" href=\"?p=2&amp;q=1\">下一页&raquo;</a>",
      "http://host/x/y");
  EXPECT_EQ(links.next, "http://host/x/y?p=2&q=1");
}

TEST(page, latin1) {
  EXPECT_THAT(read_page("\xe9 data-original='a.jpg'", "http://host/").images,
              ElementsAre("http://host/a.jpg"));
}

TEST(page, only_the_web) {
  EXPECT_THAT(
      read_page("data-original='file:///etc/passwd' data-original='javascript:x'", "http://host/")
          .images,
      IsEmpty());
  EXPECT_EQ(resolve("", "gopher://host/"), std::nullopt);
  EXPECT_EQ(resolve("", ""), std::nullopt);
}

TEST(file_name, last_part) {
  EXPECT_EQ(file_name("http://host/a/4.jpg?x=1"), "4.jpg");
  EXPECT_EQ(file_name("http://host/a/"), "a");
  EXPECT_EQ(file_name("http://host/"), "image");
  EXPECT_EQ(file_name("http://host/%E5%9B%BE.jpg"), "图.jpg");
}

TEST(file_name, is_no_path) {
  EXPECT_EQ(file_name("http://host/..%2f..%2fx"), "_.._.._x");
  EXPECT_EQ(file_name("http://host/%2e%2e"), "_..");
  EXPECT_EQ(file_name("http://host/.bashrc"), "_.bashrc");
  EXPECT_EQ(file_name("http://host/a%00b%0a"), "a_b_");
}

TEST(file_name, is_not_too_long) {
  const std::string one = file_name("http://host/1" + std::string(400, 'x') + ".jpg");
  const std::string other = file_name("http://host/1" + std::string(401, 'x') + ".jpg");
  EXPECT_LE(one.size(), 200u);
  EXPECT_NE(one, other);
  EXPECT_TRUE(one.ends_with(".jpg"));
}

TEST(file_name, of_another_address) {
  const std::string one = distinct_name("1.jpg", "http://host/a/1.jpg");
  EXPECT_EQ(one, distinct_name("1.jpg", "http://host/a/1.jpg"));
  EXPECT_NE(one, distinct_name("1.jpg", "http://host/b/1.jpg"));
  EXPECT_TRUE(one.starts_with("1-") && one.ends_with(".jpg")) << one;
}

}  // namespace
}  // namespace ref::crawler
