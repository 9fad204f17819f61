#include "impl/server/connection.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "impl/base/system_call.h"
#include "impl/server/path.h"

namespace ref::server {
namespace {

// Answers of pipelined requests are gathered up to here before the first is written.
constexpr std::size_t gathered_output = 64 * 1024;
// How long a client may go on sending after an error was answered, so that it reads the answer
// instead of a reset (RFC 9112, section 9.6).
constexpr std::chrono::seconds linger_time{2};
// What one client is sent before others have their turn.
constexpr std::size_t bytes_a_turn = 1 << 20;
// Comparing with a longer request might take more time than it saves.
constexpr std::size_t longest_remembered = 2048;

}  // namespace

connection::connection(file_descriptor socket, shared_state& shared)
    : socket_(std::move(socket)), shared_(shared), since_(shared.now) {}

connection::~connection() { give_back_parser(); }

void connection::give_back_parser() {
  constexpr std::size_t kept = 64;
  if (parser_ && shared_.parsers.size() < kept) {
    parser_->reset();
    shared_.parsers.push_back(std::move(parser_));
  }
  parser_.reset();
}

void connection::finish() { phase_ = phase::finished; }

void connection::on_events(std::uint32_t happened) {
  if ((happened & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) may_read_ = true;
  if ((happened & EPOLLRDHUP) != 0) ends_soon_ = true;
  if (has_output()) write_out();
  if (has_more_to_read()) read_once();
}

void connection::read_once() {
  const ssize_t got = retry_interrupted(
      [&] { return ::recv(socket_.get(), shared_.input.data(), shared_.input.size(), 0); });
  if (got < 0) {
    may_read_ = false;
    if (errno != EAGAIN) finish();
    return;
  }
  // What comes later is another event; but where the end has come already, it is still to be read.
  if (static_cast<std::size_t>(got) < shared_.input.size() && !ends_soon_) may_read_ = false;
  if (got == 0) {
    // The client sends no more, but may still read: what was answered is written first.
    peer_is_done_ = true;
    if (!has_output()) finish();
    return;
  }
  if (phase_ == phase::lingering) return;
  const std::string_view bytes(shared_.input.data(), static_cast<std::size_t>(got));
  if (input_.empty()) {
    take(bytes);
  } else {
    std::string all = std::move(input_);
    input_.clear();
    all += bytes;
    take(all);
  }
  write_out();
}

// Answers the requests in the bytes; keeps what is left of them.
void connection::take(std::string_view bytes) {
  while (!bytes.empty() && (phase_ == phase::reading || phase_ == phase::body)) {
    if (file_left_ > 0 || unwritten().size() > gathered_output) break;
    const std::size_t taken = phase_ == phase::body ? take_body(bytes) : take_head(bytes);
    if (taken == 0) break;
    bytes.remove_prefix(taken);
  }
  if (phase_ == phase::reading || phase_ == phase::body) {
    input_.assign(bytes);
  } else {
    std::string().swap(input_);
  }
}

std::size_t connection::take_head(std::string_view bytes) {
  if (!in_request_ && repeats_last(bytes)) {
    send_whole(shared_.last.answer);
    return shared_.last.bytes.size();
  }
  if (!in_request_) {
    in_request_ = true;
    since_ = shared_.now;
  }
  if (!parser_) {
    if (shared_.parsers.empty()) {
      parser_ = std::make_unique<http::request_parser>();
    } else {
      parser_ = std::move(shared_.parsers.back());
      shared_.parsers.pop_back();
    }
  }
  const http::parse_result got = parser_->parse(bytes);
  if (got.state == http::parse_state::need_more) return 0;
  if (got.state == http::parse_state::refused) {
    refuse(got.status);
    return bytes.size();
  }
  const http::request_head& head = parser_->head();
  if (head.body.kind != http::body_kind::none) {
    begin_body(head);
  } else {
    answer ready = answer_request(head, shared_.files, shared_.date, shared_.now);
    if (ready.whole && got.consumed <= longest_remembered) {
      shared_.last = {std::string(bytes.substr(0, got.consumed)), resolve_target(head.target).path,
                      ready.whole, shared_.now};
    }
    send(std::move(ready));
  }
  give_back_parser();
  return got.consumed;
}

// Whether they begin with a request whose answer is known. Its file is looked at as for any other.
bool connection::repeats_last(std::string_view bytes) {
  answered_request& last = shared_.last;
  if (last.bytes.empty() || !bytes.starts_with(last.bytes)) return false;
  if (last.round == shared_.now) return true;
  const opened_file opened = shared_.files.open(last.path, shared_.now);
  if (!opened.file || opened.file->plain.bytes != last.answer ||
      opened.file->plain.date != shared_.date) {
    return false;
  }
  last.round = shared_.now;
  return true;
}

// A body is read and thrown away, so that what follows it is read as a request and nothing else.
void connection::begin_body(const http::request_head& head) {
  answer ready = answer_request(head, shared_.files, shared_.date, shared_.now);
  const auto expectation = head.fields.find("Expect");
  const bool continues = expectation && http::equal_ignoring_case(*expectation, "100-continue");
  const bool is_head = head.method == "HEAD";
  if (expectation && !continues) {
    send(answer_error(417, shared_.date, is_head));
    return;
  }
  if (head.body.kind == http::body_kind::length && head.body.length > shared_.settings.body_limit) {
    send(answer_error(413, shared_.date, is_head));
    return;
  }
  // A client that asks first need not send its body once it has a final answer: what comes next
  // could be either, so that the connection must end.
  if (continues && ready.status >= 400) {
    send(answer_request(head, shared_.files, shared_.date, shared_.now, true));
    return;
  }
  if (continues && head.minor_version > 0) own_output() += "HTTP/1.1 100 Continue\r\n\r\n";
  http::body_parser::limits bounds;
  bounds.body = shared_.settings.body_limit;
  body_ = std::make_unique<http::body_parser>(head.body, bounds);
  pending_ = std::make_unique<answer>(std::move(ready));
  phase_ = phase::body;
  // An empty body is complete without a byte.
  take_body({});
}

std::size_t connection::take_body(std::string_view bytes) {
  const http::parse_result got = body_->parse(bytes, nullptr);
  if (got.state == http::parse_state::need_more) return got.consumed;
  body_.reset();
  answer ready = std::move(*pending_);
  pending_.reset();
  if (got.state == http::parse_state::refused) {
    refuse(got.status);
    return bytes.size();
  }
  phase_ = phase::reading;
  send(std::move(ready));
  return got.consumed;
}

std::string& connection::own_output() {
  if (common_) {
    output_ = unwritten();
    written_ = 0;
    common_.reset();
  }
  return output_;
}

void connection::send_whole(std::shared_ptr<const std::string> bytes) {
  in_request_ = false;
  since_ = shared_.now;
  if (has_output()) {
    own_output() += *bytes;
  } else {
    common_ = std::move(bytes);
  }
}

void connection::send(answer what) {
  if (what.whole) {
    send_whole(std::move(what.whole));
    return;
  }
  in_request_ = false;
  since_ = shared_.now;
  own_output() += what.head;
  output_ += what.text;
  if (what.file && what.file->in_memory) {
    output_.append(what.file->content, what.offset, what.length);
  } else if (what.file) {
    file_offset_ = what.offset;
    file_left_ = what.length;
    file_ = std::move(what.file);
  }
  if (what.close) {
    close_after_output_ = true;
    phase_ = phase::lingering;
  }
}

void connection::refuse(int status) { send(answer_error(status, shared_.date)); }

void connection::write_out() {
  has_more_to_write_ = false;
  std::size_t sent_this_turn = 0;
  while (has_output() && phase_ != phase::finished) {
    // A client that reads as fast as this writes would keep it here to the end of its file.
    if (sent_this_turn >= bytes_a_turn) {
      has_more_to_write_ = true;
      return;
    }
    const std::size_t sent = unwritten().empty() ? write_file() : write_memory();
    if (sent == 0) return;
    sent_this_turn += sent;
    since_ = shared_.now;
    if (!has_output()) after_output();
  }
}

// How many bytes; 0 when the socket takes no more for now.
std::size_t connection::write_memory() {
  const std::string_view bytes = unwritten();
  // The head of a file goes into one packet with its beginning.
  const int more = file_left_ > 0 ? MSG_MORE : 0;
  const ssize_t sent = retry_interrupted(
      [&] { return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | more); });
  if (sent < 0) {
    if (errno != EAGAIN) finish();
    return 0;
  }
  written_ += static_cast<std::size_t>(sent);
  return static_cast<std::size_t>(sent);
}

// How many bytes; 0 when the socket takes no more for now.
std::size_t connection::write_file() {
  auto offset = static_cast<off_t>(file_offset_);
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(file_left_, bytes_a_turn));
  const ssize_t sent = retry_interrupted(
      [&] { return ::sendfile(socket_.get(), file_->descriptor.get(), &offset, size); });
  if (sent < 0 && errno == EAGAIN) return 0;
  if (sent <= 0) {
    // The file shrank under the answer: its length was promised, so the connection must end.
    finish();
    return 0;
  }
  file_offset_ += static_cast<std::uint64_t>(sent);
  file_left_ -= static_cast<std::uint64_t>(sent);
  return static_cast<std::size_t>(sent);
}

void connection::after_output() {
  common_.reset();
  std::string().swap(output_);
  written_ = 0;
  file_.reset();
  since_ = shared_.now;
  if (close_after_output_ || peer_is_done_) {
    if (peer_is_done_) {
      finish();
      return;
    }
    ::shutdown(socket_.get(), SHUT_WR);
    phase_ = phase::lingering;
    return;
  }
  // Requests that came while the answer waited.
  if (!input_.empty()) {
    const std::string all = std::move(input_);
    input_.clear();
    take(all);
  }
}

void connection::check_time() {
  const auto waited = shared_.now - since_;
  const options& settings = shared_.settings;
  if (has_output()) {
    if (waited > settings.write_timeout) finish();
  } else if (phase_ == phase::lingering) {
    if (waited > linger_time) finish();
  } else if (in_request_) {
    if (waited <= settings.header_timeout) return;
    refuse(408);
    body_.reset();
    pending_.reset();
    std::string().swap(input_);
    write_out();
  } else if (waited > settings.idle_timeout) {
    finish();
  }
}

void connection::stop_after_answer() {
  if (is_idle() || (phase_ == phase::reading && !has_output())) {
    finish();
    return;
  }
  close_after_output_ = true;
}

}  // namespace ref::server
