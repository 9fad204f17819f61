// Galleries and what crawls leave behind.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conformance/harness/crawler_testee.h"
#include "conformance/harness/gallery_server.h"

namespace assay {

/// `<img data-original='…'>` for each, as the notes' galleries have it.
std::string images(const std::vector<std::string>& links);

/// The anchor of the next page.
std::string next_link(const std::string& link);

/// Adds a page at `path` that shows the images `prefix`1.jpg, `prefix`2.jpg, …, each with bytes of
/// its own, and leads to `next`. Returns the images' paths.
std::vector<std::string> add_images(gallery_server& gallery, const std::string& path,
                                    const std::string& prefix, int count,
                                    const std::string& next = "");

/// Bytes of the image at this address: of every value, of a size of its own.
std::string image_bytes(const std::string& path);

/// Where the running test's crawler stores images.
std::filesystem::path images_directory();

/// Files there with their contents, hidden ones and those in folders too.
std::map<std::string, std::string> stored();

/// Bytes of each, in any order of names.
std::vector<std::string> stored_contents();

void write_text(const std::filesystem::path& file, const std::string& text);

/// Crawls the gallery from this path into images_directory().
ending crawl(const gallery_server& gallery, const std::string& path = "/",
             const std::vector<std::string>& options = {});
crawler_process begin_crawl(const gallery_server& gallery, const std::string& path = "/",
                            const std::vector<std::string>& options = {});

}  // namespace assay
