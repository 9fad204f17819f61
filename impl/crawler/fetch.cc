#include "impl/crawler/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace ref::crawler {

struct fetcher::impl {
  CURL* handle = nullptr;
  char message[CURL_ERROR_SIZE] = "";
  const sink* to = nullptr;

  ~impl() { curl_easy_cleanup(handle); }

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle, option, value) != CURLE_OK) {
      throw std::runtime_error("libcurl refuses an option");
    }
  }
  long status() const {
    long code = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
  static std::size_t receive(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto& here = *static_cast<impl*>(self);
    try {
      return (*here.to)({data, size}) ? size : size + 1;
    } catch (const std::exception&) {
      return size + 1;
    }
  }
};

fetcher::fetcher(const fetch_options& options) : impl_(std::make_unique<impl>()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  impl_->handle = curl_easy_init();
  if (ready != CURLE_OK || impl_->handle == nullptr) {
    throw std::runtime_error("libcurl cannot start");
  }
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(options.timeout).count();
  // Zero would mean none.
  const long limit = std::max<long>(1, static_cast<long>(milliseconds));
  impl_->set(CURLOPT_NOSIGNAL, 1L);
  impl_->set(CURLOPT_TIMEOUT_MS, limit);
  impl_->set(CURLOPT_CONNECTTIMEOUT_MS, limit);
  impl_->set(CURLOPT_FOLLOWLOCATION, 1L);
  impl_->set(CURLOPT_MAXREDIRS, 10L);
  impl_->set(CURLOPT_PROTOCOLS_STR, "http,https");
  impl_->set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  impl_->set(CURLOPT_USERAGENT, options.user_agent.c_str());
  impl_->set(CURLOPT_REFERER, options.referer.c_str());
  impl_->set(CURLOPT_ERRORBUFFER, impl_->message);
  impl_->set(CURLOPT_WRITEFUNCTION, &impl::receive);
  impl_->set(CURLOPT_WRITEDATA, impl_.get());
}

fetcher::~fetcher() = default;
fetcher::fetcher(fetcher&&) noexcept = default;

fetch_result fetcher::get(const std::string& address, const sink& to) {
  impl_->to = &to;
  impl_->message[0] = '\0';
  impl_->set(CURLOPT_URL, address.c_str());
  const CURLcode code = curl_easy_perform(impl_->handle);
  fetch_result result;
  result.status = static_cast<int>(impl_->status());
  const char* effective = nullptr;
  curl_easy_getinfo(impl_->handle, CURLINFO_EFFECTIVE_URL, &effective);
  result.address = effective != nullptr ? effective : address;
  if (code != CURLE_OK) {
    result.error = impl_->message[0] != '\0' ? impl_->message : curl_easy_strerror(code);
  }
  return result;
}

}  // namespace ref::crawler
