// image-crawler URL DIR: downloads the images of a gallery.
#include "impl/crawler/command_line.h"

int main(int argc, char** argv) {
  ref::crawler::options how;
  if (const auto status = ref::crawler::read_command_line(argc, argv, how)) return *status;
  return ref::crawler::crawl(how);
}
