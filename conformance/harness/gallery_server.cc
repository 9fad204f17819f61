#include "conformance/harness/gallery_server.h"

#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "conformance/harness/actor.h"
#include "conformance/harness/patience.h"

namespace assay {
namespace {

constexpr std::size_t largest_head = 1 << 20;

std::string head_of(const gallery_answer& answer) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Answer\r\n";
  head += "Content-Type: " + answer.type + "\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  head += answer.chunked ? "Transfer-Encoding: chunked\r\n"
                         : "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  if (answer.then == gallery_answer::closes) head += "Connection: close\r\n";
  return head + "\r\n";
}

bool send_all(int client, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string as_chunks(const std::string& body) {
  std::string chunks;
  char size[24];
  for (std::size_t at = 0; at < body.size(); at += 7) {
    const std::string piece = body.substr(at, 7);
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunks += size + piece + "\r\n";
  }
  return chunks + "0\r\n\r\n";
}

gallery_request parse(const std::string& head) {
  gallery_request request;
  request.time = std::chrono::steady_clock::now();
  const auto space = head.find(' ');
  request.method = head.substr(0, space);
  request.path = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    const auto end = std::min(head.find("\r\n", at), head.size());
    const std::string line = head.substr(at, end - at);
    at = end + 2;
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    const auto value = line.find_first_not_of(" \t", colon + 1);
    request.headers.emplace_back(line.substr(0, colon),
                                 value == line.npos ? "" : line.substr(value));
  }
  return request;
}

}  // namespace

struct gallery_server::impl {
  int listener = -1;
  std::uint16_t port = 0;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::map<std::string, std::vector<gallery_answer>> answers;
  std::map<std::string, std::size_t> given;
  std::vector<gallery_request> requests;
  std::thread accepting;
  std::map<int, std::thread> serving;  // by the client's descriptor
  std::vector<std::thread> served;     // whose clients are gone
  bool released = false;
  bool ends = false;
  int at_once = 0;
  int most_at_once = 0;

  void accept_all();
  void join_served();
  void serve(int client);
  bool receive_head(int client, std::string& bytes);
  gallery_answer note(const gallery_request& request);
  bool answer(int client, const gallery_answer& what);
  // False when the server ends meanwhile.
  bool wait_for_release();
  bool pause(std::chrono::milliseconds how_long);
};

void gallery_server::impl::accept_all() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    join_served();
    if (client < 0 && !pause(std::chrono::milliseconds(1))) return;
    if (client < 0) continue;
    const std::lock_guard<std::mutex> lock(mutex);
    try {
      if (!ends) serving[client] = std::thread([this, client] { serve(client); });
    } catch (const std::system_error&) {
      serving.erase(client);  // there are as many threads as may be
    }
    if (serving.count(client) == 0) ::close(client);
    if (ends) return;
  }
}

// A thread keeps its stack until it is joined, and a crawler may connect any number of times.
void gallery_server::impl::join_served() {
  std::vector<std::thread> gone;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    gone.swap(served);
  }
  for (auto& each : gone) each.join();
}

bool gallery_server::impl::receive_head(int client, std::string& bytes) {
  char chunk[4096];
  while (bytes.find("\r\n\r\n") == bytes.npos) {
    const ssize_t got = ::recv(client, chunk, sizeof chunk, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || bytes.size() > largest_head) return false;
    bytes.append(chunk, static_cast<std::size_t>(got));
  }
  return true;
}

void gallery_server::impl::serve(int client) {
  std::string bytes;
  while (receive_head(client, bytes)) {
    const auto end = bytes.find("\r\n\r\n");
    const gallery_answer what = note(parse(bytes.substr(0, end)));
    bytes.erase(0, end + 4);
    if (!answer(client, what)) break;
  }
  const std::lock_guard<std::mutex> lock(mutex);
  served.push_back(std::move(serving.at(client)));
  serving.erase(client);
  ::close(client);
  changed.notify_all();
}

gallery_answer gallery_server::impl::note(const gallery_request& request) {
  const std::lock_guard<std::mutex> lock(mutex);
  requests.push_back(request);
  most_at_once = std::max(most_at_once, ++at_once);
  changed.notify_all();
  const auto found = answers.find(request.path);
  if (found == answers.end()) return {.status = 404, .body = "not found"};
  const std::size_t number = given[request.path]++;
  return found->second[std::min(number, found->second.size() - 1)];
}

bool gallery_server::impl::answer(int client, const gallery_answer& what) {
  const bool goes_on = pause(what.delay) && (!what.holds_head || wait_for_release());
  {
    // Before the first byte: a client that has the last one may be back already.
    const std::lock_guard<std::mutex> lock(mutex);
    --at_once;
  }
  if (!goes_on || !send_all(client, head_of(what))) return false;
  const std::string body = what.chunked ? as_chunks(what.body) : what.body;
  const std::size_t first = std::min(what.sent, body.size());
  if (what.drip.count() > 0) {
    for (const char c : body.substr(0, first)) {
      if (!pause(what.drip) || !send_all(client, {&c, 1})) return false;
    }
  } else if (!send_all(client, std::string_view(body).substr(0, first))) {
    return false;
  }
  if (what.then == gallery_answer::holds) {
    if (!wait_for_release()) return false;
    return send_all(client, std::string_view(body).substr(first));
  }
  if (what.then == gallery_answer::resets) {
    const linger at_once_gone{1, 0};
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once_gone, sizeof at_once_gone);
  }
  return what.then == gallery_answer::stays;
}

bool gallery_server::impl::wait_for_release() {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return released || ends; });
  return !ends;
}

bool gallery_server::impl::pause(std::chrono::milliseconds how_long) {
  if (how_long.count() == 0) return true;
  std::unique_lock<std::mutex> lock(mutex);
  return !changed.wait_for(lock, how_long, [&] { return ends; });
}

gallery_answer page(std::string body) {
  return {.body = std::move(body), .type = "text/html; charset=utf-8"};
}

std::string gallery_request::header(std::string_view name) const {
  const std::string wanted(name);
  for (const auto& [key, value] : headers) {
    if (::strcasecmp(key.c_str(), wanted.c_str()) == 0) return value;
  }
  return {};
}

gallery_server::gallery_server() : impl_(std::make_unique<impl>()) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  impl_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (impl_->listener < 0 || ::bind(impl_->listener, name, size) != 0 ||
      ::listen(impl_->listener, 128) != 0 || ::getsockname(impl_->listener, name, &size) != 0) {
    const int error = errno;
    if (impl_->listener >= 0) ::close(impl_->listener);
    throw std::system_error(error, std::generic_category(), "a gallery's port");
  }
  impl_->port = ntohs(address.sin_port);
  impl_->accepting = std::thread([here = impl_.get()] { here->accept_all(); });
}

gallery_server::~gallery_server() {
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->ends = true;
    impl_->changed.notify_all();
    for (const auto& [client, thread] : impl_->serving) ::shutdown(client, SHUT_RDWR);
  }
  ::shutdown(impl_->listener, SHUT_RDWR);  // wakes accept
  impl_->accepting.join();
  {
    std::unique_lock<std::mutex> lock(impl_->mutex);
    impl_->changed.wait(lock, [&] { return impl_->serving.empty(); });
  }
  impl_->join_served();
  ::close(impl_->listener);
}

std::uint16_t gallery_server::port() const { return impl_->port; }

std::string gallery_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(impl_->port) + path;
}

void gallery_server::add(const std::string& path, gallery_answer answer) {
  add(path, std::vector<gallery_answer>{std::move(answer)});
}

void gallery_server::add(const std::string& path, std::vector<gallery_answer> answers) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->answers[path] = std::move(answers);
  impl_->given[path] = 0;
}

void gallery_server::release() {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->released = true;
  impl_->changed.notify_all();
}

std::vector<gallery_request> gallery_server::requests() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->requests;
}

std::vector<gallery_request> gallery_server::requests_for(const std::string& path) const {
  auto all = requests();
  std::erase_if(all, [&](const auto& each) { return each.path != path; });
  return all;
}

bool gallery_server::await_requests(std::size_t count) const {
  patience left(call_timeout());
  std::unique_lock<std::mutex> lock(impl_->mutex);
  const auto have_come = [&] { return impl_->requests.size() >= count; };
  while (!impl_->changed.wait_until(lock, left.next_look(), have_come)) {
    if (left.is_over()) return false;
  }
  return true;
}

int gallery_server::most_at_once() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->most_at_once;
}

}  // namespace assay
